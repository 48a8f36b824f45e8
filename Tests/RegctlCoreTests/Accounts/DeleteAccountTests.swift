import SQL
import Testing

@testable import RegctlCore

@Suite("DeleteAccount") struct DeleteAccountTests {
  private func delete(_ email: String, force: Bool = false, in site: Site) throws {
    _ = try DeleteAccount.perform(
      email, reason: "left", force: force, in: site.store, at: site.now, by: Site.actor)
  }

  @Test func `links and changes of the account are voided, and its mails cancelled`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    let link = try site.token("ann@example.org", purpose: .changeEmail)
    try delete("ann@example.org", in: site)
    #expect(throws: RegctlError.account(.notFound("ann@post.example"))) {
      try Confirm.byToken(
        link, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
    }
    let gone = AccountID(rawValue: -ann.id.rawValue)
    #expect(try site.store.voidedEmailChanges(of: gone).map(\.newEmail) == ["ann@post.example"])
    let mails = try site.store.mails(of: gone)
    #expect(mails.map(\.state) == [.cancelled, .cancelled, .cancelled])
    #expect(Set(mails.map(\.lastReply)) == ["the account was deleted"])
  }

  @Test func `the last administrator is kept, unless forced`() throws {
    let site = try Site()
    try site.createAdministrator("root@example.org")
    #expect(throws: RegctlError.account(.lastAdministrator(email: "root@example.org"))) {
      try delete("root@example.org", in: site)
    }
    try delete("root@example.org", force: true, in: site)
    #expect(try site.store.accountCount() == 0)
  }
}
