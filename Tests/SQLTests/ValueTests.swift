import SQL
import SQLite
import TestSupport
import Testing

@Suite("Value") struct ValueTests {
  @Test func `nil becomes NULL`() {
    #expect(Value(nil as String?) == .null)
    #expect(Value(nil as Int64?) == .null)
  }

  @Test func `a value stays unchanged`() {
    #expect(Value("x") == .text("x"))
    #expect(Value(Int64(7)) == .integer(7))
  }

  @Test func `values have the order in which SQLite sorts them`() throws {
    let values: [Value] = [
      .blob([0]), .blob([]), .text("b"), .text("a"), .text(""), .text("ab"), .text("é"),
      .malformedText([0x61, 0xff]), .malformedText([0xff]), .integer(.max), .integer(.min),
      .integer(0), .integer(1), .real(0.5), .real(-2.5), .real(1e300), .real(-1e300), .null,
    ]
    let connection = try SQLiteDatabase()
    try connection.execute("CREATE TABLE t (x)")
    for value in values { try connection.run("INSERT INTO t VALUES ($1)", value) }
    let sorted = try connection.rows("SELECT x FROM t ORDER BY x") { $0.value(0) }
    #expect(sorted == values.sorted())
    for (left, right) in zip(sorted, sorted.dropFirst()) {
      #expect(left < right)
      #expect(!(right < left))
    }
    #expect(!(Value.integer(2) < .real(2)) && !(Value.real(2) < .integer(2)))
  }
}
