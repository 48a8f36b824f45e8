import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("LockAccounts") struct LockAccountsTests {
  private func lock(_ word: String, force: Bool = false, in site: Site) throws
    -> LockAccounts.LockResult
  {
    try LockAccounts.lock(
      LockTarget(word), reason: "spam", force: force, in: site.store, at: site.now, by: Site.actor)
  }

  private func unlock(_ word: String, in site: Site) throws -> LockAccounts.LockResult {
    try LockAccounts.unlock(
      LockTarget(word), in: site.store, at: site.now, by: Site.actor)
  }

  private func storedPassword(_ id: AccountID, in site: Site) throws -> String? {
    try site.store.first("SELECT password FROM users WHERE id = $1", .integer(id.rawValue)) {
      $0.text(0)
    }
  }

  private func setStoredPassword(_ id: AccountID, _ hash: String, in site: Site) throws {
    try site.store.run(
      "UPDATE {table} SET password = $1 WHERE id = $2", .text(hash), .integer(id.rawValue))
  }

  private static let hash = "$2b$04$abcdefghijklmnopqrstuuJ8pcLOeJkZ5AZDqCTVEFzXUhfTZzm3K"
  private static let newHash = "$2b$04$abcdefghijklmnopqrstuuQ8pcLOeJkZ5AZDqCTVEFzXUhfTZzm3K"

  /// A site with Ann, who has a password, and two accounts at spam.example.
  private func site() throws -> (site: Site, ann: AccountID) {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try setStoredPassword(ann.id, Self.hash, in: site)
    try site.register("eve1@spam.example")
    try site.register("eve2@SPAM.example")
    try site.register("bob@sub.spam.example")
    return (site, ann.id)
  }

  @Test func `the password is unusable while the account is locked, and then as it was`() throws {
    let (site, ann) = try site()
    #expect(try lock("ANN@example.org", in: site).isNew)
    #expect(try storedPassword(ann, in: site) != Self.hash)
    #expect(try site.store.passwordHash(of: ann) == PasswordHash(stored: Self.hash))
    #expect(try site.store.account("ann@example.org").isLocked)
    #expect(try unlock("ann@example.org", in: site).isNew)
    #expect(try storedPassword(ann, in: site) == Self.hash)
    #expect(try !site.store.account("ann@example.org").isLocked)
    #expect(try site.acts(on: "ann@example.org") == [.register, .lock, .unlock])
    #expect(
      try site.store.rows("SELECT account_id FROM regctl_locked_passwords") { $0.integer(0) } == [])
  }

  @Test func `a password that regctl sets meanwhile takes effect with the unlock`() throws {
    let (site, ann) = try site()
    _ = try lock("ann@example.org", in: site)
    let placeholder = try storedPassword(ann, in: site)
    _ = try SetPassword.perform(
      "ann@example.org", PasswordHash(stored: Self.newHash), in: site.store, at: site.now,
      by: Site.actor)
    #expect(try storedPassword(ann, in: site) == placeholder)
    _ = try unlock("ann@example.org", in: site)
    #expect(try storedPassword(ann, in: site) == Self.newHash)
  }

  @Test func `a password that the application sets meanwhile is kept`() throws {
    let (site, ann) = try site()
    _ = try lock("ann@example.org", in: site)
    try setStoredPassword(ann, Self.newHash, in: site)
    _ = try unlock("ann@example.org", in: site)
    #expect(try storedPassword(ann, in: site) == Self.newHash)
  }

  @Test func `an account without a password still has none`() throws {
    let (site, _) = try site()
    let eve = try site.store.account("eve1@spam.example").id
    _ = try lock("eve1@spam.example", in: site)
    _ = try unlock("eve1@spam.example", in: site)
    #expect(try site.store.passwordHash(of: eve) == .unusable)
  }

  @Test func `queued mails are cancelled, and links are refused`() throws {
    let (site, _) = try site()
    let link = try site.token("ann@example.org")
    _ = try lock("ann@example.org", in: site)
    let lock = try #require(try site.store.lock(of: site.store.account("ann@example.org")))
    #expect(throws: RegctlError.account(.locked("ann@example.org", lock))) {
      try Confirm.byToken(
        link, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
    }
    #expect(throws: RegctlError.account(.locked("ann@example.org", lock))) {
      try site.confirmByHand("ann@example.org")
    }
    let ann = try site.store.account("ann@example.org").id
    #expect(try site.store.mails(of: ann).map(\.state) == [.cancelled])
    #expect(try site.store.mails(of: ann).map(\.lastReply) == ["the account was locked"])
  }

  @Test(
    arguments: [
      "UPDATE regctl_outbox SET state = 'held', next_attempt_at = NULL",
      "UPDATE regctl_outbox SET template = 'reminder'",
    ] as [Statement])
  func `a held mail and a reminder are cancelled too`(_ change: Statement) throws {
    let (site, _) = try site()
    try site.store.execute(change)
    _ = try lock("ann@example.org", in: site)
    let ann = try site.store.account("ann@example.org").id
    #expect(try site.store.mails(of: ann).map(\.state) == [.cancelled])
  }

  @Test func `a domain is locked with its accounts, in any case, and without its subdomains`()
    throws
  {
    let (site, _) = try site()
    let done = try lock("@Spam.Example", in: site)
    #expect((done.domain, done.accounts, done.isNew) == ("spam.example", 2, true))
    #expect(try site.store.account("eve2@SPAM.example").isLocked)
    #expect(try !site.store.account("bob@sub.spam.example").isLocked)
    let lock = try #require(try site.store.lock(ofDomainOf: "eve3@spam.example"))
    #expect(throws: RegctlError.account(.locked("eve3@spam.example", lock))) {
      try site.register("eve3@spam.example")
    }
    #expect(throws: RegctlError.account(.locked("eve1@spam.example", lock))) {
      try unlock("eve1@spam.example", in: site)
    }
  }

  @Test func `accounts that the application registered since are locked with the domain again`()
    throws
  {
    let (site, _) = try site()
    _ = try lock("@spam.example", in: site)
    try site.store.execute(
      """
      INSERT INTO {table} (email, password, registered_on, admin, confirmed)
      VALUES ('eve3@spam.example', 'x', '2026-01-01', FALSE, FALSE)
      """)
    let eve = try site.store.account("eve3@spam.example")
    #expect(eve.isLocked)
    let again = try lock("@spam.example", in: site)
    #expect((again.accounts, again.isNew) == (1, false))
    #expect(try lock("@spam.example", in: site).accounts == 0)
    #expect(try unlock("@spam.example", in: site).accounts == 3)
    #expect(try storedPassword(eve.id, in: site) == "x")
  }

  @Test func `an account that was locked itself stays so when its domain is unlocked`() throws {
    let (site, _) = try site()
    _ = try lock("eve1@spam.example", in: site)
    _ = try lock("@spam.example", in: site)
    #expect(try unlock("@spam.example", in: site).accounts == 1)
    #expect(try site.store.account("eve1@spam.example").isLocked)
    #expect(try !site.store.account("eve2@spam.example").isLocked)
    #expect(try unlock("eve1@spam.example", in: site).accounts == 1)
    #expect(try !unlock("eve1@spam.example", in: site).isNew)
  }

  @Test func `a deleted account comes back locked, with its password`() throws {
    let (site, ann) = try site()
    _ = try lock("ann@example.org", in: site)
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: false, in: site.store, at: site.now,
      by: Site.actor)
    _ = try UndeleteAccount.perform(
      .id(ann), newID: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try site.store.account("ann@example.org").isLocked)
    _ = try unlock("ann@example.org", in: site)
    #expect(try storedPassword(ann, in: site) == Self.hash)
  }

  @Test func `a deleted account gets its password back if its domain is unlocked meanwhile`() throws
  {
    let (site, ann) = try site()
    _ = try lock("@example.org", in: site)
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: false, in: site.store, at: site.now,
      by: Site.actor)
    _ = try unlock("@example.org", in: site)
    _ = try UndeleteAccount.perform(
      .email("ann@example.org"), newID: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try storedPassword(ann, in: site) == Self.hash)
    #expect(try !site.store.withholdsPassword(of: ann))
  }

  @Test func `the last administrator is not locked unless forced`() throws {
    let (site, _) = try site()
    try site.createAdministrator("root@example.org")
    try site.createAdministrator("ada@spam.example")
    _ = try lock("root@example.org", in: site)
    #expect(throws: RegctlError.account(.lastAdministrator(email: "ada@spam.example"))) {
      try lock("@spam.example", in: site)
    }
    #expect(try lock("@spam.example", force: true, in: site).accounts == 3)
  }
}
