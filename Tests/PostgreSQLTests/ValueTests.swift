import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("Value on PostgreSQL") struct ValueTests {
  private let database: PostgreSQLDatabase

  init() throws { database = try PostgreSQLServer.shared().connect() }

  @Test(arguments: [Int64.min, -2_147_483_649, -1, 0, 1, 255, 256, 2_147_483_648, .max])
  func `an integer comes back`(_ number: Int64) throws {
    #expect(try database.first("SELECT $1", .integer(number)) { $0.integer(0) } == number)
  }

  @Test func `an integer of any width is read`() throws {
    try database.execute("CREATE TEMP TABLE t (a smallint, b integer, c bigint)")
    let numbers: [(small: Int64, medium: Int64)] = [
      (-32768, -2_147_483_648), (-1, -1), (32767, 2_147_483_647),
    ]
    for (small, medium) in numbers {
      try database.run(
        "INSERT INTO t VALUES ($1, $2, $3)", .integer(small), .integer(medium), .integer(medium))
      let read = try database.first("DELETE FROM t RETURNING a, b, c") { row in
        (0..<3).map { row.integer($0) }
      }
      #expect(read == [small, medium, medium])
    }
  }

  @Test(arguments: [true, false]) func `a Boolean comes back`(_ boolean: Bool) throws {
    let read = try database.first("SELECT $1, NOT $1", .boolean(boolean)) { row in
      [row.boolean(0), row.boolean(1), row.integer(0) == 1]
    }
    #expect(read == [boolean, !boolean, boolean])
  }

  @Test(arguments: [0, -0.5, 1e300, -1e-300, .infinity, .greatestFiniteMagnitude])
  func `a number comes back`(_ number: Double) throws {
    let value = try database.first("SELECT $1", .real(number)) { $0.value(0) }
    #expect(value == .real(number))
  }

  @Test func `a number of single precision is read`() throws {
    #expect(try database.first("SELECT 0.5::real") { $0.value(0) } == .real(0.5))
  }

  @Test(arguments: ["", "a", "ü\u{1f600}", "\u{1}\n\t\\'\"", "\u{10ffff}"])
  func `text comes back`(_ text: String) throws {
    let read = try database.first(
      "SELECT $1, CAST($2 AS varchar(99))", .text(text), .text(text)
    ) { row in [row.text(0), row.text(1)] }
    #expect(read == [text, text])
  }

  @Test func `a long text comes back`() throws {
    let text = String(repeating: "Zwölf Boxkämpfer. ", count: 100_000)
    #expect(try database.first("SELECT $1", .text(text)) { $0.text(0) } == text)
  }

  @Test(arguments: [[], [0], [0, 1, 0xff], Array(repeating: UInt8(0xfe), count: 100_000)])
  func `a blob comes back`(_ bytes: [UInt8]) throws {
    #expect(try database.first("SELECT $1", .blob(bytes)) { $0.value(0) } == .blob(bytes))
  }

  @Test func `NULL comes back, of any type`() throws {
    try database.execute("CREATE TEMP TABLE t (a bigint, b boolean, c text, d bytea, e timestamp)")
    try database.run("INSERT INTO t VALUES ($1, $2, $3, $4, $5)", .null, .null, .null, .null, .null)
    let read = try database.first("SELECT * FROM t") { row in
      (0..<5).map { row.isNull($0) && row.value($0) == .null }
    }
    #expect(read == Array(repeating: true, count: 5))
    #expect(try database.first("SELECT a, c FROM t") { $0.optionalInteger(0) } == .some(nil))
    #expect(try database.first("SELECT a, c FROM t") { $0.optionalText(1) } == .some(nil))
  }

  @Test func `a text with a NUL byte is refused, not cut`() throws {
    let refusal = DatabaseError.constraint(detail: "a text contains a NUL byte")
    #expect(throws: refusal) { try database.run("SELECT $1", .text("a\0b")) }
    #expect(throws: refusal) { try database.run("SELECT $1", .malformedText([0])) }
    #expect(throws: refusal) { try database.run("SELECT $1", .texts(["a", "\0"])) }
    #expect(try database.first("SELECT 1") { $0.integer(0) } == 1)
  }

  @Test func `text that is not UTF-8 is refused`() throws {
    #expect(throws: DatabaseError.constraint(detail: "a text is not valid UTF-8")) {
      try database.run("SELECT $1::text", .malformedText([0x61, 0xff]))
    }
  }

  // MARK: Arrays

  @Test(arguments: [[], [7], [Int64.min, -1, 0, .max], Array(1...10_000)])
  func `integers are an array`(_ numbers: [Int64]) throws {
    let read = try database.rows("SELECT unnest($1)", .integers(numbers)) { $0.integer(0) }
    #expect(read == numbers)
    #expect(
      try database.first("SELECT 7::int = ANY ($1)", .integers(numbers)) { $0.boolean(0) }
        == numbers.contains(7))
  }

  @Test(arguments: [[], [""], ["a", "{b,\"c\"}", "NULL", "ü'\\"]])
  func `texts are an array`(_ texts: [String]) throws {
    let read = try database.rows(
      "SELECT w.value FROM unnest($1) WITH ORDINALITY AS w (value, key) ORDER BY w.key",
      .texts(texts)
    ) { $0.text(0) }
    #expect(read == texts)
  }

  @Test func `a batch is inserted by one statement`() throws {
    try database.execute("CREATE TEMP TABLE t (id int PRIMARY KEY, email varchar(255))")
    let count = try database.run(
      "INSERT INTO t SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING",
      .integers([1, 2, 2, 3]), .texts(["a", "b", "c", "d"]))
    #expect(count == 3)
  }

  // MARK: Dates

  @Test(arguments: [
    "2026-11-23 09:00:00.000000", "2000-01-01 00:00:00.000000", "1999-12-31 23:59:59.999999",
    "0001-01-01 00:00:00.000001", "9999-12-31 23:59:59.999999", "infinity", "-infinity",
    "10000-01-01 00:00:00.000000", "294276-12-31 23:59:59.999999", "0001-12-31 23:59:59.000000 BC",
    "4713-01-01 00:00:00.000000 BC",
  ])
  func `a date without a zone comes back as the same text`(_ text: String) throws {
    try database.execute("CREATE TEMP TABLE t (at timestamp)")
    try database.run("INSERT INTO t VALUES ($1)", .text(text))
    #expect(try database.first("SELECT at FROM t") { $0.text(0) } == text)
    #expect(try database.first("SELECT at FROM t") { $0.value(0) } == .text(text))
    #expect(
      try database.first("SELECT count(*) FROM t WHERE at = $1", .text(text)) { $0.count(0) } == 1)
  }

  @Test func `two dates of a row are two texts`() throws {
    let read = try database.first(
      "SELECT timestamp '2026-11-23', timestamp '2026-11-24', 7, 0.5::float8"
    ) { row in
      let both = (row.optionalText(0), row.optionalText(1))
      row.withBytes(0) { first in
        row.withBytes(2) { #expect(Array($0) == Array("7".utf8)) }
        #expect(String(decoding: first, as: UTF8.self) == both.0)
      }
      return [both.0, both.1, row.text(2), row.text(3)]
    }
    #expect(read == ["2026-11-23 00:00:00.000000", "2026-11-24 00:00:00.000000", "7", "0.5"])
  }

  @Test func `a date with a zone is in UTC, whatever the session's zone`() throws {
    try database.execute("SET TimeZone = 'Europe/Berlin'; SET DateStyle = 'German'")
    let read = try database.first(
      "SELECT timestamptz '2026-11-23 09:00:00+01', date '2026-11-23', date '0044-03-15 BC'"
    ) { row in (0..<3).map { row.text($0) } }
    #expect(read == ["2026-11-23 08:00:00.000000", "2026-11-23", "0044-03-15 BC"])
  }

  // MARK: Other types

  @Test func `JSON, names and the types of extensions are text`() throws {
    try database.execute("CREATE TYPE pg_temp.mood AS ENUM ('good', 'bad')")
    let read = try database.first(
      """
      SELECT jsonb '[1,"a"]', json '[ ]', name 'x', 'c'::"char", 'bad'::pg_temp.mood, NULL
      """
    ) { row in (0..<6).map { row.optionalText($0) } }
    #expect(read == ["[1, \"a\"]", "[ ]", "x", "c", "bad", nil])
  }

  @Test func `a type that is not read is an error that names the column`() throws {
    #expect(throws: DatabaseError.unexpected(code: "type 1700", detail: "the type of total")) {
      try database.rows("SELECT 1, 2.5 AS total") { $0.integer(0) }
    }
    #expect(try database.first("SELECT 1") { $0.integer(0) } == 1)
  }

  @Test func `a value of another type is a fault that names the row`() throws {
    let error = try #require(
      throws: DatabaseError.self,
      performing: {
        try database.rows("SELECT 7 AS id, 'x' AS age UNION ALL SELECT 8, 'y'") { $0.integer(1) }
      })
    guard case .malformed(let value) = error else { throw error }
    #expect(value.column == "age")
    #expect(value.key == .integer(7))
    #expect(value.fault == .type(found: .text, expected: .integer))
    #expect(try database.first("SELECT NULL") { $0.optionalText(0) } == .some(nil))
  }
}
