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
}
