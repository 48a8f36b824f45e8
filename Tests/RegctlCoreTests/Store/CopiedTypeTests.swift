import SQL
import Testing

@testable import RegctlCore

@Suite("CopiedType") struct CopiedTypeTests {
  @Test(
    arguments: [
      ("VARCHAR(120)", CopiedType.varchar([120])), ("varchar", .varchar([])),
      ("NUMERIC(10, 2)", .numeric([10, 2])), ("DATETIME", .timestamp), ("timestamp", .timestamp),
      ("BOOLEAN", .boolean), ("INTEGER", .integer), ("INT", .integer), ("BIGINT", .bigInteger),
      ("DOUBLE PRECISION", .real), ("FLOAT", .real), ("BLOB", .bytes), ("", .text),
      ("JSON", .json), ("UUID", .uuid), ("TIMESTAMP WITH TIME ZONE", .zonedTimestamp),
      ("CITEXT", .text), ("STRANGE", .numeric([])),
    ])
  func `a declared type is what SQLAlchemy means by it`(_ words: String, type: CopiedType) {
    #expect(CopiedType(declared: words) == type)
  }

  @Test(
    arguments: [
      ("varchar", 124, CopiedType.varchar([120])), ("varchar", -1, .varchar([])),
      ("numeric", 655366, .numeric([10, 2])), ("numeric", -1, .numeric([])),
      ("int4", -1, .integer), ("bpchar", 9, .char([5])), ("inet", -1, .foreign("inet")),
    ])
  func `a type of the catalog has its modifiers`(_ name: String, modifier: Int, type: CopiedType) {
    #expect(CopiedType(catalogName: name, modifier: modifier) == type)
  }

  @Test(
    arguments: [
      (
        CopiedType.timestamp, Value.text("2026-11-23T09:00:00"), .text("2026-11-23 09:00:00.000000")
      ),
      (.timestamp, .text("2026-11-23"), .text("2026-11-23 00:00:00.000000")),
      (.numeric([10, 2]), .real(12.5), .text("12.5")),
      (.numeric([]), .text("12.50"), .text("12.5")),
      (.numeric([]), .integer(12), .text("12")), (.numeric([]), .text("12.00"), .text("12")),
      (.numeric([]), .text("1200"), .text("1200")), (.real, .integer(2), .real(2)),
      (.char([5]), .text("ab   "), .text("ab")),
      (.time, .text("09:00:00.500000"), .text("09:00:00.5")),
      (.time, .text("09:00:00"), .text("09:00:00")), (.json, .integer(5), .text("5")),
      (.varchar([]), .blob([0x61]), .text("a")), (.boolean, .null, .null),
      (.uuid, .text("AB"), .text("ab")),
    ] as [(CopiedType, Value, Value)])
  func `values that mean the same have one form`(
    _ type: CopiedType, value: Value, canonical: Value
  ) throws {
    #expect(try type.canonical(value) == canonical)
  }

  @Test(
    arguments: [
      (CopiedType.integer, Value.text("5"), CopyRefusal.Reason.type(found: "text")),
      (.bytes, .text("5"), .type(found: "text")),
      (.text, .integer(5), .type(found: "the integer 5")),
      (.timestamp, .text("2026-11-23 09:00:00Z"), .date("2026-11-23 09:00:00Z")),
      (.timestamp, .text("2026-02-30"), .date("2026-02-30")),
      (.timestamp, .text("2026-11-23 09:00:00.1234567"), .date("2026-11-23 09:00:00.1234567")),
      (.date, .text("2026-11-23 09:00"), .date("2026-11-23 09:00")),
      (.varchar([]), .blob([0xff]), .malformedText), (.varchar([]), .blob([0]), .zeroByte),
    ] as [(CopiedType, Value, CopyRefusal.Reason)])
  func `a value that a server does not keep is refused`(
    _ type: CopiedType, value: Value, reason: CopyRefusal.Reason
  ) {
    #expect(throws: reason) { try type.canonical(value) }
  }

  @Test(
    arguments: [
      (nil, CopiedTable.Initial.none), ("NULL", .none),
      ("'none'::character varying", .constant("none")),
      ("'a::b'", .constant("a::b")), ("0", .constant("0")), ("'-1'::integer", .constant("-1")),
      ("false", .constant("false")), ("now()", .now), ("CURRENT_TIMESTAMP", .now),
      ("nextval('users_id_seq'::regclass)", .other), ("1 + 1", .other), ("'it''s'", .other),
    ] as [(String?, CopiedTable.Initial)])
  func `a default is a constant, the time, or not copied`(
    _ expression: String?, initial: CopiedTable.Initial
  ) {
    #expect(CopiedTable.Initial(expression) == initial)
  }
}
