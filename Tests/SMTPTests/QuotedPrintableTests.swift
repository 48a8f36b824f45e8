import Testing

@testable import SMTP

@Suite("QuotedPrintable") struct QuotedPrintableTests {
  private func encoded(_ text: String) -> String {
    String(decoding: QuotedPrintable.encode(text), as: UTF8.self)
  }

  /// An encoded text as decoded by a reader (RFC 2045, section 6.7), with LF line ends.
  private func decoded(_ bytes: [UInt8]) throws -> [UInt8] {
    var output: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\r") { continue }
      guard byte == UInt8(ascii: "=") else {
        output.append(byte)
        continue
      }
      let pair = rest.prefix(2)
      rest = rest.dropFirst(2)
      if Array(pair) == Array("\r\n".utf8) { continue }
      output.append(try #require(UInt8(String(decoding: pair, as: UTF8.self), radix: 16)))
    }
    return output
  }

  @Test(arguments: [
    ("", ""), ("\n", "\r\n"), ("a", "a\r\n"), ("a\n", "a\r\n"), ("a\n\nb", "a\r\n\r\nb\r\n"),
    ("a=b", "a=3Db\r\n"), ("é", "=C3=A9\r\n"), ("😀", "=F0=9F=98=80\r\n"), ("~!", "~!\r\n"),
    // Trailing spaces may be lost unless they are encoded.
    ("a ", "a=20\r\n"), ("a\t\n", "a=09\r\n"), ("a b", "a b\r\n"), ("a  ", "a =20\r\n"),
    (" ", "=20\r\n"),
    // Lines that SMTP and mbox files give a meaning.
    (".", "=2E\r\n"), ("..", "=2E.\r\n"), ("a.", "a.\r\n"), ("From me", "=46rom me\r\n"),
    ("Frome", "Frome\r\n"), ("a\nFrom b", "a\r\n=46rom b\r\n"), (">From me", ">From me\r\n"),
    // A lone CR is encoded.
    ("a\rb", "a=0Db\r\n"), ("a\r\n", "a=0D\r\n"), ("a\u{0}\u{7f}", "a=00=7F\r\n"),
  ])
  func `text is encoded where required`(_ text: String, expected: String) {
    #expect(Array(encoded(text).utf8) == Array(expected.utf8))
  }

  @Test(
    arguments: [
      (76, "", [76]), (77, "", [76, 2]), (75, "é", [76, 6]), (73, "é", [74, 6]), (70, "é", [76]),
      (71, "é", [75, 3]), (150, "", [76, 75]), (151, "", [76, 76]), (152, "", [76, 76, 2]),
    ] as [(Int, String, [Int])])
  func `a long line is broken as late as possible`(
    _ count: Int, tail: String, widths: [Int]
  ) throws {
    let lines = encoded(String(repeating: "x", count: count) + tail).split(separator: "\r\n")
    #expect(lines.map(\.utf8.count) == widths)
    #expect(lines.dropLast().allSatisfy { $0.hasSuffix("=") })
  }

  @Test(arguments: [
    String(repeating: "x", count: 1000), String(repeating: "é", count: 300),
    String(repeating: ". ", count: 200), String(repeating: "From ", count: 100),
    String(repeating: "x", count: 75) + ".x", String(repeating: "x", count: 75) + "From x",
    String(repeating: "x ", count: 37) + "  ", String(repeating: "=", count: 99),
    "https://app.example/confirm/" + String(repeating: "a.b-_", count: 40),
  ])
  func `every line fits, and decoding restores the text`(_ text: String) throws {
    let bytes = QuotedPrintable.encode(text)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      #expect(line.last == UInt8(ascii: "\r"))
      #expect(line.count <= 77)
      #expect(line.first != UInt8(ascii: "."))
      #expect(!line.starts(with: "From ".utf8))
      #expect(line.dropLast().last != UInt8(ascii: " "))
    }
    #expect(try decoded(bytes) == Array(text.utf8) + [UInt8(ascii: "\n")])
  }

  @Test(arguments: [
    ("a=3Db\r\n", "a=b\n"), ("a=\nb", "ab\n"), ("a=\r\n b\n", "a b\n"), ("a \t\nb", "a\nb\n"),
    ("=c3=A9", "é\n"), ("=", ""), ("a=3", "a=3\n"), ("a=xy", "a=xy\n"), ("a= \nb", "ab\n"),
  ])
  func `received text is decoded`(_ text: String, expected: String) {
    #expect(QuotedPrintable.decode(Array(text.utf8)[...]) == Array(expected.utf8))
  }
}
