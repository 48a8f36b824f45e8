import PostgreSQL
import SQL
import TestSupport
import Testing

@testable import RegctlCore

/// The server is one that tests share; what needs settings of the whole server is tried by
/// `Tests/Campaigns/postgresql/test_doctor.py`.
@Suite("Store+ServerState", .once) struct StoreServerStateTests {
  private let database: TemporaryDatabase
  private let role: String

  init() throws {
    database = try TemporaryDatabase()
    let location = try DatabaseLocation(database.address)
    try Store.create(location, journalMode: .wal, at: Site.start, by: Site.actor)
    role = "role_\(UInt64.random(in: .min ... .max))"
    try run("CREATE ROLE ", role, " LOGIN")
  }

  /// Runs a statement about a role as the superuser.
  private func run(_ start: Statement, _ name: String, _ end: Statement = "") throws {
    var sql = SQLText(start)
    sql.append(name: name)
    sql.append(end)
    let connection = try database.connect()
    connection.names = UsersMapping.original.namesOnServer
    try connection.step(sql, []) { _ in true }
  }

  private func state(as user: String = "postgres") throws -> ServerState {
    var configuration = Configuration()
    configuration.db = try DatabaseLocation(database.address(for: user))
    return try #require(
      try Store.serverState(configuration, clock: { Instant(microseconds: 0) }))
  }

  private func grant(_ access: Grant.Access) throws -> [String] {
    try Store.migrate(
      DatabaseLocation(database.address), uniqueEmail: false, grants: [Grant(access, to: role)],
      dryRun: false, busyTimeout: .zero, at: Site.start, by: Site.actor
    ).grants
  }

  @Test func `a file has no server`() throws {
    var configuration = Configuration()
    configuration.db = .file("/nonexistent/regctl.db")
    #expect(try Store.serverState(configuration, clock: { Site.start }) == nil)
    #expect(try Store.isPooled(configuration.db, for: .reading, in: configuration) == nil)
    #expect(try Store.isPooled(nil, for: .reading, in: configuration) == nil)
  }

  @Test func `the server says what it is`() throws {
    let state = try state()
    let version = try database.connect().first("SELECT current_setting('server_version')") {
      $0.text(0)
    }
    #expect(version?.split(separator: " ").first.map { "PostgreSQL \($0)" } == state.product)
    #expect(state.name.hasPrefix("\(database.name) on /"))
    #expect(!state.isStandby && state.encoding == "UTF8" && state.changedCollations == [])
    #expect(state.unsafeSettings == ["fsync"])
    #expect(state.replication == ServerState.Replication())
    #expect(state.role.name == "postgres" && state.role.isSuperuser && state.role.missing == [])
    // The clock that it was asked by stands at 1970.
    #expect(state.clockLead > .seconds(86_400 * 365 * 50))
  }

  @Test func `without any right, the schema is what is missing`() throws {
    let role = try state(as: role).role
    #expect(!role.isSuperuser && !role.ownsAudit)
    #expect(
      role.missing
        == [ServerState.MissingRight(privilege: "USAGE", object: "schema regctl", column: nil)])
  }

  @Test func `the rights of a writer and of a reader are complete`() throws {
    _ = try grant(.reading)
    var found = try state(as: role).role
    #expect(found.missing == [] && found.isReader)
    _ = try grant(.writing)
    found = try state(as: role).role
    #expect(found.missing == [] && !found.isReader && found.intruders == [])
  }

  @Test(arguments: [Grant.Access.reading, .writing])
  func `each right that is taken away is missed`(_ access: Grant.Access) throws {
    let grants = try grant(access).filter { !$0.contains(" ON SCHEMA ") }
    #expect(grants.count > 1)
    for grant in grants {
      // "GRANT a, b (c) ON d TO e" has what "REVOKE a, b (c) ON d FROM e" takes away.
      let words = grant.replacing(#/^GRANT /#, with: "").replacing(#/ TO "[^"]*"$/#, with: "")
      try execute("REVOKE \(words) FROM \"\(role)\"")
      #expect(try state(as: role).role.missing != [], "\(grant)")
      try execute(grant)
      #expect(try state(as: role).role.missing == [], "\(grant)")
    }
  }

  /// Runs a statement that a grant was made into.
  private func execute(_ text: String) throws {
    let connection = try database.connect()
    try connection.execute(
      """
      CREATE FUNCTION pg_temp.run(words text) RETURNS void LANGUAGE plpgsql
      AS 'BEGIN EXECUTE words; END'
      """)
    try connection.run("SELECT pg_temp.run($1)", .text(text))
  }

  @Test func `a right on one column is missed by its name`() throws {
    _ = try grant(.writing)
    try run("REVOKE UPDATE (confirmed) ON users FROM ", role)
    #expect(
      try state(as: role).role.missing
        == [ServerState.MissingRight(privilege: "UPDATE", object: "users", column: "confirmed")])
  }

  @Test func `an owner can rewrite the audit`() throws {
    try run("ALTER TABLE regctl_audit OWNER TO ", role)
    #expect(try state(as: role).role.ownsAudit)
  }

  @Test(
    arguments: [
      ("GRANT DELETE ON regctl_audit TO ", true), ("GRANT UPDATE ON regctl_audit TO ", true),
      ("GRANT SELECT ON regctl_audit TO ", false), ("GRANT INSERT ON users TO ", false),
    ] as [(Statement, Bool)])
  func `who can rewrite the audit is named`(_ grant: Statement, isNamed: Bool) throws {
    try run(grant, role)
    #expect(try state().role.intruders == (isNamed ? [role] : []))
  }

  @Test func `the role of an application needs no right on regctl's tables`() throws {
    try run("GRANT SELECT, INSERT, UPDATE, DELETE ON users TO ", role)
    #expect(try state().role.intruders == [])
    try run("GRANT USAGE ON SCHEMA regctl TO ", role)
    #expect(try state().role.intruders == [role])
  }

  @Test func `what everyone may do is named`() throws {
    try database.connect().execute("GRANT SELECT ON regctl_outbox TO PUBLIC")
    #expect(try state().role.intruders == ["PUBLIC"])
  }

  @Test func `a database before its adoption has no rights to miss`() throws {
    let empty = try TemporaryDatabase()
    var configuration = Configuration()
    configuration.db = try DatabaseLocation(empty.address(for: role))
    let state = try Store.serverState(configuration, clock: { Site.start })
    #expect(state?.role.missing == [] && state?.role.isReader == false)
  }

  @Test func `changed rules of a collation are named`() throws {
    let german = try TemporaryDatabase(language: "de")
    let location = try DatabaseLocation(german.address)
    try Store.create(location, journalMode: .wal, at: Site.start, by: Site.actor)
    var configuration = Configuration()
    configuration.db = location
    func found() throws -> [String]? {
      let state = try Store.serverState(configuration, clock: { Site.start })
      return state?.changedCollations
    }
    #expect(try found() == [])
    let connection = try german.connect()
    try connection.execute(
      """
      UPDATE pg_database SET datcollversion = '1' WHERE datname = current_database();
      CREATE COLLATION swedish (provider = icu, locale = 'sv');
      CREATE COLLATION finnish (provider = icu, locale = 'fi');
      UPDATE pg_collation SET collversion = '1' WHERE collname IN ('swedish', 'finnish');
      CREATE TABLE notes (text TEXT COLLATE swedish PRIMARY KEY)
      """)
    #expect(try found() == ["default", "swedish"])
  }
}
