import PostgreSQL
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+SchemaOnServer", .once) struct StoreSchemaOnServerTests {
  private let database: TemporaryDatabase
  private let location: DatabaseLocation

  init() throws {
    database = try TemporaryDatabase()
    location = try DatabaseLocation(database.address)
  }

  @discardableResult
  private static func migrate(
    _ location: DatabaseLocation, dryRun: Bool = false, busyTimeout: Duration = .zero
  ) throws -> MigrationReport {
    try Store.migrate(
      location, uniqueEmail: false, dryRun: dryRun, busyTimeout: busyTimeout, at: Site.start,
      by: Site.actor)
  }

  private static let add: Statement = """
    INSERT INTO users (email, password, registered_on, admin, confirmed)
    VALUES ($1, '!', '2026-01-01', FALSE, FALSE)
    """

  @Test func `a migration gives up where a transaction has changed the table`() throws {
    let application = try database.connect()
    try Application.makeDatabase(application, rows: "CREATE TABLE other ()")
    let before = try application.definitions()
    try application.execute("BEGIN; LOCK TABLE users IN ROW EXCLUSIVE MODE")
    #expect(throws: RegctlError.store(.busy)) { try Self.migrate(location) }
    try application.execute("ROLLBACK")
    #expect(try application.definitions() == before)
    try Self.migrate(location)
  }

  @Test func `an application works while a migration waits for it`() async throws {
    let long = try database.connect()
    try Application.makeDatabase(long, rows: "CREATE TABLE other ()")
    try long.execute("BEGIN; LOCK TABLE users IN ROW EXCLUSIVE MODE")
    let location = location
    let migration = Task.detached { try Self.migrate(location, busyTimeout: .seconds(60)) }
    let short = try database.connect()
    var number = 0
    let clock = ContinuousClock()
    let end = clock.now + .seconds(1)
    while clock.now < end {
      number += 1
      // It waits at most as long as the migration waits at a time.
      try short.execute("BEGIN; SET LOCAL lock_timeout = 3000")
      try short.run(Self.add, .text("\(number)@example.org"))
      try short.execute("COMMIT")
    }
    #expect(number > 3)
    try long.execute("COMMIT")
    #expect(try await !migration.value.isUpToDate)
    #expect(try Self.migrate(location).isUpToDate)
  }

  @Test func `two migrations at once make everything once`() async throws {
    try Application.makeDatabase(database.connect(), rows: "CREATE TABLE other ()")
    let location = location
    let reports = try await withThrowingTaskGroup { group in
      for _ in 1...4 {
        group.addTask { try Self.migrate(location, busyTimeout: .seconds(60)) }
      }
      return try await group.reduce(into: [MigrationReport]()) { $0.append($1) }
    }
    #expect(reports.count { !$0.isUpToDate } == 1)
    let acts = try database.connect().first("SELECT count(*) FROM regctl_audit") { $0.count(0) }
    #expect(acts == 1)
  }

  // MARK: Rights

  /// Creates a role with a name of its own.
  private func makeRole() throws -> String {
    let role = "role_\(UInt64.random(in: .min ... .max))"
    var sql = SQLText("CREATE ROLE ")
    sql.append(name: role)
    sql.append(" LOGIN")
    try database.connect().step(sql, []) { _ in true }
    return role
  }

  /// Runs a statement that ends with the name of a role.
  private func execute(_ statement: SQLText, _ role: String) throws {
    var sql = statement
    sql.append(name: role)
    try database.connect().step(sql, []) { _ in true }
  }

  @Test(arguments: [false, true])
  func `who does not own the table is told so`(_ dryRun: Bool) throws {
    try Application.makeDatabase(database.connect(), rows: "CREATE TABLE other ()")
    let role = try makeRole()
    try execute(SQLText("GRANT ALL ON users TO "), role)
    let other = try DatabaseLocation(database.address(for: role))
    #expect(throws: RegctlError.store(.forbidden(detail: "must be owner of table users"))) {
      try Self.migrate(other, dryRun: dryRun)
    }
  }

  @Test(arguments: [false, true])
  func `who may not create indexes beside the table is told so`(_ dryRun: Bool) throws {
    try Application.makeDatabase(database.connect(), rows: "CREATE TABLE other ()")
    let role = try makeRole()
    try execute(SQLText("ALTER TABLE users OWNER TO "), role)
    let other = try DatabaseLocation(database.address(for: role))
    #expect(throws: RegctlError.store(.forbidden(detail: "permission denied for schema public"))) {
      try Self.migrate(other, dryRun: dryRun)
    }
  }

  @Test(arguments: [false, true])
  func `who may not create a schema is told so`(_ dryRun: Bool) throws {
    try Application.makeDatabase(database.connect(), rows: "CREATE TABLE other ()")
    let role = try makeRole()
    try execute(SQLText("ALTER TABLE users OWNER TO "), role)
    try execute(SQLText("GRANT CREATE ON SCHEMA public TO "), role)
    let other = try DatabaseLocation(database.address(for: role))
    let denial = RegctlError.store(
      .forbidden(detail: "permission denied for database \(database.name)"))
    #expect(throws: denial) { try Self.migrate(other, dryRun: dryRun) }
    // An administrator may have made it already.
    try execute(SQLText("CREATE SCHEMA regctl AUTHORIZATION "), role)
    #expect(try !Self.migrate(other, dryRun: dryRun).steps.contains(Schema.schema.summary))
  }

  @Test func `the owner of table and schema needs no more`() throws {
    try Application.makeDatabase(database.connect(), rows: "CREATE TABLE other ()")
    let role = try makeRole()
    try execute(SQLText("ALTER TABLE users OWNER TO "), role)
    try execute(SQLText("GRANT CREATE ON SCHEMA public TO "), role)
    try execute(SQLText("CREATE SCHEMA regctl AUTHORIZATION "), role)
    let other = try DatabaseLocation(database.address(for: role))
    try Self.migrate(other)
    #expect(try Self.migrate(other).isUpToDate)
  }

  @Test func `creating is denied by name, and nothing is created`() throws {
    let role = try makeRole()
    let other = try DatabaseLocation(database.address(for: role))
    #expect(throws: RegctlError.store(.forbidden(detail: "permission denied for schema public"))) {
      try Store.create(other, journalMode: .wal, at: Site.start, by: Site.actor)
    }
    try execute(SQLText("GRANT CREATE ON SCHEMA public TO "), role)
    let denial = RegctlError.store(
      .forbidden(detail: "permission denied for database \(database.name)"))
    #expect(throws: denial) {
      try Store.create(other, journalMode: .wal, at: Site.start, by: Site.actor)
    }
    #expect(try database.connect().definitions() == [])
  }
}
