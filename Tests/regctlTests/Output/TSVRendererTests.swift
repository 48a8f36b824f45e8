import RegctlCore
import Testing

@testable import regctl

@Suite("TSVRenderer") struct TSVRendererTests {
  @Test(
    arguments: [
      ([], "\n"), ([.null], "\n"), ([.null, .null], "\t\n"),
      ([.boolean(true), .integer(7)], "true\t7\n"),
      (
        [.instant(Instant(seconds: 1_795_424_400)), .duration(.seconds(90))],
        "2026-11-23T09:00:00Z\t90\n"
      ),
      ([.text("a\tb\nc\r\\d")], "a\\tb\\nc\\r\\\\d\n"), ([.text("a\r\nb")], "a\\r\\nb\n"),
      ([.text("\"quoted\"")], "\"quoted\"\n"), ([.list([.text("a\tb")])], "[\"a\\\\tb\"]\n"),
    ] as [([ReportValue], String)])
  func `values are separated by tabs and contain none`(_ row: [ReportValue], line: String) {
    var output: [UInt8] = []
    TSVRenderer.append(row, to: &output)
    #expect(Array(output) == Array(line.utf8))
  }

  @Test func `dangerous characters are escaped on a terminal and unchanged in a pipe`() {
    let row = [ReportValue.text("\u{1b}[2J\u{202e}\t\\"), .list([.text("\u{9b}")]), .null]
    var (screen, pipe): ([UInt8], [UInt8]) = ([], [])
    TSVRenderer.append(row, isTerminal: true, to: &screen)
    TSVRenderer.append(row, to: &pipe)
    #expect(
      String(decoding: screen, as: UTF8.self)
        == #"\u{1b}[2J\u{202e}\t\\"# + "\t" + #"["\\u009b"]"# + "\t\n")
    #expect(
      String(decoding: pipe, as: UTF8.self)
        == "\u{1b}[2J\u{202e}" + #"\t\\"# + "\t" + #"["\\u009b"]"# + "\t\n")
  }

  @Test func `nested objects become columns with dots`() {
    let fields = [
      ReportField("a", .integer(1)),
      ReportField("b", .object([ReportField("c", .null), ReportField("d", .object([]))])),
      ReportField("e", .object([ReportField("f", .object([ReportField("g", .integer(2))]))])),
    ]
    #expect(
      TSVRenderer.flattened(fields) == [
        ReportField("a", .integer(1)), ReportField("b.c", .null), ReportField("e.f.g", .integer(2)),
      ])
  }
}
