import RegctlCore
import Testing

@testable import regctl

@Suite("JSONRenderer") struct JSONRendererTests {
  @Test(arguments: [
    (ReportValue.null, "null"), (.boolean(true), "true"), (.boolean(false), "false"),
    (.integer(.min), "-9223372036854775808"),
    (.instant(Instant(microseconds: 1_795_424_400_999_999)), "\"2026-11-23T09:00:00Z\""),
    (.duration(.milliseconds(90_900)), "90"), (.list([]), "[]"),
    (.list([.null, .integer(1)]), "[null,1]"), (.object([]), "{}"),
    (
      .object([ReportField("b", .integer(1)), ReportField("a", .list([.object([])]))]),
      "{\"b\":1,\"a\":[{}]}"
    ),
  ])
  func `a value is written as JSON, keys in the order given`(_ value: ReportValue, json: String) {
    #expect(rendered(value) == json)
  }

  @Test(arguments: [
    ("", "\"\""), ("a/b", "\"a/b\""), ("\"\\", "\"\\\"\\\\\""), ("a\r\n\tb", "\"a\\r\\n\\tb\""),
    ("\u{0}\u{1f}", "\"\\u0000\\u001f\""), ("\u{8}\u{c}", "\"\\u0008\\u000c\""),
    ("\u{7f}", "\"\\u007f\""), ("é😀\u{2028}", "\"é😀\u{2028}\""),
  ])
  func `text is escaped where JSON wants it`(_ text: String, json: String) {
    #expect(Array(rendered(.text(text)).utf8) == Array(json.utf8))
  }

  private func rendered(_ value: ReportValue) -> String {
    var output: [UInt8] = []
    JSONRenderer.append(value, to: &output)
    return String(decoding: output, as: UTF8.self)
  }
}
