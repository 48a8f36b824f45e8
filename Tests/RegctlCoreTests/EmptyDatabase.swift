import PostgreSQL
import SQL
import SQLite
import System
import TestSupport

@testable import RegctlCore

/// A place for a database of the engine that the tests run for: a path without a file, or an empty
/// database on a server.
final class EmptyDatabase {
  let directory: TemporaryDirectory

  /// The database on a server; `nil` for a file.
  let server: TemporaryDatabase?
  let location: DatabaseLocation

  /// The path of the file, for tests of files.
  var path: String { "\(directory.path)/regctl.db" }

  /// The value of the setting `db`.
  var address: String { server?.address ?? path }

  init() throws {
    directory = try TemporaryDirectory()
    switch TestEngine.current {
    case .sqlite:
      server = nil
      location = .file("\(directory.path)/regctl.db")
    case .postgresql:
      let database = try TemporaryDatabase()
      server = database
      location = try DatabaseLocation(database.address)
    }
  }

  /// A connection past regctl, as an application or an administrator has one.
  func connect() throws -> any Database {
    if let server { return try server.connect() }
    return try SQLiteDatabase(path: path, access: .create, busyTimeout: .zero)
  }

  func execute(_ statements: Statement) throws { try connect().execute(statements) }

  /// Fills it with the application's table and some rows.
  func makeApplication(rows: Statement) throws {
    try Application.makeDatabase(connect(), rows: rows)
  }

  func create(_ mode: JournalMode = .wal) throws {
    try Store.create(location, journalMode: mode, at: Site.start, by: Site.actor)
  }

  @discardableResult
  func migrate(
    mapping: UsersMapping = .original, uniqueEmail: Bool = false, dryRun: Bool = false
  ) throws -> MigrationReport {
    try Store.migrate(
      location, mapping: mapping, uniqueEmail: uniqueEmail, dryRun: dryRun, busyTimeout: .zero,
      at: Site.start, by: Site.actor)
  }

  func open(
    mapping: UsersMapping = .original, for access: Store.Access = .writing
  ) throws -> Store {
    try Store.open(location, mapping: mapping, for: access, busyTimeout: .zero)
  }

  /// All that is in the database, and how it is defined.
  func content() throws -> String {
    guard let server else {
      return String(decoding: try FileSystem.read(path, atMost: 10_000_000), as: UTF8.self)
    }
    return try server.contentHash() + connect().definitions().joined(separator: "\n")
  }
}

extension Database {
  /// The definitions of what is in the database, in order.
  func definitions() throws -> [String] {
    try rows(
      Statement(
        sqlite: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name",
        postgreSQL: """
          SELECT c.relname || ' ' || c.relkind::text || ' '
            || coalesce(pg_get_indexdef(i.indexrelid) || i.indisvalid, '')
          FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
          WHERE c.relnamespace IN (
            SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'regctl'))
          UNION ALL
          SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
          UNION ALL
          SELECT pg_get_functiondef(oid) FROM pg_proc
          WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'regctl')
          ORDER BY 1
          """)
    ) { $0.text(0) }
  }
}
