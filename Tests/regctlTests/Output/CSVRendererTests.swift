import RegctlCore
import Testing

@testable import regctl

@Suite("CSVRenderer") struct CSVRendererTests {
  private func record(
    _ values: ReportValue..., isUnchanged: Bool = false, isTerminal: Bool = false
  ) -> String {
    var output: [UInt8] = []
    CSVRenderer.append(values, isUnchanged: isUnchanged, isTerminal: isTerminal, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  @Test func `values are separated by commas, and null is empty`() {
    #expect(
      record(
        .integer(-1), .null, .boolean(true), .instant(Instant(seconds: 0)), .duration(.seconds(90)))
        == "-1,,true,1970-01-01T00:00:00Z,90\r\n")
    #expect(record(.null) == "\r\n")
  }

  @Test(arguments: [
    ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""),
    ("a b", "a b"), ("", ""), ("ä", "ä"), ("a\tb", "a\tb"),
  ])
  func `a field is quoted where RFC 4180 demands it`(_ text: String, field: String) {
    #expect(record(.text(text)) == "\(field)\r\n")
  }

  @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "=a,b", "\t=1", "\r=1"])
  func `text that a spreadsheet may take for a formula begins with an apostrophe`(_ text: String) {
    let guarded = record(.text(text))
    #expect(guarded.hasPrefix("'") || guarded.hasPrefix("\"'"))
    let raw = record(.text(text), isUnchanged: true)
    #expect(raw.contains(text) && !raw.contains("'"))
  }

  @Test func `what is an object is JSON in one field`() {
    #expect(
      record(.object([ReportField("a", .text("b")), ReportField("c", .integer(1))]))
        == "\"{\"\"a\"\":\"\"b\"\",\"\"c\"\":1}\"\r\n")
  }

  @Test func `on a terminal control characters are escaped`() {
    #expect(record(.text("a\u{1b}[2J"), isTerminal: true) == "a\\u{1b}[2J\r\n")
    #expect(record(.text("a\u{1b}[2J")) == "a\u{1b}[2J\r\n")
  }
}
