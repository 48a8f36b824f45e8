import RegctlCore
import Testing

@testable import regctl

@Suite("TextRenderer") struct TextRendererTests {
  @Test(arguments: [
    (ReportValue.null, "-"), (.boolean(true), "yes"), (.boolean(false), "no"), (.integer(-3), "-3"),
    (.text("a\tb"), "a\\u{9}b"), (.text(""), ""),
    (.instant(Instant(seconds: 1_795_424_459)), "2026-11-23 09:00 UTC"),
    (.duration(.seconds(90_000)), "1d"), (.list([]), ""),
    (.list([.text("a"), .integer(1)]), "a, 1"),
    (.object([ReportField("a", .integer(1)), ReportField("b", .null)]), "a=1 b=-"),
  ])
  func `a value is formatted for display`(_ value: ReportValue, text: String) {
    #expect(TextRenderer.text(value) == text)
  }

  @Test(arguments: [
    (-5, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86_399, "23h"),
    (86_400, "1d"), (31_536_000, "365d"),
  ])
  func `an age is rounded down to its greatest unit`(_ seconds: Int, text: String) {
    #expect(TextRenderer.age(.seconds(seconds)) == text)
  }

  @Test(arguments: [
    (-5, "0 seconds"), (0, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (60, "1 minute"),
    (7199, "1 hour"), (7200, "2 hours"), (86_400, "1 day"), (259_200, "3 days"),
  ])
  func `a duration in words has a singular and a plural`(_ seconds: Int, text: String) {
    #expect(TextRenderer.words(.seconds(seconds)) == text)
  }

  @Test func `columns are as wide as their widest cell, the last is not padded`() {
    let rows = [["A", "BB", "C"], ["aaa", "b", "c"], ["é", "", "cc"]]
    var output: [UInt8] = []
    TextRenderer.appendAligned(rows, widths: TextRenderer.widths(of: rows), to: &output)
    #expect(String(decoding: output, as: UTF8.self) == "A    BB  C\naaa  b   c\né        cc\n")
  }

  @Test func `a cell wider than its column moves the following ones`() {
    var output: [UInt8] = []
    TextRenderer.appendAligned([["wide", "x"]], widths: [1, 1], to: &output)
    #expect(String(decoding: output, as: UTF8.self) == "wide  x\n")
  }
}
