import SQL
import SQLite
import TestSupport
import Testing

@Suite("Row") struct RowTests {
  private enum Word: String { case yes, no }

  /// Transforms the rows of a query; an invalid row is replaced by its fault.
  private func readable(
    _ statement: Statement, transform: (borrowing Row) -> Int64
  ) throws -> [Result<Int64, MalformedValue>] {
    try SQLiteDatabase().rows(statement) { row in
      let value = transform(row)
      return row.takeFault().map(Result.failure) ?? .success(value)
    }
  }

  /// The fault in the only row of a table.
  private func fault(
    _ value: Value, reading read: (borrowing Row) -> Void
  ) throws -> MalformedValue? {
    let connection = try SQLiteDatabase()
    try connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
    try connection.run("INSERT INTO t VALUES (7, $1)", value)
    do {
      _ = try connection.first("SELECT id, x FROM t", transform: read)
      return nil
    } catch DatabaseError.malformed(let value) {
      return value
    }
  }

  @Test(arguments: [
    (Value.null, MalformedValue.Fault.null), (.text("5"), .type(found: .text, expected: .integer)),
    (.text(""), .type(found: .text, expected: .integer)),
    (.real(5), .type(found: .real, expected: .integer)),
    (.blob([5]), .type(found: .blob, expected: .integer)),
  ])
  func `a value that is not an integer is rejected`(
    _ value: Value, fault: MalformedValue.Fault
  ) throws {
    let found = try #require(try self.fault(value) { _ = $0.integer(1) })
    #expect(found.fault == fault)
    #expect(found.table == "t")
    #expect(found.column == "x")
    #expect(found.key == .integer(7))
  }

  @Test func `the bounds of an integer are read`() throws {
    for number in [Int64.min, -1, 0, .max] {
      let connection = try SQLiteDatabase()
      let read = try connection.first("SELECT $1", .integer(number)) { $0.integer(0) }
      #expect(read == number)
    }
  }

  @Test(arguments: [(Int64(4), true), (5, false), (7, false), (8, true), (.max, true)])
  func `an integer beyond its range is refused`(_ number: Int64, isRefused: Bool) throws {
    let found = try fault(.integer(number)) { _ = $0.integer(1, in: 5...7) }
    #expect(found?.fault == (isRefused ? .range(number) : nil))
  }

  @Test(arguments: [(Int64(0), false), (1, true)])
  func `a Boolean is 0 or 1`(_ number: Int64, expected: Bool) throws {
    var read: Bool?
    #expect(try fault(.integer(number)) { read = $0.boolean(1) } == nil)
    #expect(read == expected)
  }

  @Test(arguments: [Int64(-1), 2, .max])
  func `another number is not a Boolean`(_ number: Int64) throws {
    #expect(try fault(.integer(number)) { _ = $0.boolean(1) }?.fault == .range(number))
  }

  @Test(arguments: [Int64(-1), 2_147_483_648, .max])
  func `a count is neither negative nor beyond reason`(_ number: Int64) throws {
    #expect(try fault(.integer(number)) { _ = $0.count(1) }?.fault == .range(number))
  }

  @Test func `text that must be there is not NULL`() throws {
    #expect(try fault(.null) { _ = $0.text(1) }?.fault == .null)
  }

  @Test func `empty text is text`() throws {
    #expect(try fault(.text("")) { _ = $0.text(1) } == nil)
    let texts = try SQLiteDatabase().first("SELECT x'', NULL, ''") { row in
      (0..<3).map { row.optionalText($0) }
    }
    #expect(texts == ["", nil, ""])
  }

  @Test(arguments: [("yes", false), ("YES", true), ("", true)])
  func `a word is one of the allowed ones`(_ text: String, isRefused: Bool) throws {
    let found = try fault(.text(text)) { _ = $0.word(1, else: Word.no) }
    #expect((found?.fault == .word) == isRefused)
  }

  @Test func `the first fault of a row is reported, and does not affect the next query`() throws {
    let connection = try SQLiteDatabase()
    let error = try #require(
      throws: DatabaseError.self,
      performing: {
        _ = try connection.rows("SELECT 'a' AS first, 'b' AS second") { row in
          row.integer(0) + row.integer(1)
        }
      })
    guard case .malformed(let value) = error else { throw error }
    #expect(value.column == "first")
    #expect(try connection.rows("SELECT 1") { $0.integer(0) } == [1])
  }

  @Test func `invalid rows are distinguished from valid ones`() throws {
    let rows = try readable("SELECT value FROM json_each('[1,\"x\",3]')") { $0.integer(0) }
    #expect(rows.map { try? $0.get() } == [1, nil, 3])
  }

  @Test func `text that is not UTF-8 is bound as it was stored`() throws {
    let connection = try SQLiteDatabase()
    let stored = try connection.first("SELECT CAST(x'61ff62' AS TEXT)") { $0.value(0) }
    #expect(stored == .malformedText([0x61, 0xff, 0x62]))
    let isSame = try connection.first(
      "SELECT $1 = CAST(x'61ff62' AS TEXT)", try #require(stored)
    ) { $0.boolean(0) }
    #expect(isSame == true)
  }
}
