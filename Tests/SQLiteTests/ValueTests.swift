import SQLite
import Testing

@Suite("Value") struct ValueTests {
  @Test func `nothing becomes NULL`() {
    #expect(Value(nil as String?) == .null)
    #expect(Value(nil as Int64?) == .null)
  }

  @Test func `something stays`() {
    #expect(Value("x") == .text("x"))
    #expect(Value(Int64(7)) == .integer(7))
  }

  @Test func `a Boolean is 0 or 1`() {
    #expect(Value(true) == .integer(1))
    #expect(Value(false) == .integer(0))
  }
}
