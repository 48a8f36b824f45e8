import System
import TestSupport
import Testing

@testable import RegctlCore

/// The table of the original application with one change.
private func table(
  id: String = "id INTEGER NOT NULL", email: String = "email VARCHAR NOT NULL",
  password: String = "password VARCHAR NOT NULL",
  registered: String = "registered_on DATETIME NOT NULL",
  admin: String = "admin BOOLEAN NOT NULL", confirmed: String = "confirmed BOOLEAN NOT NULL",
  confirmedOn: String = "confirmed_on DATETIME",
  keys: String = "PRIMARY KEY (id), UNIQUE (email)", ending: String = ""
) -> String {
  "CREATE TABLE users (\(id), \(email), \(password), \(registered), \(admin), \(confirmed), "
    + "\(confirmedOn), \(keys))\(ending)"
}

@Suite("UsersTable+File") struct UsersTableFileTests {
  private let directory: TemporaryDirectory
  private var path: String { "\(directory.path)/app.db" }

  init() throws { directory = try TemporaryDirectory() }

  private func faults(_ sql: String..., unique: Bool = false) throws -> [UsersTableFault]? {
    // With the shell, since no statement of regctl is made from strings.
    let shell = try ChildProcess.run(
      "/usr/bin/sqlite3", ["sqlite3", "-bail", path, sql.joined(separator: ";")], input: [],
      outputLimit: 1000,
      within: .seconds(60))
    try #require(shell.status == .exited(0), "\(String(decoding: shell.output, as: UTF8.self))")
    let store = try Store.openUnchecked(.file(path), for: .reading, busyTimeout: .zero)
    return try UsersTable(in: store)?.faults(makingEmailUnique: unique)
  }

  @Test(arguments: [
    table(), table(email: "email TEXT NOT NULL"),
    table(
      email: "email", password: "password", registered: "registered_on", admin: "admin",
      confirmed: "confirmed"),
    table(email: "email NOT NULL"),
    table(email: "email VARCHAR(254) NOT NULL COLLATE NOCASE"),
    table(registered: "registered_on TIMESTAMP NOT NULL"),
    table(admin: "admin INTEGER NOT NULL DEFAULT 0 CHECK (admin IN (0, 1))"),
    table(
      id: "\"ID\" integer PRIMARY KEY AUTOINCREMENT", email: "\"Email\" STRING NOT NULL",
      keys: "UNIQUE (\"Email\")"),
    table(keys: "further BLOB NOT NULL DEFAULT x'00', PRIMARY KEY (id), UNIQUE (email)"),
    table(keys: "twice AS (id * 2) VIRTUAL, PRIMARY KEY (id), UNIQUE (email)"),
    table(
      registered: "registered_on TEXT NOT NULL", admin: "admin INTEGER NOT NULL",
      confirmed: "confirmed INTEGER NOT NULL", confirmedOn: "confirmed_on TEXT",
      ending: " STRICT"
    ).replacing("VARCHAR", with: "TEXT"),
  ])
  func `a table that preserves the same values is adopted`(_ sql: String) throws {
    #expect(try faults(sql) == [])
    _ = try Store.migrate(
      .file(path), uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: Instant(seconds: 0),
      by: Site.actor)
  }

