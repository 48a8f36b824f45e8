import PostgreSQL
import SQL
import SQLite
import TestSupport
import Testing

@Suite("SQLText") struct SQLTextTests {
  @Test(arguments: ["plain", "with \"quotes\"", "'; DROP TABLE t; --", "select", "é\n"])
  func `any name is quoted as an identifier`(_ name: String) throws {
    let connection = try SQLiteDatabase()
    var table = SQLText("CREATE TABLE t (")
    table.append(name: name)
    table.append(")")
    try connection.step(table, []) { _ in true }
    var insert = SQLText("INSERT INTO t (")
    insert.append(name: name)
    insert.append(") VALUES (?)")
    #expect(try connection.step(insert, [.integer(7)]) { _ in true } == 1)
    #expect(try connection.rows("SELECT name FROM pragma_table_info('t')") { $0.text(0) } == [name])
  }

  @Test(arguments: ["plain", "it's", "''"])
  func `any text is quoted as a literal`(_ name: String) throws {
    let connection = try SQLiteDatabase()
    try connection.execute("CREATE TABLE t (x)")
    var sql = SQLText("INSERT INTO t VALUES (")
    sql.append(literal: name)
    sql.append(")")
    try connection.step(sql, []) { _ in true }
    #expect(try connection.rows("SELECT x FROM t") { $0.text(0) } == [name])
  }

  @Test func `each engine gets its words of a pair`() throws {
    var sql = SQLText("SELECT 1 ")
    sql.append(Statement(sqlite: "WHERE 2 GLOB '2'", postgreSQL: "WHERE '2' ~ '2'"))
    sql.append(" AND {yes}")
    let names = Names(["yes": "TRUE"])
    #expect(sql.text(with: names) { $0.sqlite } == "SELECT 1 WHERE 2 GLOB '2' AND TRUE")
    let sqlite = try SQLiteDatabase()
    sqlite.names = names
    #expect(try sqlite.rows(sql) == 1)
    let server = try PostgreSQLServer.shared().connect()
    server.names = names
    #expect(try server.rows(sql) == 1)
  }

  @Test func `words of SQLite alone are an error on a server`() throws {
    var sql = SQLText("SELECT 1")
    sql.append(Statement(sqlite: " WHERE 2 GLOB '2'"))
    #expect {
      try PostgreSQLServer.shared().connect().step(sql, []) { _ in true }
    } throws: { error in
      guard case .unexpected("no words for PostgreSQL", _) = error as? DatabaseError else {
        return false
      }
      return true
    }
  }
}

extension Database {
  /// The number of rows of a query.
  fileprivate func rows(_ text: SQLText) throws -> Int {
    var count = 0
    try step(text, []) { _ in
      count += 1
      return true
    }
    return count
  }
}
