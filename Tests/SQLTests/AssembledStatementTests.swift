import SQL
import SQLite
import TestSupport
import Testing

@Suite("AssembledStatement") struct AssembledStatementTests {
  private func insertion(into table: String) -> AssembledStatement {
    var sql = SQLText("INSERT INTO ")
    sql.append(name: table)
    sql.append(" VALUES ($1)")
    return AssembledStatement(sql)
  }

  @Test func `a statement is compiled once`() throws {
    let connection = try SQLiteDatabase()
    try connection.execute("CREATE TABLE t (x)")
    let statement = insertion(into: "t")
    try connection.step(statement, [.integer(1)]) { _ in true }
    let compiled = try #require(statement.compiled)
    try connection.step(statement, [.integer(2)]) { _ in true }
    #expect(statement.compiled === compiled)
    #expect(try connection.rows("SELECT x FROM t") { $0.integer(0) } == [1, 2])
  }

  @Test func `each connection compiles it`() throws {
    let statement = insertion(into: "t")
    for _ in 0..<2 {
      let connection = try SQLiteDatabase()
      try connection.execute("CREATE TABLE t (x)")
      #expect(try connection.step(statement, [.integer(1)]) { _ in true } == 1)
      #expect(try connection.rows("SELECT x FROM t") { $0.integer(0) } == [1])
    }
  }

  @Test func `it can be used again after an error`() throws {
    let connection = try SQLiteDatabase()
    try connection.execute("CREATE TABLE t (x UNIQUE)")
    let statement = insertion(into: "t")
    try connection.step(statement, [.integer(1)]) { _ in true }
    #expect(throws: DatabaseError.self) {
      try connection.step(statement, [.integer(1)]) { _ in true }
    }
    #expect(try connection.step(statement, [.integer(2)]) { _ in true } == 1)
  }
}
