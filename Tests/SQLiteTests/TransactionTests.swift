import SQLite
import Testing

@Suite("Transaction") struct TransactionTests {
  private struct Refusal: Error {}

  private static func itself(_ error: SQLiteError) -> any Error { error }

  private let database: Database

  init() throws {
    database = try Database()
    try database.connect().execute("CREATE TABLE t (x)")
  }

  private func insert(
    _ connection: borrowing Connection, failing: Bool = false
  ) throws {
    try connection.transaction(translating: Self.itself) {
      () throws(any Error) in
      try connection.run("INSERT INTO t VALUES (1)")
      if failing { throw Refusal() }
    }
  }

  private func count() throws -> Int64? {
    try database.connect(.readOnly).first("SELECT count(*) FROM t") { $0.integer(0) }
  }

  @Test func `a body that returns takes effect`() throws {
    try insert(database.connect())
    #expect(try count() == 1)
  }

  @Test func `a body that throws leaves nothing`() throws {
    let connection = try database.connect()
    #expect(throws: Refusal.self) { try insert(connection, failing: true) }
    #expect(try count() == 0)
    try insert(connection)
    #expect(try count() == 1)
  }

  @Test func `a transaction takes the lock at once`() throws {
    let connection = try database.connect()
    try connection.execute("BEGIN IMMEDIATE")
    let error = #expect(throws: SQLiteError.self) { try insert(database.connect()) }
    #expect(error?.code.primary == .busy)
  }

  @Test func `a commit that fails is rolled back`() throws {
    let connection = try database.connect()
    try connection.execute(
      """
      CREATE TABLE parent (id INTEGER PRIMARY KEY);
      CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED)
      """)
    let error = #expect(throws: SQLiteError.self) {
      try connection.transaction(translating: Self.itself) {
        () throws(any Error) in _ = try connection.run("INSERT INTO child VALUES (1)")
      }
    }
    #expect(error?.code.primary == .constraint)
    try insert(connection)
  }
}
