import Testing

@testable import RegctlCore

@Suite("FormerAddresses") struct FormerAddressesTests {
  private func entry(
    _ act: AuditEntry.Act, _ email: String, _ newEmail: String? = nil
  ) -> AuditEntry {
    AuditEntry(
      act: act, at: Instant(seconds: 0), actor: Actor(name: "tester", uid: 1000),
      account: AccountID(rawValue: -1), email: email, newEmail: newEmail)
  }

  @Test func `without changes there is one address, in any case`() {
    let addresses = FormerAddresses(of: ["Ann@x.org"], in: [entry(.register, "bob@x.org")])
    #expect(addresses.all == ["ann@x.org"])
    #expect(addresses.contains("ANN@X.ORG"))
    #expect(!addresses.contains("bob@x.org"))
  }

  @Test(arguments: ["a@x.org", "B@x.org", "c@x.org"])
  func `changes are followed from each of the addresses`(_ email: String) {
    let addresses = FormerAddresses(
      of: [email],
      in: [
        entry(.changeEmail, "a@x.org", "b@x.org"),
        entry(.confirmEmailChange, "b@x.org", "C@x.org"),
        entry(.changeEmail, "d@x.org", "e@x.org"),
      ])
    #expect(addresses.all == ["a@x.org", "b@x.org", "c@x.org"])
  }

  @Test func `a request is no change`() {
    let request = entry(.requestEmailChange, "a@x.org", "b@x.org")
    #expect(FormerAddresses(of: ["a@x.org"], in: [request]).all == ["a@x.org"])
  }

  @Test func `a circle ends`() {
    let entries = [
      entry(.changeEmail, "a@x.org", "b@x.org"), entry(.changeEmail, "b@x.org", "a@x.org"),
    ]
    #expect(FormerAddresses(of: ["a@x.org"], in: entries).all == ["a@x.org", "b@x.org"])
  }
}
