import SQL
import SQLite
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+ReservedNumbers", .only(.sqlite, "a server gives no number again"))
struct StoreReservedNumbersTests {
  /// The rows of the table as the application sees them.
  private func table(_ site: Site) throws -> [String] {
    try site.store.rows("SELECT id, email, admin, confirmed FROM main.users ORDER BY id") { row in
      "\(row.integer(0)) \(row.text(1)) \(row.integer(2)) \(row.integer(3))"
    }
  }

  private func delete(_ email: String, in site: Site) throws {
    _ = try DeleteAccount.perform(
      email, reason: "left", force: true, in: site.store, at: site.now, by: Site.actor)
  }

  private func prune(_ site: Site) throws {
    let prune = Prune(
      olderThan: .seconds(86_400), at: site.now, maximum: 10, includesNeverMailed: true,
      try site.configuration())
    try site.store.execute("UPDATE regctl_outbox SET state = 'sent', finished_at = queued_at")
    _ = try prune.perform(
      prune.survey(site.store), in: site.store, at: site.now, by: Site.actor)
  }

  @Test func `the greatest number of a deleted account stays reserved by an emptied row`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.createAdministrator("bob@example.org")
    try delete("bob@example.org", in: site)
    #expect(try table(site) == ["1 ann@example.org 0 0", "2 deleted-2@invalid 0 0"])
  }

  @Test func `a number below the greatest is not reserved`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    try delete("ann@example.org", in: site)
    #expect(try table(site) == ["2 bob@example.org 0 0"])
  }

  @Test func `the next account gets a new number, and the reserved row goes`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try delete("ann@example.org", in: site)
    #expect(try site.register("bob@example.org").id == AccountID(rawValue: 2))
    #expect(try table(site) == ["2 bob@example.org 0 0"])
  }

  @Test func `a row that an account of the application outnumbers goes at the next deletion`()
    throws
  {
    let site = try Site()
    try site.register("ann@example.org")
    try delete("ann@example.org", in: site)
    try site.store.execute(
      "INSERT INTO main.users VALUES (NULL, 'bob@example.org', 'x', '2026-01-01', 0, 0, NULL, NULL)"
    )
    try delete("bob@example.org", in: site)
    #expect(try table(site) == ["2 deleted-2@invalid 0 0"])
  }

  @Test func `prune reserves the greatest number that it frees`() throws {
    let site = try Site()
    for name in ["ann", "bob", "carol"] { try site.register("\(name)@example.org") }
    site.now = site.now + .seconds(172_800)
    try prune(site)
    #expect(try table(site) == ["3 deleted-3@invalid 0 0"])
  }

  @Test func `an account that comes back has its number again`() throws {
    let site = try Site()
    for name in ["ann", "bob"] { try site.register("\(name)@example.org") }
    site.now = site.now + .seconds(172_800)
    try prune(site)
    let reversal = try PruneReversal(of: 1, at: site.now, by: Site.actor)
    _ = try reversal.next(atMost: 10, in: site.store)
    #expect(try table(site) == ["1 ann@example.org 0 0", "2 bob@example.org 0 0"])
  }

  @Test func `nothing that regctl reads has a reserved row`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try delete("ann@example.org", in: site)
    for access in [Store.Access.reading, .strictlyReadOnly, .writing] {
      let store = try Store.open(.file(site.path), for: access, busyTimeout: .zero)
      #expect(try store.accountCount() == 0)
      #expect(try store.account(AccountID(rawValue: 1)) == nil)
      #expect(try store.accountIfAny("deleted-1@invalid") == nil)
    }
    #expect(try site.store.accountCount() == 0)
  }

  @Test func `a connection that was open before does not change a reserved row`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let other = try Store.open(.file(site.path), for: .writing, busyTimeout: .zero)
    try delete("ann@example.org", in: site)
    let count = try other.transaction { () throws(RegctlError) in try other.accountCount() }
    #expect(count == 0)
  }

  @Test func `an account of the application with such an address is an account`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'deleted-2@invalid', 'x', '2026-01-01', 0, 0, NULL);
        INSERT INTO users VALUES (3, 'deleted-3@invalid', 'x', '2026-01-01', 0, 1, NULL);
        INSERT INTO users VALUES (4, 'deleted-4@invalid', 'x', '2026-01-01', 1, 0, NULL)
        """)
    #expect(try site.store.accountCount() == 3)
    try site.register("ann@example.org")
    #expect(try table(site).count == 4)
  }

  @Test func `an imported account does not get a reserved number`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try delete("ann@example.org", in: site)
    let account = ImportedAccount(
      id: AccountID(rawValue: 1), email: "eve@example.org", passwordHash: .unusable,
      registeredOn: nil, isAdmin: false, isConfirmed: false, confirmedOn: nil)
    let decision = try site.store.transaction { () throws(RegctlError) in
      try site.store.add(
        account, site.store.applicationColumns(), addressesAreUnique: true, at: site.now)
    }
    #expect(decision == .numberTaken(AccountID(rawValue: 1), by: "deleted-1@invalid"))
  }

  @Test func `a table that never gives a number out again needs no row`() throws {
    let site = try Site()
    try site.store.execute(
      """
      DROP TABLE main.users;
      CREATE TABLE main.users (id INTEGER PRIMARY KEY AUTOINCREMENT, email VARCHAR NOT NULL UNIQUE,
        password VARCHAR NOT NULL, registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL,
        confirmed BOOLEAN NOT NULL, confirmed_on DATETIME)
      """)
    try site.register("ann@example.org")
    try delete("ann@example.org", in: site)
    #expect(try table(site) == [])
    #expect(try site.register("bob@example.org").id == AccountID(rawValue: 2))
  }

  @Test func `the application's own columns are filled where they must be`() throws {
    let site = try Site()
    try site.store.execute(
      """
      CREATE TABLE roles (id INTEGER PRIMARY KEY);
      INSERT INTO roles VALUES (7);
      ALTER TABLE main.users RENAME TO old_users;
      DROP TABLE old_users;
      CREATE TABLE main.users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
        password VARCHAR NOT NULL, registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL,
        confirmed BOOLEAN NOT NULL, confirmed_on DATETIME, name VARCHAR(20) NOT NULL UNIQUE,
        phone VARCHAR, role INTEGER NOT NULL REFERENCES roles(id), score INTEGER NOT NULL,
        born DATE NOT NULL, seen DATETIME NOT NULL, "on ""hold" BOOLEAN NOT NULL,
        lang VARCHAR NOT NULL DEFAULT 'en');
      INSERT INTO main.users VALUES (5, 'ann@example.org', 'x', '2026-01-01', 0, 0, NULL, 'Ann',
        '555', 7, 99, '1980-05-05', '2026-02-02', 1, 'de')
      """)
    try delete("ann@example.org", in: site)
    let row = try site.store.first(
      """
      SELECT name, phone, role, score, born, seen, "on ""hold", lang FROM main.users WHERE id = 5
      """
    ) { row in (0..<8).map { row.value(Int32($0)) } }
    #expect(
      row == [
        .text("deleted-5"), .null, .integer(7), .integer(5), .text("1970-01-01"),
        .text("1970-01-01 00:00:00.000000"), .integer(0), .text("en"),
      ])
  }

  @Test func `where the table refuses such a row the account stays`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.execute(
      """
      CREATE TRIGGER no_reserved BEFORE INSERT ON users WHEN new.email LIKE '%@invalid'
      BEGIN SELECT raise(ABORT, 'no such domain'); END
      """)
    #expect(throws: RegctlError.store(.constraint(detail: "no such domain"))) {
      try delete("ann@example.org", in: site)
    }
    #expect(try table(site) == ["1 ann@example.org 0 0"])
  }
}

@Suite("Store+ReservedNumbers on a server", .only(.postgresql, "a file has no sequence"))
struct StoreNumbersOnServerTests {
  private let site: Site

  init() throws { site = try Site() }

  private func account(_ email: String, id: Int64?) -> ImportedAccount {
    ImportedAccount(
      id: id.map(AccountID.init(rawValue:)), email: email, passwordHash: .unusable,
      registeredOn: nil, isAdmin: false, isConfirmed: false, confirmedOn: nil)
  }

  private func numbers() throws -> [Int64] {
    try site.store.rows("SELECT id FROM users ORDER BY id") { $0.integer(0) }
  }

  @Test func `the number of a deleted account is not given again, and nothing is left of it`()
    throws
  {
    try site.register("ann@example.org")
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: true, in: site.store, at: site.now, by: Site.actor)
    #expect(try numbers() == [])
    #expect(try site.register("bob@example.org").id == AccountID(rawValue: 2))
    #expect(try numbers() == [2])
  }

  @Test func `after an account that brought its number a greater one is given`() throws {
    try site.store.giveNumbers(past: AccountID(rawValue: 41))
    #expect(try site.register("ann@example.org").id == AccountID(rawValue: 42))
    try site.store.giveNumbers(past: AccountID(rawValue: 7))
    #expect(try site.register("bob@example.org").id == AccountID(rawValue: 43))
  }

  @Test func `a sequence behind the numbers is named when it gives one again`() throws {
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    #expect(try site.store.lateSequence() == nil)
    try site.store.execute(
      "UPDATE users SET id = 3 WHERE id = 1; UPDATE users SET id = 9 WHERE id = 2")
    let late = LateSequence(name: "users_id_seq", greatest: 9)
    #expect(try site.store.lateSequence() == late)
    #expect(throws: RegctlError.store(.lateSequence(late))) {
      try site.register("eve@example.org")
    }
    try site.giveNumbersFrom(10)
    #expect(try site.store.lateSequence() == nil)
    #expect(try site.register("eve@example.org").id == AccountID(rawValue: 10))
  }

  @Test func `an identity column gives numbers, and takes those of a file`() throws {
    try site.store.execute(
      Statement(
        postgreSQL: """
          ALTER TABLE users ALTER id DROP DEFAULT;
          DROP SEQUENCE users_id_seq;
          ALTER TABLE users ALTER id ADD GENERATED ALWAYS AS IDENTITY
          """))
    #expect(try site.register("ann@example.org").id == AccountID(rawValue: 1))
    let decisions = try site.store.transaction { () throws(RegctlError) in
      try site.store.add(
        [account("bob@example.org", id: 9), account("eve@example.org", id: nil)],
        site.store.applicationColumns(), addressesAreUnique: true, at: site.now)
    }
    #expect(decisions == [9, 10].map { .imported(AccountID(rawValue: $0)) })
    #expect(try site.register("kim@example.org").id == AccountID(rawValue: 11))
  }

  @Test func `a table that gives numbers without a sequence is left alone`() throws {
    try site.store.execute(
      Statement(postgreSQL: "ALTER TABLE users ALTER id DROP DEFAULT; DROP SEQUENCE users_id_seq"))
    try site.store.giveNumbers(past: AccountID(rawValue: 9))
  }
}
