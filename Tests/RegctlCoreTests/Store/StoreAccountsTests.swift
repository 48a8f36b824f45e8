import SQL
import Testing

@testable import RegctlCore

@Suite("Store+Accounts") struct StoreAccountsTests {
  @Test func `an account is stored in the bytes of the application`() throws {
    let site = try Site()
    site.now = site.now + .microseconds(42)
    try site.register("Ann@Example.ORG")
    try site.createAdministrator("bob@example.org")
    let rows = try site.store.rows(
      """
      SELECT id, email, registered_on, admin, confirmed, confirmed_on, password_reset_token FROM users
      ORDER BY id
      """
    ) { row in
      (0..<7).map { row.optionalText($0) ?? "NULL" }.joined(separator: "|")
    }
    #expect(
      rows == [
        "1|Ann@example.org|2026-11-23 09:00:00.000042|0|0|NULL|NULL",
        "2|bob@example.org|2026-11-23 09:00:00.000042|1|1|2026-11-23 09:00:00.000042|NULL",
      ])
  }

  @Test(arguments: ["ann@example.org", "ANN@EXAMPLE.ORG", "Ann@Example.org"])
  func `an account is found in any case`(_ email: String) throws {
    let site = try Site()
    try site.register("Ann@example.org")
    #expect(try site.store.account(email).email == "Ann@example.org")
  }

  @Test(arguments: [
    "ann@example.com", "a.nn@example.org", "ann+x@example.org", "", "%", "ann@example.org ",
    "Änn@example.org",
  ])
  func `nothing else is folded`(_ email: String) throws {
    let site = try Site()
    try site.register("ann@example.org")
    #expect(try site.store.accountIfAny(email) == nil)
    #expect(throws: RegctlError.account(.notFound(email))) { try site.store.account(email) }
  }

  @Test(arguments: ["ann@bücher.example", "ann@xn--bcher-kva.example"])
  func `an account is found by either spelling of its domain`(_ stored: String) throws {
    let site = try Site()
    try site.register(stored)
    for email in ["ANN@bücher.example", "ann@BÜCHER.example", "ann@XN--BCHER-KVA.example"] {
      #expect(try site.store.account(email).email == stored)
      #expect(
        throws: RegctlError.account(.alreadyRegistered(email: stored, isConfirmed: false))
      ) { try site.register(email) }
    }
    #expect(throws: RegctlError.account(.notFound("ann@bucher.example"))) {
      try site.store.account("ann@bucher.example")
    }
  }

  @Test func `of two accounts with the spellings of an address, each is found as it is stored`()
    throws
  {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'ann@bücher.example', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'ann@xn--bcher-kva.example', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
    #expect(try site.store.account("ann@bücher.example").id.rawValue == 1)
    #expect(try site.store.account("ann@xn--bcher-kva.example").id.rawValue == 2)
    #expect(throws: RegctlError.account(.ambiguous("ann@BÜCHER.example", count: 2))) {
      try site.store.account("ann@BÜCHER.example")
    }
  }

  @Test func `the deletion of an account is known by either spelling`() throws {
    let site = try Site()
    let ann = try site.register("ann@bücher.example")
    _ = try DeleteAccount.perform(
      ann.email, reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    for email in ["ann@bücher.example", "ann@xn--bcher-kva.example"] {
      #expect(try site.store.lastDeletion(of: email) == site.now.seconds)
    }
  }

  private func duplicates() throws -> Site {
    try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'eve@example.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'Eve@example.org', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
  }

  @Test(arguments: [("eve@example.org", 1), ("Eve@example.org", 2)] as [(String, Int64)])
  func `among accounts that differ in case, an exact match wins`(_ email: String, id: Int64) throws
  {
    let site = try duplicates()
    #expect(try site.store.account(email).id.rawValue == id)
  }

  @Test func `without an exact match no account is guessed`() throws {
    let site = try duplicates()
    #expect(throws: RegctlError.account(.ambiguous("EVE@example.org", count: 2))) {
      try site.store.account("EVE@example.org")
    }
  }

  @Test func `an account is found by its number`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    #expect(try site.store.account(ann.id) == ann)
    #expect(try site.store.account(AccountID(rawValue: 99)) == nil)
  }

  @Test func `an invalid date is not an instant`() throws {
    let site = try Site(
      adopting: Statement(
        sqlite: "INSERT INTO users VALUES (1, 'a@b.cd', '!', 'yesterday', FALSE, TRUE, 'today')",
        postgreSQL: """
          INSERT INTO users VALUES (1, 'a@b.cd', '!', '-infinity', FALSE, TRUE, '10000-01-01')
          """))
    let account = try site.store.account("a@b.cd")
    #expect(account.registeredOn == nil)
    #expect(account.confirmedOn == nil)
  }

  @Test func `a confirmed account is not confirmed again`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.store.confirm(ann.id, at: site.now)
    #expect(throws: RegctlError.store(.ignored(table: "users", triggers: []))) {
      try site.store.confirm(ann.id, at: site.now + .seconds(60))
    }
    #expect(try site.store.account(ann.id)?.confirmedOn == .moment(site.now))
  }

  @Test func `what regctl stores is deleted with the account`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.store.revokeTokens(of: ann.id, at: Instant(seconds: 6))
    #expect(
      try site.store.sideRecord(of: ann.id)
        == AccountSideRecord(registeredAt: site.now.seconds, notBefore: 7))
    try site.store.execute("DELETE FROM users")
    #expect(
      try site.store.sideRecord(of: ann.id) == AccountSideRecord(registeredAt: nil, notBefore: nil))
  }

  @Test func `nothing is stored about an account of the application`() throws {
    let site = try Site(
      adopting:
        "INSERT INTO users VALUES (1, 'a@b.cd', '!', '2026-01-01 00:00:00', FALSE, FALSE, NULL)")
    let id = try site.store.account("a@b.cd").id
    #expect(
      try site.store.sideRecord(of: id) == AccountSideRecord(registeredAt: nil, notBefore: nil))
    try site.store.revokeTokens(of: id, at: Instant(seconds: 4))
    #expect(try site.store.sideRecord(of: id).notBefore == 5)
  }

  @Test func `administrators are listed by address`() throws {
    let site = try Site()
    for email in ["b@x.org", "a@x.org", "c@x.org"] { try site.createAdministrator(email) }
    try site.register("d@x.org")
    #expect(try site.store.administrators().map(\.email) == ["a@x.org", "b@x.org", "c@x.org"])
  }

  @Test func `an unknown account has an unusable password`() throws {
    let site = try Site()
    #expect(try site.store.passwordHash(of: AccountID(rawValue: 1)) == .unusable)
  }
}
