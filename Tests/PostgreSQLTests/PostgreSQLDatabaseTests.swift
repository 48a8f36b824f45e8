import Foundation
import PostgreSQL
import SQL
import SQLite
import TestSupport
import Testing

@Suite("PostgreSQLDatabase") struct PostgreSQLDatabaseTests {
  private let server: PostgreSQLServer
  private let database: PostgreSQLDatabase

  init() throws {
    server = try PostgreSQLServer.shared()
    database = try server.connect()
  }

  // MARK: Rows

  @Test func `the number of changed rows is counted`() throws {
    try database.execute("CREATE TEMP TABLE t (x int)")
    #expect(try database.run("INSERT INTO t SELECT generate_series(1, 5)") == 5)
    #expect(try database.run("UPDATE t SET x = x + 1 WHERE x < 3") == 2)
    #expect(try database.run("SELECT * FROM t") == 0)
    #expect(try database.run("DELETE FROM t WHERE x = 99") == 0)
    #expect(try database.run("DELETE FROM t RETURNING x") == 5)
  }

  @Test func `a body that returns false gets no more rows`() throws {
    var numbers: [Int64] = []
    try database.step("SELECT generate_series(1, 1000)", []) { row in
      numbers.append(row.integer(0))
      return numbers.count < 3
    }
    #expect(numbers == [1, 2, 3])
    #expect(try database.first("SELECT 'next'") { $0.text(0) } == "next")
  }

