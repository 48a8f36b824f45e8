import Glibc
import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("Commits whose connection is lost") struct LostCommitTests {
  /// A setting with which each commit waits for a standby that does not exist.
  private static let missingStandby = "synchronous_standby_names = 'nobody'"

  /// A connection whose own commits do not wait for standbys.
  private static func administrator(of server: PostgreSQLServer) throws -> PostgreSQLDatabase {
    try server.connect(["options": "-c synchronous_commit=local"])
  }

  /// Commits a row, which the server then does not finish, and meanwhile calls a body with the
  /// number of the server's process. Returns what the commit throws.
  private static func commit(
    on server: PostgreSQLServer, table: String, silence: Duration = .seconds(20),
    lookup: Duration = .seconds(10), waitingFor event: String, sleeps: Bool = false,
    meanwhile: (PostgreSQLDatabase, pid_t) throws -> Void
  ) throws -> DatabaseError? {
    let administrator = try administrator(of: server)
    administrator.names = Names(["t": table])
    try administrator.execute("CREATE TABLE {t} (id int)")
    if sleeps {
      administrator.names = Names(["t": table, "f": "\(table)_sleep"])
      try administrator.execute(
        """
        CREATE FUNCTION {f}() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_sleep(3600); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER sleep AFTER INSERT ON {t} DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION {f}()
        """)
    }
    var parameters = server.parameters(busyTimeout: .zero)
    parameters.silenceTimeout = silence
    parameters.lookupTimeout = lookup
    let database = try PostgreSQLDatabase(parameters)
    database.names = administrator.names
    try database.begin()
    try database.run("INSERT INTO {t} VALUES (1)")
    let backend = try #require(
      try database.first("SELECT pg_backend_pid()") { $0.integer(0) })
    let committer = Committer(database: database)
    let commit = OwnThread { committer.commit() }
    let waits: Statement = """
      SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = $2
      """
    while try administrator.first(
      waits, .integer(backend), .text(event), transform: { $0.integer(0) }) == nil
    { usleep(2000) }
    try meanwhile(administrator, pid_t(backend))
    return try commit.value()
  }

  /// A connection with which another thread commits.
  private struct Committer: @unchecked Sendable {
    // The test does not use it meanwhile.
    let database: PostgreSQLDatabase

    /// What the commit throws.
    func commit() -> DatabaseError? {
      do throws(DatabaseError) {
        try database.commit()
        return nil
      } catch { return error }
    }
  }

  private static func rows(on server: PostgreSQLServer, table: String) throws -> Int? {
    let database = try server.connect()
    database.names = Names(["t": table])
    return try database.first("SELECT count(*) FROM {t}") { $0.count(0) }
  }

  // MARK: Without a standby

  @Test func `a connection that is ended while it commits has committed nothing`() throws {
    let server = try PostgreSQLServer.shared()
    let error = try Self.commit(
      on: server, table: "lost_ended", waitingFor: "PgSleep", sleeps: true
    ) { administrator, backend in
      try administrator.run("SELECT pg_terminate_backend($1::int)", .integer(Int64(backend)))
    }
    #expect(
      error == .unavailable(detail: "terminating connection due to administrator command"))
    #expect(try Self.rows(on: server, table: "lost_ended") == 0)
  }

  @Test func `a commit that hangs is unknown`() throws {
    let server = try PostgreSQLServer.shared()
    var stopped: pid_t = 0
    let error = try Self.commit(
      on: server, table: "lost_hanging", silence: .milliseconds(500), lookup: .milliseconds(500),
      waitingFor: "PgSleep", sleeps: true
    ) { _, backend in
      kill(backend, SIGSTOP)
      stopped = backend
    }
    #expect(error == .commitUnknown(detail: "no answer within 0.5 seconds"))
    kill(stopped, SIGTERM)
    kill(stopped, SIGCONT)
  }

  @Test func `after a crash, what was not committed is not there`() throws {
    let server = try PostgreSQLServer()
    let error = try Self.commit(
      on: server, table: "t", waitingFor: "PgSleep", sleeps: true
    ) { administrator, backend in
      // Otherwise the number of the transaction may be given again.
      try administrator.execute("CHECKPOINT")
      kill(backend, SIGKILL)
    }
    guard case .unavailable = error else { throw try #require(error) }
    #expect(try Self.rows(on: server, table: "t") == 0)
  }

  // MARK: With a standby

  @Test func `a commit whose wait for the standby is cancelled is unknown`() throws {
    let server = try PostgreSQLServer(Self.missingStandby)
    let error = try Self.commit(on: server, table: "t", waitingFor: "SyncRep") {
      administrator, backend in
      try administrator.run("SELECT pg_cancel_backend($1::int)", .integer(Int64(backend)))
    }
    #expect(
      error
        == .commitUnknown(
          detail: "canceling wait for synchronous replication due to user request"))

    let ended = try Self.commit(
      on: server, table: "u", lookup: .seconds(1), waitingFor: "SyncRep"
    ) { administrator, backend in
      try administrator.run("SELECT pg_terminate_backend($1::int)", .integer(Int64(backend)))
    }
    guard case .commitUnknown = ended else { throw try #require(ended) }
  }

  @Test func `a commit that the standby has after all is one`() throws {
    let server = try PostgreSQLServer(Self.missingStandby)
    let error = try Self.commit(on: server, table: "t", waitingFor: "SyncRep") {
      administrator, backend in
      try administrator.run("SELECT pg_terminate_backend($1::int)", .integer(Int64(backend)))
      // The lookup waits for the standby, too, until none is asked for.
      let waits: Statement = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
      while try administrator.first(waits, transform: { $0.integer(0) }) != 1 { usleep(2000) }
      try administrator.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
      try administrator.execute("SELECT pg_reload_conf()")
    }
    #expect(error == nil)
    #expect(try Self.rows(on: server, table: "t") == 1)
  }

  @Test func `after a crash, a commit that waited for a standby is unknown`() throws {
    let server = try PostgreSQLServer(Self.missingStandby)
    let error = try Self.commit(
      on: server, table: "t", lookup: .seconds(3), waitingFor: "SyncRep"
    ) { _, backend in kill(backend, SIGKILL) }
    guard case .commitUnknown = error else { throw try #require(error) }
    #expect(try Self.rows(on: server, table: "t") == 1)
  }
}