  @Test(arguments: [
    (table(id: "id INT NOT NULL"), [UsersTableFault.identity(type: "INT")]),
    (table(id: "id BIGINT NOT NULL"), [.identity(type: "BIGINT")]),
    (table(id: "id VARCHAR NOT NULL"), [.identity(type: "VARCHAR")]),
    (table(id: "id NOT NULL"), [.identity(type: "")]),
    (
      table(id: "id INTEGER PRIMARY KEY DESC", keys: "UNIQUE (email)"),
      [.identity(type: "INTEGER")]
    ),
    (table(keys: "PRIMARY KEY (id, email), UNIQUE (email)"), [.identity(type: "INTEGER")]),
    (table(keys: "PRIMARY KEY (email)"), [.identity(type: "INTEGER")]),
    (table(keys: "UNIQUE (id), UNIQUE (email)"), [.identity(type: "INTEGER")]),
    (table(keys: "PRIMARY KEY (id)"), [.emailNotUnique]),
    (table(keys: "PRIMARY KEY (id), UNIQUE (email, password)"), [.emailNotUnique]),
    (table(email: "email INTEGER NOT NULL"), [.type(column: "email", type: "INTEGER")]),
    (
      table(email: "email VARCHAR NOT NULL COLLATE RTRIM"),
      [.collation(column: "email", name: "RTRIM")]
    ),
    (table(password: "password REAL NOT NULL"), [.type(column: "password", type: "REAL")]),
    (
      table(registered: "registered_on INTEGER NOT NULL"),
      [.type(column: "registered_on", type: "INTEGER")]
    ),
    (
      table(registered: "registered_on DOUBLE NOT NULL"),
      [.type(column: "registered_on", type: "DOUBLE")]
    ),
    (table(admin: "admin TEXT NOT NULL"), [.type(column: "admin", type: "TEXT")]),
    (table(confirmed: "confirmed VARCHAR NOT NULL"), [.type(column: "confirmed", type: "VARCHAR")]),
    (
      table(confirmed: "confirmed BOOLEAN NOT NULL AS (confirmed_on IS NOT NULL) STORED"),
      [.generatedColumn("confirmed")]
    ),
    (table(confirmedOn: "confirmed_on BIGINT"), [.type(column: "confirmed_on", type: "BIGINT")]),
    (table(ending: " WITHOUT ROWID"), [.withoutRowID]),
    (
      table(confirmed: "active BOOLEAN NOT NULL", confirmedOn: "seen DATETIME"),
      [.missingColumn("confirmed"), .missingColumn("confirmed_on")]
    ),
  ])
  func `a different table is rejected, with its fault`(
    _ sql: String, expected: [UsersTableFault]
  ) throws {
    #expect(try faults(sql) == expected)
    #expect(
      throws: RegctlError.store(.foreignUsersTable(path: path, faults: expected))
    ) {
      try Store.migrate(
        .file(path), uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: Instant(seconds: 0),
        by: Site.actor)
    }
  }

  @Test func `a view and a virtual table are rejected`() throws {
    let columns = "id, email, password, registered_on, admin, confirmed, confirmed_on"
    #expect(
      try faults("CREATE TABLE people (\(columns))", "CREATE VIEW users AS SELECT * FROM people")
        == [.notATable(kind: "view")])
    #expect(
      try faults(
        "DROP VIEW users", "CREATE VIRTUAL TABLE users USING fts5(\(columns.dropFirst(4)))")
        == [.notATable(kind: "virtual")])
  }

  @Test func `a partial index does not make addresses unique, a full one does`() throws {
    let index = "CREATE UNIQUE INDEX one ON users (email)"
    #expect(
      try faults(table(keys: "PRIMARY KEY (id)"), index + " WHERE confirmed = 1")
        == [.emailNotUnique])
    #expect(try faults("DROP INDEX one", index) == [])
  }

  @Test func `addresses can be made unique when the table is adopted`() throws {
    #expect(try faults(table(keys: "PRIMARY KEY (id)"), unique: true) == [])
    for _ in 1...2 {
      _ = try Store.migrate(
        .file(path), uniqueEmail: true, dryRun: false, busyTimeout: .zero, at: Instant(seconds: 0),
        by: Site.actor)
    }
    // From here on the index has the collation that the table lacks.
    _ = try Store.migrate(
      .file(path), uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: Instant(seconds: 0),
      by: Site.actor)
  }

  @Test(arguments: [Int64(0), -1, .min])
  func `IDs below 1 are those of deleted accounts`(_ number: Int64) throws {
    let row = "INSERT INTO users VALUES (\(number), 'a@x.org', '!', '2020-01-01', 0, 0, NULL)"
    #expect(try faults(table(), row) == [.numbersBelowOne(count: 1)])
  }

  @Test func `NULL is invalid as address or flag`() throws {
    let nullable = table(email: "email", admin: "admin", confirmed: "confirmed")
    let rows = """
      INSERT INTO users VALUES
        (1, NULL, '!', '', 0, NULL, NULL), (2, 'a', '!', '', 0, NULL, NULL)
      """
    #expect(
      try faults(nullable, rows) == [
        .nullValues(column: "email", count: 1), .nullValues(column: "confirmed", count: 2),
      ])
  }

  @Test func `without a table there is no structure`() throws {
    #expect(try faults("CREATE TABLE other (id)") == nil)
  }

  @Test func `further columns are those that can be written`() throws {
    let keys = "\"Own\" TEXT, twice AS (id * 2), PRIMARY KEY (id), UNIQUE (email)"
    #expect(try faults(table(email: "\"EMAIL\" VARCHAR NOT NULL", keys: keys)) == [])
    let store = try Store.openUnchecked(.file(path), for: .reading, busyTimeout: .zero)
    #expect(try store.furtherColumns() == ["Own"])
  }
}
