import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("A pooler before PostgreSQL") struct PoolerTests {
  private let server: PostgreSQLServer
  private let pooler: Pooler

  init() throws {
    server = try PostgreSQLServer.shared()
    pooler = try Pooler(before: server)
  }

  @Test func `a pooler is noticed`() throws {
    #expect(try pooler.connect().isPooled())
    #expect(try !server.connect().isPooled())
    #expect(try !server.connect(["host": "127.0.0.1"]).isPooled())
  }

  @Test func `statements and transactions work in sessions that change, and leave none changed`()
    throws
  {
    try server.connect().execute("CREATE TABLE pooled (x bigint)")
    let connections = try (0..<4).map { _ in try pooler.connect() }
    try connections[3].refuseChanges()
    for round in 0..<5 {
      for database in connections[..<3] {
        try database.begin()
        try database.run("INSERT INTO pooled VALUES ($1)", .integer(Int64(round)))
        try database.commit()
        #expect(try database.first("SELECT $1 + 1", .integer(1)) { $0.integer(0) } == 2)
      }
      #expect(
        try connections[3].first("SELECT count(*) FROM pooled") { $0.count(0) } == 3 * (round + 1))
      #expect(throws: DatabaseError.self) { try connections[3].run("DELETE FROM pooled") }
    }
    let leftovers: Statement = """
      SELECT name FROM pg_prepared_statements UNION ALL SELECT name FROM pg_settings
      WHERE name ~ 'timeout|read_only|synchronous_commit' AND source = 'session'
      """
    // The last one's own statement only reads.
    for database in connections[..<3] {
      let names = try database.rows(leftovers) { $0.text(0) }
      #expect(names == [])
    }
  }
}
