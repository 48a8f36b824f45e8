import Glibc
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Schema") struct StoreSchemaTests {
  private static let now = Instant(seconds: 1_795_424_400)
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/regctl.db"
  }

  private func create(_ mode: JournalMode = .wal) throws {
    try Store.create(.file(path), journalMode: mode, at: Self.now, by: Site.actor)
  }

  @discardableResult
  private func migrate(uniqueEmail: Bool = false, dryRun: Bool = false) throws -> MigrationReport {
    try Store.migrate(
      .file(path), uniqueEmail: uniqueEmail, dryRun: dryRun, busyTimeout: .zero, at: Self.now,
      by: Site.actor)
  }

  private func open() throws -> Store {
    try Store.open(.file(path), for: .writing, busyTimeout: .zero)
  }

  private func content() throws -> [UInt8] { try FileSystem.read(path, atMost: 10_000_000) }

  // MARK: Creating

  @Test(arguments: [(JournalMode.wal, "wal"), (.truncate, "delete")])
  func `a new database has the requested journal mode`(_ mode: JournalMode, kept: String) throws {
    try create(mode)
    let found = try open().first("PRAGMA journal_mode") { $0.text(0) }
    // Only `wal` is a property of the file: the next connection reads `truncate` as `delete`.
    #expect(found == kept)
  }

  @Test func `a new database is one private file`() throws {
    let old = umask(0o077)
    defer { umask(old) }
    try create()
    #expect(try FileSystem.names(in: directory.path) == ["regctl.db"])
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
  }

  @Test func `a database that exists is not replaced`() throws {
    try directory.write("regctl.db", "x")
    #expect(throws: RegctlError.store(.exists(path: path))) { try create() }
    #expect(try content() == Array("x".utf8))
  }

  @Test func `the directory of a database is created`() throws {
    let deep = "\(directory.path)/a/b/regctl.db"
    try Store.create(.file(deep), journalMode: .wal, at: Self.now, by: Site.actor)
    #expect(try FileSystem.status(of: deep) != nil)
  }

  @Test func `the creation of a database is recorded`() throws {
    try create()
    let entry = try open().first("SELECT act, actor, uid, at FROM regctl_audit") {
      "\($0.text(0)) \($0.text(1)) \($0.integer(2)) \($0.integer(3))"
    }
    #expect(entry == "create-db tester 1000 1795424400")
  }

  @Test func `the application's table is exactly the original's`() throws {
    try create()
    let columns = try open().rows("PRAGMA table_info(users)") { row in
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
    try create()
    let store = try open()
    try store.execute(
      "INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', 0, 0, NULL, NULL)")
    #expect(throws: RegctlError.self) {
      try store.execute(
        "INSERT INTO users VALUES (2, 'ANN@example.org', '!', '2026-01-01', 0, 0, NULL, NULL)")
    }
  }

  // MARK: Migrating

  private func makeApplication() throws {
    try Application.makeDatabase(
      path,
      rows: """
        INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', 0, 0, NULL);
        INSERT INTO users VALUES (2, 'Eve@example.org', '!', '2026-01-01', 0, 0, NULL);
        INSERT INTO users VALUES (3, 'eve@example.org', '!', '2026-01-01', 0, 0, NULL)
        """)
  }

  @Test func `a dry run reports all changes and changes no byte`() throws {
    try makeApplication()
    let before = try content()
    let planned = try migrate(dryRun: true)
    #expect(planned.isDryRun)
    #expect(try content() == before)
    #expect(try FileSystem.names(in: directory.path) == ["regctl.db"])
    #expect(try migrate().steps == planned.steps)
  }

  @Test func `an application's database is adopted in its own journal mode`() throws {
    try makeApplication()
    let report = try migrate()
    #expect(report.from == nil)
    #expect(report.to == Schema.version)
    let mode = try open().first("PRAGMA journal_mode") { $0.text(0) }
    #expect(mode == "delete")
  }

  @Test func `migrating adds only objects named regctl_`() throws {
    try makeApplication()
    try migrate()
    let names = try open().rows(
      "SELECT name FROM sqlite_schema WHERE substr(name, 1, 7) <> 'regctl_' ORDER BY name"
    ) { $0.text(0) }
    #expect(names == ["sqlite_autoindex_users_1", "users"])
  }

  @Test func `migrating twice changes nothing the second time`() throws {
    try makeApplication()
    try migrate()
    let again = try migrate()
    #expect(again.steps.isEmpty)
    #expect(again.from == Schema.version)
  }

  @Test func `addresses that differ only in case are reported`() throws {
    try makeApplication()
    #expect(try migrate().duplicates == ["Eve@example.org, eve@example.org"])
  }

  @Test func `duplicates prevent a unique index, and nothing is changed`() throws {
    try makeApplication()
    let before = try content()
    #expect(
      throws: RegctlError.store(.duplicateAddresses(["Eve@example.org, eve@example.org"]))
    ) { try migrate(uniqueEmail: true) }
    #expect(try content() == before)
  }

  @Test func `a plain index is replaced by a unique one`() throws {
    try makeApplication()
    try migrate()
    try open().execute("DELETE FROM users WHERE id = 3")
    let report = try migrate(uniqueEmail: true)
    #expect(report.steps == [Schema.uniqueEmail.summary])
    #expect(try migrate(uniqueEmail: true).steps.isEmpty)
    #expect(throws: RegctlError.self) {
      try open().execute(
        "INSERT INTO users VALUES (4, 'ANN@example.org', '!', '2026-01-01', 0, 0, NULL)")
    }
  }

  @Test func `a database of regctl's own is up to date`() throws {
    try create()
    #expect(try migrate(uniqueEmail: true).steps.isEmpty)
  }

  @Test func `an adopted database has every index of a new one`() throws {
    try makeApplication()
    try open(unchecked: "DELETE FROM users WHERE id = 3")
    try migrate(uniqueEmail: true)
    let other = "\(directory.path)/other.db"
    try Store.create(.file(other), journalMode: .truncate, at: Self.now, by: Site.actor)
    let created = try Store.open(.file(other), for: .reading, busyTimeout: .zero)
    #expect(try schema(of: open()) == schema(of: created))
  }

  /// Creates an application's database migrated by the first version of the schema.
  private func makeVersion1() throws {
    try makeApplication()
    try migrate()
    try open(
      unchecked: """
        UPDATE regctl_schema SET version = 1;
        DROP INDEX regctl_users_unconfirmed;
        CREATE INDEX regctl_users_unconfirmed ON users (registered_on, id) WHERE confirmed = 0
        """)
  }

  @Test func `a database of version 1 still works`() throws {
    try makeVersion1()
    let store = try open()
    let unconfirmed = try store.unconfirmedAccounts(after: nil, matching: .init(), limit: 10)
    #expect(unconfirmed.map(\.email) == ["ann@example.org", "Eve@example.org", "eve@example.org"])
    try store.confirm(AccountID(rawValue: 1), at: Self.now)
    #expect(try store.account("ann@example.org").isConfirmed)
  }

  @Test func `a database of version 1 gets the index of a new one`() throws {
    try makeVersion1()
    let report = try migrate()
    #expect(report.from == 1)
    #expect(report.to == Schema.version)
    #expect(report.steps.count == 1)
    let plan = try open().rows(
      """
      EXPLAIN QUERY PLAN SELECT id FROM users
      WHERE confirmed = FALSE AND registered_on > '2026' ORDER BY registered_on, id
      """
    ) { $0.text(3) }
    #expect(plan == ["SEARCH users USING INDEX regctl_users_unconfirmed (registered_on>?)"])
    #expect(try migrate().steps.isEmpty)
  }

  private func open(unchecked sql: Statement) throws {
    try SQLiteDatabase(path: path, access: .readWrite, busyTimeout: .zero).execute(sql)
  }

  private func schema(of store: Store) throws -> [String] {
    try store.rows("SELECT name, sql FROM sqlite_schema WHERE name GLOB 'regctl_*' ORDER BY name") {
      "\($0.text(0)): \($0.optionalText(1) ?? "")"
    }
  }

  @Test func `without a users table nothing is migrated`() throws {
    try SQLiteDatabase(path: path, access: .create, busyTimeout: .zero)
      .execute("CREATE TABLE other (id)")
    #expect(throws: RegctlError.store(.schemaMissing(path: path, table: "users", hasUsers: false)))
    {
      try migrate()
    }
  }

  @Test func `a newer schema is not migrated`() throws {
    try create()
    try open().execute("INSERT INTO regctl_schema VALUES (7, 0)")
    #expect(throws: RegctlError.store(.schemaTooNew(found: 7, supported: Schema.version))) {
      try migrate()
    }
  }
}
