import Foundation
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
    ("\u{7f}", "\"\\u007f\""), ("é😀", "\"é😀\""),
  ])
  func `text is escaped where JSON requires it`(_ text: String, json: String) {
    #expect(Array(rendered(.text(text)).utf8) == Array(json.utf8))
  }

  @Test(arguments: [
    ("\u{9b}31m", #""\u009b31m""#), ("\u{202e}gro", #""\u202egro""#),
    ("a\u{200b}\u{feff}b", #""a\u200b\ufeffb""#), ("\u{2028}\u{2029}", #""\u2028\u2029""#),
    ("\u{61c}\u{2066}", #""\u061c\u2066""#), ("\u{e0041}é", #""\udb40\udc41é""#),
  ])
  func `characters dangerous on a terminal are escaped`(_ text: String, json: String) {
    #expect(rendered(.text(text)) == json)
    var output: [UInt8] = []
    JSONRenderer.append(utf8: Array("x\(text)".utf8).dropFirst(), to: &output)
    #expect(String(decoding: output, as: UTF8.self) == json)
    #expect(rendered(.object([ReportField(text, .null)])) == "{\(json):null}")
  }

  @Test func `any text is parsed back unchanged, and its JSON is never dangerous`() throws {
    // The planes between contain nothing dangerous; a Python test covers all of them.
    for start in Array(stride(from: UInt32(0), to: 0x11000, by: 0x400)) + [0xe0000, 0x10fc00] {
      let scalars = (start..<start + 0x400).compactMap(Unicode.Scalar.init)
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      let json = rendered(.text(String(text)))
      #expect(!json.unicodeScalars.contains(where: TerminalText.isDangerous))
      let parsed = try JSONSerialization.jsonObject(
        with: Data(json.utf8), options: .fragmentsAllowed)
      let read = try #require(parsed as? String)
      #expect(Array(read.unicodeScalars) == scalars)
    }
  }

  private func rendered(_ value: ReportValue) -> String {
    var output: [UInt8] = []
    JSONRenderer.append(value, to: &output)
    return String(decoding: output, as: UTF8.self)
  }
}
