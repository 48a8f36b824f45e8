import Glibc
import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Schema") struct StoreSchemaTests {
  private let place: EmptyDatabase
  private var path: String { place.path }

  init() throws { place = try EmptyDatabase() }

  // MARK: Creating

  @Test(
    .only(.sqlite, "a server has no journal modes"),
    arguments: [(JournalMode.wal, "wal"), (.truncate, "delete")])
  func `a new database has the requested journal mode`(_ mode: JournalMode, kept: String) throws {
    try place.create(mode)
    let found = try place.open().first("PRAGMA journal_mode") { $0.text(0) }
    // Only `wal` is a property of the file: the next connection reads `truncate` as `delete`.
    #expect(found == kept)
  }

  @Test(.only(.sqlite, "concerns files"))
  func `a new database is one private file`() throws {
    let old = umask(0o077)
    defer { umask(old) }
    try place.create()
    #expect(try FileSystem.names(in: place.directory.path) == ["regctl.db"])
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
  }

  @Test(.only(.sqlite, "concerns files"))
  func `a file that exists is not replaced`() throws {
    try place.directory.write("regctl.db", "x")
    #expect(throws: RegctlError.store(.exists(path: path))) { try place.create() }
    #expect(try place.content() == "x")
  }

  @Test(.only(.sqlite, "concerns files"))
  func `the directory of a database is created`() throws {
    let deep = "\(place.directory.path)/a/b/regctl.db"
    try Store.create(.file(deep), journalMode: .wal, at: Site.start, by: Site.actor)
    #expect(try FileSystem.status(of: deep) != nil)
  }

  @Test func `the creation of a database is recorded`() throws {
    try place.create()
    let entry = try place.open().first("SELECT act, actor, uid, at FROM regctl_audit") {
      "\($0.text(0)) \($0.text(1)) \($0.integer(2)) \($0.integer(3))"
    }
    #expect(entry == "create-db tester 1000 1795424400")
  }

  @Test(.only(.sqlite, "in words of SQLite; the Flask application compares the table on a server"))
  func `the application's table is exactly the original's`() throws {
    try place.create()
    let columns = try place.open().rows("PRAGMA table_info(users)") { row in
      "\(row.text(1)) \(row.text(2)) \(row.integer(3)) \(row.integer(5))"
    }
    #expect(
      columns == [
        "id INTEGER 0 1", "email VARCHAR 1 0", "password VARCHAR 1 0", "registered_on DATETIME 1 0",
        "admin BOOLEAN 1 0", "confirmed BOOLEAN 1 0", "confirmed_on DATETIME 0 0",
        "password_reset_token VARCHAR 0 0",
      ])
  }

  @Test func `a new database has one account per address, ignoring case`() throws {
    try place.create()
    try place.execute(
      "INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL, NULL)"
    )
    #expect(throws: DatabaseError.self) {
      try place.execute(
        """
        INSERT INTO users
        VALUES (2, 'ANN@example.org', '!', '2026-01-01', FALSE, FALSE, NULL, NULL)
        """)
    }
  }

  // MARK: Migrating

  private func makeApplication() throws {
    try place.makeApplication(
      rows: """
        INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'Eve@example.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (3, 'eve@example.org', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
  }

  @Test func `a dry run reports all changes and changes nothing`() throws {
    try makeApplication()
    let before = try place.content()
    let planned = try place.migrate(dryRun: true)
    #expect(planned.isDryRun)
    #expect(planned.steps.count > 20)
    #expect(try place.content() == before)
    #expect(try place.migrate().steps == planned.steps)
  }

  @Test(.only(.sqlite, "concerns files"))
  func `a dry run changes no byte`() throws {
    try makeApplication()
    let before = try FileSystem.read(path, atMost: 10_000_000)
    try place.migrate(dryRun: true)
    #expect(try FileSystem.read(path, atMost: 10_000_000) == before)
    #expect(try FileSystem.names(in: place.directory.path) == ["regctl.db"])
  }

  @Test(.only(.sqlite, "a server has no journal modes"))
  func `an application's database is adopted in its own journal mode`() throws {
    try makeApplication()
    try place.migrate()
    let mode = try place.open().first("PRAGMA journal_mode") { $0.text(0) }
    #expect(mode == "delete")
  }

  @Test func `an application's database had no version`() throws {
    try makeApplication()
    let report = try place.migrate()
    #expect(report.from == nil)
    #expect(report.to == Schema.version)
  }

  @Test func `migrating adds only objects named regctl`() throws {
    try makeApplication()
    let before = try place.connect().definitions()
    try place.migrate()
    let added = Set(try place.connect().definitions()).subtracting(before)
    #expect(added.count > 20)
    #expect(added.allSatisfy { $0.contains("regctl_") })
    #expect(Set(before).isSubset(of: try place.connect().definitions()))
  }

  @Test func `migrating twice changes nothing the second time`() throws {
    try makeApplication()
    try place.migrate()
    let again = try place.migrate()
    #expect(again.isUpToDate)
    #expect(again.steps.isEmpty)
    #expect(again.from == Schema.version)
  }

  @Test func `addresses that differ only in case are reported`() throws {
    try makeApplication()
    #expect(try place.migrate().duplicates == ["Eve@example.org, eve@example.org"])
  }

  @Test func `duplicates prevent a unique index, and nothing is changed`() throws {
    try makeApplication()
    let before = try place.content()
    #expect(
      throws: RegctlError.store(.duplicateAddresses(["Eve@example.org, eve@example.org"]))
    ) { try place.migrate(uniqueEmail: true) }
    #expect(try place.content() == before)
  }

  @Test func `a plain index is replaced by a unique one`() throws {
    try makeApplication()
    try place.migrate()
    try place.execute("DELETE FROM users WHERE id = 3")
    let report = try place.migrate(uniqueEmail: true)
    #expect(report.steps == [Schema.uniqueEmail.summary])
    #expect(try place.migrate(uniqueEmail: true).steps.isEmpty)
    #expect(throws: DatabaseError.self) {
      try place.execute(
        "INSERT INTO users VALUES (4, 'ANN@example.org', '!', '2026-01-01', FALSE, FALSE, NULL)")
    }
  }

  @Test func `a database of regctl's own is up to date`() throws {
    try place.create()
    #expect(try place.migrate(uniqueEmail: true).steps.isEmpty)
  }

  @Test func `an adopted database has every index of a new one`() throws {
    try makeApplication()
    try place.execute("DELETE FROM users WHERE id = 3")
    try place.migrate(uniqueEmail: true)
    let other = try EmptyDatabase()
    try other.create()
    let names = ["regctl_", "TRIGGER"]
    let adopted = try place.connect().definitions().filter { text in
      names.contains { text.contains($0) }
    }
    let created = try other.connect().definitions().filter { text in
      names.contains { text.contains($0) }
    }
    #expect(adopted == created)
  }

  /// Creates an application's database migrated by the first version of the schema.
  private func makeVersion1() throws {
    try makeApplication()
    try place.migrate()
    try place.execute(
      """
      UPDATE regctl_schema SET version = 1;
      DROP INDEX regctl_users_unconfirmed;
      CREATE INDEX regctl_users_unconfirmed ON users (registered_on, id) WHERE confirmed = 0
      """)
  }

  @Test(.only(.sqlite, "no release had version 1 on a server"))
  func `a database of version 1 still works`() throws {
    try makeVersion1()
    let store = try place.open()
    let unconfirmed = try store.accounts(after: nil, matching: .unconfirmed, limit: 10)
    #expect(unconfirmed.map(\.email) == ["ann@example.org", "Eve@example.org", "eve@example.org"])
    try store.confirm(AccountID(rawValue: 1), at: Site.start)
    #expect(try store.account("ann@example.org").isConfirmed)
  }

  @Test(.only(.sqlite, "no release had version 1 on a server"))
  func `a database of version 1 gets the index of a new one`() throws {
    try makeVersion1()
    let report = try place.migrate()
    #expect(report.from == 1)
    #expect(report.to == Schema.version)
    #expect(report.steps.count == 1)
    let plan = try place.open().rows(
      """
      EXPLAIN QUERY PLAN SELECT id FROM users
      WHERE confirmed = FALSE AND registered_on > '2026' ORDER BY registered_on, id
      """
    ) { $0.text(3) }
    #expect(plan == ["SEARCH users USING INDEX regctl_users_unconfirmed (registered_on>?)"])
    #expect(try place.migrate().steps.isEmpty)
  }

  @Test func `without a users table nothing is migrated`() throws {
    try place.execute("CREATE TABLE other (id INTEGER)")
    let missing = RegctlError.store(
      .schemaMissing(path: place.location.text, table: "users", hasUsers: false))
    #expect(throws: missing) { try place.migrate() }
  }

  @Test func `a newer schema is not migrated`() throws {
    try place.create()
    try place.execute("INSERT INTO regctl_schema VALUES (8, 0)")
    #expect(throws: RegctlError.store(.schemaTooNew(found: 8, supported: Schema.version))) {
      try place.migrate()
    }
  }
}
