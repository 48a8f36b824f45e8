import Testing

@testable import SMTP

@Suite("TextLines") struct TextLinesTests {
  @Test(
    arguments: [
      ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\r\nb\n\nc", ["a", "b", "", "c"]), ("\r\n", [""]),
      ("a\rb", ["a\rb"]),
    ] as [(String, [String])])
  func `lines end in CRLF or LF`(_ text: String, expected: [String]) {
    var lines = TextLines(Array(text.utf8)[...])
    var found: [String] = []
    while let line = lines.next() { found.append(String(decoding: line, as: UTF8.self)) }
    #expect(found == expected)
  }
}
