import Base
import Testing

@testable import RegctlCore

@Suite("ColumnValue") struct ColumnValueTests {
  @Test(arguments: [
    (JSONScalar.null, ColumnValue.null), (.boolean(true), .integer(1)),
    (.boolean(false), .integer(0)), (.number("5"), .integer(5)), (.number("-0"), .integer(0)),
    (.number("9223372036854775807"), .integer(.max)),
    (.number("9223372036854775808"), .real(9_223_372_036_854_775_808)),
    (.number("5.0"), .real(5)), (.number("1e2"), .real(100)), (.number("9e999"), .real(.infinity)),
    (.number("-9e999"), .real(-.infinity)), (.text("5"), .text("5")), (.text(""), .text("")),
  ])
  func `a value of JSON has its type`(_ scalar: JSONScalar, value: ColumnValue) {
    #expect(ColumnValue(scalar) == value)
  }

  @Test(arguments: [
    (nil, true, ColumnValue.null), ("", true, .text("")), ("5", true, .integer(5)),
    ("5", false, .text("5")), ("-1.5e3", true, .real(-1500)), ("0x10", true, .text("0x10")),
    ("inf", true, .text("inf")), ("nan", true, .text("nan")), ("e", true, .text("e")),
    (" 5", true, .text(" 5")), (#"\\"#, false, .text(#"\"#)),
    (#"\\blob:00"#, false, .text(#"\blob:00"#)), (#"\blob:00fF"#, true, .blob([0, 255])),
    (#"\blob:"#, true, .blob([])), (#"\text:ff"#, true, .malformedText([255])),
    (#"\text:41"#, true, .text("A")), (#"\integer:-5"#, false, .integer(-5)),
    (#"\real:5"#, false, .real(5)), (#"\real:9e999"#, false, .real(.infinity)),
  ])
  func `a field of CSV has the type of its column or of its escape`(
    _ field: String?, isNumeric: Bool, value: ColumnValue
  ) {
    #expect(ColumnValue(field: field, isNumeric: isNumeric) == value)
  }

  @Test(arguments: [
    #"\"#, #"\x00"#, #"\blob"#, #"\blob:0"#, #"\blob:zz"#, #"\bytes:00"#, #"\integer:5.0"#,
    #"\integer:"#, #"\real:x"#, #"\Text:00"#, #"\null:"#,
  ])
  func `an escape that is not one is refused`(_ field: String) {
    #expect(ColumnValue(field: field, isNumeric: true) == nil)
  }

  @Test(
    arguments: [
      ColumnValue.null, .integer(0), .integer(.min), .integer(.max), .integer(1 << 53 + 1),
      .real(0.1), .real(5), .real(-1e300), .real(.leastNonzeroMagnitude), .real(.infinity),
      .real(-.infinity),
      .text(""), .text("Ännchen"), .text(#"\blob:00"#), .text(#"\\"#), .text("\u{0}\r\n\","),
      .malformedText([0x41, 0xff]), .blob([]), .blob([0, 1, 255]),
    ], [true, false])
  func `a field is read as it was written`(_ value: ColumnValue, isTyped: Bool) {
    #expect(ColumnValue(field: value.field(isTyped: isTyped), isNumeric: isTyped) == value)
  }
}
