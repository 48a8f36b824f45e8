import SQL
import TestSupport
import Testing

@testable import PostgreSQL

@Suite("TransactionMark") struct TransactionMarkTests {
  // Not the server that tests share: another test may need that its last checkpoint stays the last.
  private let server: PostgreSQLServer
  private let database: PostgreSQLDatabase

  init() throws {
    server = try PostgreSQLServer()
    database = try server.connect()
    try database.execute("CREATE TABLE t (id int)")
  }

  /// The mark of a transaction that has committed.
  private func committed() throws -> TransactionMark {
    var mark: TransactionMark?
    try database.begin()
    try database.run("INSERT INTO t VALUES (1)")
    try database.ask(TransactionMark.query, []) { row in
      mark = TransactionMark(number: row.text(0), era: row.text(1))
      return true
    }
    try database.commit()
    return try #require(mark)
  }

  @Test func `a committed transaction is known until a checkpoint, which may follow a crash`()
    throws
  {
    let mark = try committed()
    #expect(database.result(of: mark) == .committed)
    try database.execute("CHECKPOINT")
    #expect(database.result(of: mark) == .unknown)
    #expect(database.result(of: try committed()) == .committed)
  }

  @Test func `a transaction on another timeline may be another one`() throws {
    let mark = try committed()
    let elsewhere = TransactionMark(
      number: mark.number, era: "0000002A" + mark.era.dropFirst("00000001".count))
    #expect(database.result(of: elsewhere) == .unknown)
  }
}