  @Test func `an error after some rows is thrown`() throws {
    var count = 0
    #expect(throws: DatabaseError.self) {
      try database.step("SELECT 1 / (2000 - x) FROM generate_series(1, 3000) AS x", []) { _ in
        count += 1
        return true
      }
    }
    #expect(count > 0)
    #expect(try database.first("SELECT 1") { $0.integer(0) } == 1)
  }

  @Test func `a million rows take little memory`() throws {
    // Of 200 bytes each, all of them would take more than 200 MB.
    let before = try Self.residentMegabytes()
    var greatest = before
    var sum: Int64 = 0
    try database.step("SELECT x, repeat('x', 200) FROM generate_series(1, 1000000) AS x", []) {
      row in
      let number = row.integer(0)
      sum += number
      if number % 100_000 == 0, let now = try? Self.residentMegabytes() {
        greatest = max(greatest, now)
      }
      return true
    }
    #expect(sum == 500_000_500_000)
    // Other suites run at the same time.
    #expect(greatest - before < 100)
  }

  private static func residentMegabytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let fields = text.split(separator: " ")
    return try #require(Int(fields[1])) * 4096 / 1_000_000
  }

  // MARK: Statements

  @Test func `a statement that is run again is prepared once for each set of types`() throws {
    let prepared: Statement = "SELECT statement FROM pg_prepared_statements ORDER BY 1"
    func names() throws -> [String] { try database.rows(prepared) { $0.text(0) } }
    func sum(_ left: Value, _ right: Value) throws -> Int64? {
      try database.first("SELECT $1 + $2", left, right) { $0.optionalInteger(0) } ?? nil
    }
    #expect(try names() == [])
    #expect(try sum(.integer(1), .integer(2)) == 3)
    // The question itself is now prepared.
    #expect(try names() == ["SELECT statement FROM pg_prepared_statements ORDER BY 1"])
    for _ in 1...3 {
      #expect(try sum(.integer(3), .integer(4)) == 7)
      #expect(try sum(.null, .integer(4)) == nil)
    }
    #expect(try names().first == "SELECT $1 + $2")
    #expect(try names().count == 2)
    for _ in 1...2 {
      let real = try database.first("SELECT $1 + $2", .real(0.5), .real(1)) { $0.value(0) }
      #expect(real == .real(1.5))
    }
  }

  @Test func `the same statement takes other types`() throws {
    let statement: Statement = "SELECT CAST($1 AS text)"
    let values: [Value] = [.integer(7), .text("x"), .null, .boolean(true), .text("y"), .integer(8)]
    let read = try (values + values).map { value in
      try database.first(statement, value) { $0.optionalText(0) } ?? nil
    }
    #expect(read == ["7", "x", nil, "true", "y", "8", "7", "x", nil, "true", "y", "8"])
  }

  @Test func `a prepared statement works after its table got a column`() throws {
    try database.execute("CREATE TEMP TABLE t (x int); INSERT INTO t VALUES (1)")
    func columns() throws -> Int64? { try database.first("SELECT * FROM t") { $0.integer(0) } }
    for _ in 1...3 { #expect(try columns() == 1) }
    try database.execute("ALTER TABLE t ALTER x TYPE bigint")
    for _ in 1...3 { #expect(try columns() == 1) }
  }

  @Test func `a prepared statement works after the session was reset`() throws {
    func answer() throws -> Int64? { try database.first("SELECT 1") { $0.integer(0) } }
    for _ in 1...3 { #expect(try answer() == 1) }
    try database.execute("DISCARD ALL")
    for _ in 1...3 { #expect(try answer() == 1) }
  }

  @Test func `in a transaction a stale statement is a conflict, and works when that is run again`()
    throws
  {
    func answer() throws -> Int64? { try database.first("SELECT 1") { $0.integer(0) } }
    for _ in 1...3 { #expect(try answer() == 1) }
    try database.execute("DEALLOCATE ALL")
    try database.begin()
    let error = #expect(throws: DatabaseError.self) { try answer() }
    #expect(error == .conflict(detail: "prepared statement \"s1\" does not exist"))
    database.rollBack()
    try database.begin()
    #expect(try answer() == 1)
    try database.commit()
  }

  @Test func `names are filled, and a statement for SQLite is refused`() throws {
    database.names = Names(["users": Names.quoted("my users")])
    try database.execute("CREATE TEMP TABLE {users} (id int)")
    for number in 1...3 {
      try database.run("INSERT INTO {users} VALUES ($1)", .integer(Int64(number)))
    }
    var text = SQLText("SELECT sum(id)::bigint, ")
    text.append(literal: "it's \\ {id}")
    text.append(" FROM {users} WHERE id >= ")
    text.append(parameter: 1)
    var read: [String] = []
    try database.step(text, [.integer(2)]) { row in
      read.append("\(row.integer(0)) \(row.text(1))")
      return true
    }
    #expect(read == ["5 it's \\ {id}"])
    #expect(
      throws: DatabaseError.unexpected(code: "no words for PostgreSQL", detail: "PRAGMA x")
    ) { try database.execute(Statement(sqlite: "PRAGMA x")) }
    let pair = Statement(sqlite: "SELECT ifnull($1, 2)", postgreSQL: "SELECT coalesce($1, 2)")
    #expect(try database.first(pair, .integer(5)) { $0.integer(0) } == 5)
    #expect(try SQLiteDatabase().first(pair, .integer(5)) { $0.integer(0) } == 5)
  }

  // MARK: Without changes

  @Test func `after changes are refused, reading goes on, and no setting remains`() throws {
    try database.execute("CREATE TEMP TABLE t (x int)")
    try database.refuseChanges()
    let refusal = DatabaseError.readOnly(
      .database, detail: "cannot execute CREATE TABLE in a read-only transaction")
    for _ in 1...3 {
      #expect(throws: refusal) { try database.run("CREATE TABLE refused ()") }
      #expect(throws: refusal) { try database.execute("SELECT 1; CREATE TABLE refused ()") }
      #expect(try database.first("SELECT 7 FROM pg_class") { $0.integer(0) } == 7)
      #expect(try database.rows("SELECT generate_series(1, 3)") { $0.integer(0) } == [1, 2, 3])
    }
    try database.begin()
    #expect(throws: refusal) { try database.run("CREATE TABLE refused ()") }
    database.rollBack()
    try database.execute("DISCARD PLANS")
    let isReadOnly: Statement = "SELECT current_setting('default_transaction_read_only')"
    #expect(try database.first(isReadOnly) { $0.text(0) } == "off")
  }

  @Test func `a stale statement works where changes are refused`() throws {
    try database.refuseChanges()
    func answer() throws -> Int64? { try database.first("SELECT 1") { $0.integer(0) } }
    for _ in 1...3 { #expect(try answer() == 1) }
    try database.execute("DEALLOCATE ALL")
    for _ in 1...3 { #expect(try answer() == 1) }
  }

  // MARK: Integrity

  @Test func `an index that differs from its table is a fault, where amcheck is installed`() throws
  {
    try database.execute("CREATE DATABASE checked")
    let database = try server.connect(["dbname": "checked"])
    try database.execute(
      """
      CREATE FUNCTION sign(x int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT x';
      CREATE TABLE t (x int);
      INSERT INTO t SELECT generate_series(1, 100);
      CREATE INDEX t_sign ON t (public.sign(x))
      """)
    #expect(try database.firstFault() == nil)
    try database.execute("CREATE SCHEMA \"the extensions\"")
    try database.execute("CREATE EXTENSION amcheck SCHEMA \"the extensions\"")
    #expect(try database.firstFault() == nil)
    try database.execute(
      "CREATE OR REPLACE FUNCTION sign(x int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT -x'")
    let fault = try #require(try server.connect(["dbname": "checked"]).firstFault())
    #expect(fault.contains("lacks matching index tuple within index \"t_sign\""))
  }
}
