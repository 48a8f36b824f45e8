import Testing

@testable import RegctlCore

@Suite("AuditEntry") struct AuditEntryTests {
  private func entry(_ act: AuditEntry.Act, reason: String?) -> AuditEntry {
    AuditEntry(
      act: act, at: Instant(seconds: 0), actor: Actor(name: "tester", uid: 1000),
      newEmail: "new@x.org", detail: "detail", reason: reason)
  }

  @Test func `its words are those of regctl, and then those of the operator`() {
    #expect(entry(.undelete, reason: "mine").facts == "to new@x.org: detail")
    #expect(entry(.undelete, reason: "mine").words == "to new@x.org: detail: mine")
    #expect(entry(.undelete, reason: nil).words == "to new@x.org: detail")
    let bare = AuditEntry(act: .register, at: Instant(seconds: 0), actor: Site.actor)
    #expect(bare.facts == nil)
    #expect(bare.words == nil)
  }

  @Test func `a request of another address changes none`() {
    let acts = AuditEntry.Act.allCases.filter { entry($0, reason: nil).changesEmail }
    #expect(acts == [.changeEmail, .confirmEmailChange])
  }
}
