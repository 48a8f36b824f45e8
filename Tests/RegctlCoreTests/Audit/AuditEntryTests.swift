import Testing

@testable import RegctlCore

@Suite("AuditEntry") struct AuditEntryTests {
  @Test(
    arguments: [
      (AuditEntry.Act.changeEmail, "to new@x.org", "new@x.org"),
      (.confirmEmailChange, "to new@x.org", "new@x.org"),
      (.changeEmail, "to new@x.org: ticket: 4713", "new@x.org"),
      (.changeEmail, "to jürgen@x.org: moved", "jürgen@x.org"),
      (.requestEmailChange, "to new@x.org", nil), (.delete, "to new@x.org", nil),
      (.changeEmail, "new@x.org", nil), (.changeEmail, nil, nil),
    ] as [(AuditEntry.Act, String?, String?)])
  func `a change of address names the new one`(
    _ act: AuditEntry.Act, reason: String?, email: String?
  ) {
    let entry = AuditEntry(
      act: act, at: Instant(seconds: 0), actor: Actor(name: "tester", uid: 1000), reason: reason)
    #expect(entry.newEmail == email)
  }
}
