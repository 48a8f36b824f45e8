import Foundation
import SQL
import SQLite
import TestSupport
import Testing

@Suite("SQLiteDatabase") struct SQLiteDatabaseTests {
  private let database: DatabaseFile

  init() throws { database = try DatabaseFile() }

  /// Statements that SQLite rejects.
  private func refusal(_ body: () throws -> Void) throws -> DatabaseError {
    try #require(throws: DatabaseError.self, performing: body)
  }

  // MARK: Opening

  @Test(arguments: [SQLiteDatabase.Access.readOnly, .readWrite])
  func `a missing file is not created`(_ access: SQLiteDatabase.Access) throws {
    let error = try refusal { _ = try database.connect(access) }
    #expect(error == .cannotOpen(detail: "unable to open database file"))
    #expect(!FileManager.default.fileExists(atPath: database.path))
  }

  @Test func `a connection that reads cannot write`() throws {
    try database.connect().execute("CREATE TABLE t (x)")
    let error = try refusal {
      try database.connect(.readOnly).execute("INSERT INTO t VALUES (1)")
    }
    #expect(error == .readOnly(.database, detail: "attempt to write a readonly database"))
  }

  @Test func `a file that is not a database is detected by the first statement`() throws {
    try Data(repeating: 0x78, count: 4096).write(to: URL(filePath: database.path))
    #expect(
      try refusal { try database.connect().execute("SELECT * FROM sqlite_schema") }
        == .notADatabase)
  }

  @Test func `foreign keys are enforced, and schemas not trusted`() throws {
    let connection = try database.connect()
    let foreignKeys = try connection.first("PRAGMA foreign_keys") { $0.integer(0) }
    let trustedSchema = try connection.first("PRAGMA trusted_schema") { $0.integer(0) }
    #expect(foreignKeys == 1)
    #expect(trustedSchema == 0)
  }

  @Test func `a misspelled column is not a string`() throws {
    let connection = try database.connect()
    try connection.execute("CREATE TABLE t (x)")
    #expect(throws: DatabaseError.self) { try connection.execute("SELECT \"y\" FROM t") }
    #expect(throws: DatabaseError.self) {
      try connection.execute("CREATE INDEX i ON t (x) WHERE x = \"y\"")
    }
  }

  // MARK: Statements

  @Test func `values are read back as bound`() throws {
    let connection = try database.connect()
    try connection.execute("CREATE TABLE t (a, b, c, d, e)")
    let text = "é\u{0}x\r\n😀"
    try connection.run(
      "INSERT INTO t VALUES ($1, $2, $3, $4, $5)", .null, .integer(.min), .text(text), .text(""),
      .boolean(true))
    let row = try connection.first("SELECT a, b, c, d, e, typeof(d) FROM t") { row in
      (row.isNull(0), row.integer(1), row.text(2), row.text(3), row.integer(4), row.text(5))
    }
    let (isNull, integer, bound, empty, boolean, type) = try #require(row)
    #expect(isNull)
    #expect(integer == .min)
    #expect(Array(bound.utf8) == Array(text.utf8))
    #expect(empty.isEmpty)
    #expect(boolean == 1)
    #expect(type == "text")
  }

  @Test func `NULL is distinguished from zero and empty text`() throws {
    let connection = try database.connect()
    let row = try connection.first("SELECT NULL, 0, ''") { row in
      (row.optionalInteger(0), row.optionalInteger(1), row.optionalText(0), row.optionalText(2))
    }
    let (null, zero, nothing, empty) = try #require(row)
    #expect(null == nil)
    #expect(zero == 0)
    #expect(nothing == nil)
    #expect(empty?.isEmpty ?? false)
  }

  @Test func `text that is not UTF-8 is repaired`() throws {
    let connection = try database.connect()
    let text = try connection.first("SELECT CAST(x'61ff62' AS TEXT)") { $0.text(0) }
    #expect(text == "a\u{fffd}b")
  }

  @Test func `a statement is used again with other values`() throws {
    let connection = try database.connect()
    var sums: [Int64?] = []
    for number in 1...3 {
      sums.append(try connection.first("SELECT $1 + 1", .integer(Int64(number))) { $0.integer(0) })
    }
    #expect(sums == [2, 3, 4])
  }

  @Test func `every row is transformed, in order`() throws {
    let connection = try database.connect()
    let rows = try connection.rows("SELECT value FROM json_each('[3,1,2]')") { $0.integer(0) }
    #expect(rows == [3, 1, 2])
  }

  @Test func `a query without a row has no first one`() throws {
    let connection = try database.connect()
    let first = try connection.first("SELECT 1 WHERE 0") { $0.integer(0) }
    #expect(first == nil)
  }

  @Test func `a list is bound to one parameter`() throws {
    let connection = try database.connect()
    let numbers = try connection.rows(
      "SELECT value FROM json_each($1)", .integers([3, .min, .max])
    ) { $0.integer(0) }
    #expect(numbers == [3, .min, .max])
    let texts = ["", "a\"b\\c", "\u{1}\u{1f}\r\n", "é😀", "[],"]
    let bound = try connection.rows("SELECT value FROM json_each($1)", .texts(texts)) { $0.text(0) }
    #expect(bound == texts)
    #expect(try connection.rows("SELECT value FROM json_each($1)", .texts([])) { _ in 1 } == [])
  }

  @Test func `rows are read while another statement runs`() throws {
    let connection = try database.connect()
    let rows = try connection.rows("SELECT value FROM json_each('[1,2]')") { row in
      let inner = try? connection.first("SELECT 'x'") { $0.text(0) }
      return "\(inner ?? "")\(row.integer(0))"
    }
    #expect(rows == ["x1", "x2"])
  }

  @Test func `a statement is committed with each list of values, or changes nothing`() throws {
    let connection = try database.connect()
    try connection.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)")
    let insertion: Statement = "INSERT INTO t SELECT $1 WHERE $1 > 0"
    #expect(
      try connection.beginCommit(insertion, each: [[.integer(1)], [.integer(0)], [.integer(2)]])
        .result()
        == [1, 0, 1])
    _ = try refusal {
      _ = try connection.beginCommit(insertion, each: [[.integer(3)], [.integer(1)]]).result()
    }
    try connection.begin()
    #expect(try database.connect().rows("SELECT x FROM t") { $0.integer(0) } == [1, 2])
    try connection.commit()
  }

  @Test func `changes are counted`() throws {
    let connection = try database.connect()
    try connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    try connection.run("INSERT INTO t VALUES (5), (7)")
    let changed = try connection.run("DELETE FROM t WHERE id = $1", .integer(5))
    let unchanged = try connection.run("DELETE FROM t WHERE id = $1", .integer(6))
    #expect(changed == 1)
    #expect(unchanged == 0)
  }

  @Test func `a reader that stops early holds no lock`() throws {
    let reader = try database.connect()
    try reader.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")
    _ = try reader.first("SELECT x FROM t") { $0.integer(0) }
    try database.connect(.readWrite).execute("DROP TABLE t")
  }

  @Test func `a constraint violation has SQLite's message`() throws {
    let connection = try database.connect()
    try connection.execute("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)")
    let error = #expect(throws: DatabaseError.self) {
      try connection.run("INSERT INTO t VALUES ($1)", .integer(1))
    }
    #expect(error == .constraint(detail: "UNIQUE constraint failed: t.x"))
  }

  @Test func `a statement can be used again after an error`() throws {
    let connection = try database.connect()
    try connection.execute("CREATE TABLE t (x UNIQUE)")
    var refusals: [DatabaseError?] = []
    for number: Int64 in [1, 1, 2] {
      do {
        try connection.run("INSERT INTO t VALUES ($1)", .integer(number))
        refusals.append(nil)
      } catch {
        refusals.append(error)
      }
    }
    #expect(refusals == [nil, .constraint(detail: "UNIQUE constraint failed: t.x"), nil])
  }

  @Test func `invalid SQL is an error`() throws {
    let connection = try database.connect()
    #expect(throws: DatabaseError.self) { try connection.execute("SELEKT 1") }
    #expect(throws: DatabaseError.self) { try connection.run("SELECT * FROM nowhere") }
  }

  @Test func `the library's version is known`() {
    #expect(SQLiteDatabase.libraryVersion.hasPrefix("3."))
  }

  @Test func `the library's compile options are known`() {
    let options = SQLiteDatabase.compileOptions
    #expect(options.contains { $0.hasPrefix("THREADSAFE=") })
    #expect(Set(options).count == options.count)
  }
}
