import SQL
import SQLite
import TestSupport
import Testing

/// Commits whose log is synced while the connection goes on.
@Suite("UnsyncedCommit") struct UnsyncedCommitTests {
  private let database: DatabaseFile

  init() throws { database = try DatabaseFile() }

  private func connect(log: Bool = true) throws -> SQLiteDatabase {
    let connection = try database.connect()
    if log { try connection.useLog() }
    try connection.commitDurably()
    try connection.execute("CREATE TABLE IF NOT EXISTS t (x UNIQUE)")
    return connection
  }

  private func begin(
    _ numbers: Int64..., in connection: SQLiteDatabase
  ) throws(DatabaseError) -> any PendingCommit {
    try connection.beginCommit("INSERT INTO t VALUES ($1)", each: numbers.map { [.integer($0)] })
  }

  private func synchronous(_ connection: SQLiteDatabase) throws -> Int64? {
    try connection.first("PRAGMA synchronous") { $0.integer(0) }
  }

  @Test func `a commit is there for others before it is durable`() throws {
    let (connection, other) = (try connect(), try connect())
    let commit = try begin(1, 2, in: connection)
    #expect(try other.first("SELECT count(*) FROM t") { $0.integer(0) } == 2)
    #expect(commit.outlivesProcess)
    #expect(try commit.result() == [1, 1])
    #expect(try synchronous(connection) == 3)
  }

  @Test func `one follows the other, whether it is asked for or awaited`() throws {
    let connection = try connect()
    for number in Int64(1)...200 {
      let commit = try begin(number, in: connection)
      while number % 2 == 0, !commit.isDone {}
      #expect(try commit.result() == [1])
      #expect(commit.isDone)
    }
    #expect(try connection.first("SELECT count(*) FROM t") { $0.integer(0) } == 200)
  }

  @Test func `a statement that fails changes nothing, and others are durable again`() throws {
    let connection = try connect()
    let error = #expect(throws: DatabaseError.self) { try begin(1, 2, 1, in: connection) }
    guard case .constraint = error else { throw try #require(error) }
    #expect(try connection.first("SELECT count(*) FROM t") { $0.integer(0) } == 0)
    #expect(try synchronous(connection) == 3)
    #expect(try begin(1, in: connection).result() == [1])
  }

  @Test func `a database without a log commits durably at once`() throws {
    let connection = try connect(log: false)
    let commit = try begin(1, in: connection)
    #expect(commit.isDone)
    #expect(try commit.result() == [1])
  }

  @Test func `a connection is closed after what it syncs`() throws {
    for number in Int64(1)...20 { _ = try begin(number, in: connect()) }
    #expect(try connect().first("SELECT count(*) FROM t") { $0.integer(0) } == 20)
  }
}
