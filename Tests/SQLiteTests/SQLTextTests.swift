import SQLite
import Testing

@Suite("SQLText") struct SQLTextTests {
  private let database: Database

  init() throws { database = try Database() }

  @Test(arguments: ["plain", "with \"quotes\"", "'; DROP TABLE t; --", "select", "é\n"])
  func `a name is a name whatever is in it`(_ name: String) throws {
    let connection = try database.connect()
    var table = SQLText("CREATE TABLE t (")
    table.append(name: name)
    table.append(")")
    try connection.run(table, [])
    var insert = SQLText("INSERT INTO t (")
    insert.append(name: name)
    insert.append(") VALUES (?)")
    #expect(try connection.run(insert, [.integer(7)]) == 1)
    #expect(try connection.rows("SELECT name FROM pragma_table_info('t')") { $0.text(0) } == [name])
  }

  @Test(arguments: ["plain", "it's", "''"])
  func `a literal is text whatever is in it`(_ name: String) throws {
    let connection = try database.connect()
    try connection.execute("CREATE TABLE t (x)")
    var sql = SQLText("INSERT INTO t VALUES (")
    sql.append(literal: name)
    sql.append(")")
    try connection.run(sql, [])
    #expect(try connection.rows("SELECT x FROM t") { $0.text(0) } == [name])
  }
}
