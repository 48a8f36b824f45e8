import Glibc
import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("Transactions on PostgreSQL") struct TransactionTests {
  private let server: PostgreSQLServer

  init() throws {
    server = try PostgreSQLServer.shared()
  }

  /// A connection to a database with a table `t` of its own and a lock of all writers.
  private func connect(
    _ table: String, busyTimeout: Duration = .seconds(5)
  ) throws -> PostgreSQLDatabase {
    let database = try server.connect(busyTimeout: busyTimeout)
    database.names = Names(["t": table])
    database.writersLock = "LOCK TABLE {t}_turn IN EXCLUSIVE MODE"
    return database
  }

  private func create(_ table: String) throws -> PostgreSQLDatabase {
    let database = try connect(table)
    try database.execute(
      "CREATE TABLE {t} (id int PRIMARY KEY, x int NOT NULL); CREATE TABLE {t}_turn ()")
    return database
  }

  private func count(_ database: PostgreSQLDatabase) throws -> Int64? {
    try database.first("SELECT count(*) FROM {t}") { $0.integer(0) }
  }

  @Test func `what is committed is there, what is rolled back is not`() throws {
    let database = try create("committed")
    try database.begin()
    try database.run("INSERT INTO {t} VALUES (1, 1)")
    try database.commit()
    try database.begin()
    try database.run("INSERT INTO {t} VALUES (2, 2)")
    database.rollBack()
    database.rollBack()
    #expect(try count(connect("committed")) == 1)
  }

  @Test func `a transaction without changes is committed`() throws {
    let database = try create("unchanged")
    try database.begin()
    #expect(try count(database) == 0)
    try database.commit()
    try database.refuseChanges()
    try database.begin()
    #expect(try count(database) == 0)
    try database.commit()
  }

  @Test func `a transaction has its settings, which end with it`() throws {
    let database = try create("settings")
    func settings() throws -> [String]? {
      try database.first(
        """
        SELECT current_setting('transaction_isolation'), current_setting('lock_timeout'),
          current_setting('idle_in_transaction_session_timeout'),
          current_setting('synchronous_commit')
        """
      ) { row in (0..<4).map { row.text($0) } }
    }
    try database.execute("SET synchronous_commit = off")
    try database.begin()
    #expect(try settings() == ["repeatable read", "5s", "1min", "on"])
    try database.commit()
    #expect(try settings() == ["read committed", "0", "0", "off"])
    try database.execute("SET synchronous_commit = remote_apply")
    try database.begin()
    #expect(try settings()?.last == "remote_apply")
    database.rollBack()
  }

  @Test func `a statement is run with each list of values, with the settings of a transaction`()
    throws
  {
    let database = try create("each")
    try database.execute("CREATE TABLE {t}_settings (id int, settings text)")
    try database.execute("SET synchronous_commit = off")
    let insertion: Statement = """
      INSERT INTO {t}_settings
      SELECT i, current_setting('transaction_isolation') || ' ' || current_setting('lock_timeout')
        || ' ' || current_setting('synchronous_commit')
      FROM generate_series(1, $1) AS i
      """
    // The first run is not prepared, the later ones are.
    for run in Int64(1)...3 {
      #expect(
        try database.beginCommit(insertion, each: [[.integer(run)], [.integer(2)]]).result() == [
          Int(run), 2,
        ])
      #expect(
        try connect("each").rows("SELECT DISTINCT settings FROM {t}_settings") { $0.text(0) }
          == ["repeatable read 5s on"])
    }
    #expect(try database.first("SELECT count(*) FROM {t}_settings") { $0.integer(0) } == 12)
  }

  @Test
  func `a statement that fails with one list of values changes nothing, and another can follow`()
    throws
  {
    let database = try create("each_failed")
    func insert(_ ids: Int64...) throws(DatabaseError) {
      _ = try database.beginCommit(
        "INSERT INTO {t} VALUES ($1, 1)", each: ids.map { [.integer($0)] }
      ).result()
    }
    for _ in 1...3 {
      let error = #expect(throws: DatabaseError.self) { try insert(1, 2, 2, 3) }
      guard case .duplicate = error else { throw try #require(error) }
    }
    try insert(1, 2)
    #expect(try count(database) == 2)
  }

  @Test func `a commit goes on while the caller does something else`() throws {
    let database = try create("each_begun")
    let insertion: Statement = "INSERT INTO {t} VALUES ($1, 1)"
    for run in Int64(1)...20 {
      let commit = try database.beginCommit(
        insertion, each: [[.integer(2 * run)], [.integer(2 * run + 1)]])
      #expect(!commit.outlivesProcess)
      while run % 2 == 0, !commit.isDone { usleep(100) }
      #expect(try commit.result() == [1, 1])
      #expect(try count(database) == 2 * run)
    }
    let failing = try database.beginCommit(insertion, each: [[.integer(50)], [.integer(2)]])
    let error = #expect(throws: DatabaseError.self) { try failing.result() }
    guard case .duplicate = error else { throw try #require(error) }
    #expect(try count(database) == 40)
  }

  @Test func `a commit on a connection that is lost meanwhile is done, and unknown`() throws {
    let database = try create("each_lost")
    let backend = try #require(try database.first("SELECT pg_backend_pid()") { $0.integer(0) })
    let commit = try database.beginCommit(
      "INSERT INTO {t} SELECT $1, 1 FROM pg_sleep(5)", each: [[.integer(1)]])
    _ = try connect("each_lost").rows(
      "SELECT pg_terminate_backend(CAST($1 AS INT))", .integer(backend)
    ) { _ in true }
    while !commit.isDone { usleep(1000) }
    #expect(throws: DatabaseError.self) { try commit.result() }
  }

  @Test func `a statement that is committed at once waits for its turn among the writers`() throws {
    let holder = try create("each_busy")
    let database = try connect("each_busy", busyTimeout: .milliseconds(50))
    func insert() throws(DatabaseError) {
      _ = try database.beginCommit("INSERT INTO {t} VALUES (1, 1)", each: [[]]).result()
    }
    try holder.begin()
    #expect(throws: DatabaseError.busy) { try insert() }
    try holder.commit()
    try insert()
    #expect(try count(holder) == 1)
  }

  @Test func `a warning at a commit at once is an error, one before it is not`() throws {
    let database = try create("each_warned")
    try database.execute(
      """
      CREATE FUNCTION {t}_warn() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE WARNING ''x''; RETURN NEW; END';
      CREATE TRIGGER warn BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION {t}_warn();
      CREATE CONSTRAINT TRIGGER warn_late AFTER UPDATE ON {t} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION {t}_warn()
      """)
    #expect(try database.beginCommit("INSERT INTO {t} VALUES (1, 1)", each: [[]]).result() == [1])
    #expect(throws: DatabaseError.commitUnknown(detail: "x")) {
      try database.beginCommit("UPDATE {t} SET x = 2", each: [[]]).result()
    }
    #expect(try database.first("SELECT x FROM {t}") { $0.integer(0) } == 2)
  }

  @Test func `a writer waits for the one before it, and reads what that wrote`() throws {
    let first = try create("turns")
    try first.begin()
    try first.run("INSERT INTO {t} VALUES (1, 1)")
    let server = server
    let seen = OwnThread {
      let second = try server.connect()
      second.names = Names(["t": "turns"])
      second.writersLock = "LOCK TABLE {t}_turn IN EXCLUSIVE MODE"
      try second.begin()
      let count = try second.first("SELECT count(*) FROM {t}") { $0.integer(0) }
      try second.commit()
      return count
    }
    let waiters: Statement = """
      SELECT count(*) FROM pg_locks WHERE relation = CAST('turns_turn' AS regclass) AND NOT granted
      """
    while try first.first(waiters, transform: { $0.integer(0) }) == 0 { usleep(2000) }
    try first.commit()
    #expect(try seen.value() == 1)
  }

  @Test func `a writer that waits too long is busy, and can try again`() throws {
    let holder = try create("busy")
    let database = try connect("busy", busyTimeout: .milliseconds(50))
    try holder.begin()
    #expect(throws: DatabaseError.busy) { try database.begin() }
    #expect(throws: DatabaseError.busy) { try database.begin() }
    try holder.commit()
    try database.begin()
    try database.commit()
  }

  @Test func `a row that another transaction changed is a conflict`() throws {
    let database = try create("conflict")
    try database.run("INSERT INTO {t} VALUES (1, 1)")
    try database.begin()
    #expect(try count(database) == 1)
    // An application takes no turn.
    try connect("conflict").run("UPDATE {t} SET x = 2")
    #expect(
      throws: DatabaseError.conflict(
        detail: "could not serialize access due to concurrent update")
    ) { try database.run("UPDATE {t} SET x = 3") }
    database.rollBack()
  }

  @Test func `a deadlock is a conflict`() throws {
    let one = try create("deadlock")
    try one.run("INSERT INTO {t} VALUES (1, 1), (2, 2)")
    let server = server
    try one.execute("BEGIN; SET LOCAL deadlock_timeout = 20; UPDATE {t} SET x = 0 WHERE id = 1")
    let other = OwnThread<DatabaseError?> {
      let other = try server.connect()
      other.names = Names(["t": "deadlock"])
      try other.execute("BEGIN; UPDATE {t} SET x = 0 WHERE id = 2")
      do throws(DatabaseError) {
        try other.execute("UPDATE {t} SET x = 0 WHERE id = 1")
        try other.execute("COMMIT")
        return nil
      } catch { return error }
    }
    let waiters: Statement = """
      SELECT count(*) FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE deadlock %'
      """
    // A transaction sees the activity of one moment.
    let observer = try server.connect()
    while try observer.first(waiters, transform: { $0.integer(0) }) == 0 { usleep(2000) }
    var mine: DatabaseError?
    do throws(DatabaseError) {
      try one.execute("UPDATE {t} SET x = 0 WHERE id = 2")
    } catch { mine = error }
    one.rollBack()
    let errors = [mine, try other.value()]
    #expect(errors.contains(.conflict(detail: "deadlock detected")))
    #expect(errors.contains(nil))
  }

  @Test func `a failed transaction is not committed`() throws {
    let database = try create("failed")
    try database.begin()
    try database.run("INSERT INTO {t} VALUES (1, 1)")
    #expect(throws: DatabaseError.self) { try database.run("INSERT INTO {t} VALUES (1, 1)") }
    #expect(
      throws: DatabaseError.unexpected(code: "SQLSTATE 25P02", detail: "a statement has failed")
    ) { try database.commit() }
    database.rollBack()
    #expect(try count(database) == 0)
  }

  @Test func `a constraint that is checked at the end is an error of the commit`() throws {
    let database = try create("deferred")
    try database.execute(
      "CREATE TABLE {t}_child (id int REFERENCES {t} DEFERRABLE INITIALLY DEFERRED)")
    try database.begin()
    try database.run("INSERT INTO {t}_child VALUES (7)")
    let error = #expect(throws: DatabaseError.self) { try database.commit() }
    guard case .constraint = error else { throw try #require(error) }
    database.rollBack()
    try database.begin()
    try database.commit()
  }

  @Test func `a warning at the commit is an error, after any number of others`() throws {
    let database = try create("warned")
    try database.execute(
      """
      CREATE FUNCTION {t}_warn() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE WARNING ''x''; RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON {t} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION {t}_warn()
      """)
    try database.execute("DO 'BEGIN FOR i IN 1..150 LOOP RAISE WARNING ''y''; END LOOP; END'")
    try database.begin()
    try database.execute("DO 'BEGIN RAISE WARNING ''z''; END'")
    try database.commit()
    try database.begin()
    try database.run("INSERT INTO {t} VALUES (1, 1)")
    #expect(throws: DatabaseError.commitUnknown(detail: "x")) { try database.commit() }
    #expect(try count(connect("warned")) == 1)
  }

  @Test func `any time to wait is accepted`() throws {
    for time in [Duration.zero, .microseconds(1), .seconds(1_000_000_000)] {
      let database = try server.connect(busyTimeout: time)
      try database.begin()
      try database.commit()
    }
  }

  @Test func `begin and commit need each other`() throws {
    let database = try server.connect()
    #expect(
      throws: DatabaseError.unexpected(code: "SQLSTATE 25P01", detail: "no transaction is open")
    ) { try database.commit() }
    try database.begin()
    #expect(
      throws: DatabaseError.unexpected(code: "SQLSTATE 25001", detail: "a transaction is open")
    ) { try database.begin() }
    try database.commit()
  }

  @Test func `a connection that ended before the commit has committed nothing`() throws {
    let database = try create("ended")
    try database.begin()
    try database.run("INSERT INTO {t} VALUES (1, 1)")
    let backend = try #require(try database.first("SELECT pg_backend_pid()") { $0.integer(0) })
    try server.connect().run("SELECT pg_terminate_backend($1::int, 5000)", .integer(backend))
    #expect(
      throws: DatabaseError.unavailable(
        detail: "terminating connection due to administrator command")
    ) { try database.commit() }
    #expect(try count(connect("ended")) == 0)
  }

  @Test func `a role without any privilege commits`() throws {
    let owner = try create("granted")
    try owner.execute("GRANT INSERT ON {t} TO secretive")
    let database = try server.connect(["user": "secretive"])
    try database.begin()
    try database.run("INSERT INTO granted VALUES (1, 1)")
    try database.commit()
    #expect(try count(owner) == 1)
  }
}
