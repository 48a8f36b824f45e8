import Testing

@testable import SMTP

@Suite("ReplyParser") struct ReplyParserTests {
  /// The replies in a text that arrives in pieces.
  private func replies(
    in text: String, portion: Int = .max
  ) throws(ReplyParser.Fault) -> [Reply] {
    var parser = ReplyParser()
    var replies: [Reply] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      parser.append(rest.prefix(portion))
      rest = rest.dropFirst(portion)
      while let reply = try parser.next() { replies.append(reply) }
    }
    return replies
  }

  /// A line with a number of bytes, including its line end.
  private func line(ofByteCount count: Int) -> String {
    "250 " + String(repeating: "x", count: count - 6) + "\r\n"
  }

  /// A reply with a number of lines.
  private func reply(ofLineCount count: Int) -> String {
    String(repeating: "250-x\r\n", count: count - 1) + "250 x\r\n"
  }

  /// A reply with a number of bytes, in lines of 1024.
  private func reply(ofByteCount count: Int) -> String {
    let lines = String(
      repeating: "250-" + String(repeating: "x", count: 1018) + "\r\n", count: (count - 1) / 1024)
    return lines + "250 " + String(repeating: "y", count: (count - 1) % 1024 + 1 - 6) + "\r\n"
  }

  // MARK: Complete replies

  @Test(arguments: [
    ("220 hi\r\n", [Reply(code: 220, lines: ["hi"])]),
    ("250\r\n", [Reply(code: 250, lines: [""])]), ("250 \r\n", [Reply(code: 250, lines: [""])]),
    ("250  - \r\n", [Reply(code: 250, lines: [" - "])]),
    ("250-mx\r\n250-SIZE 9\r\n250 HELP\r\n", [Reply(code: 250, lines: ["mx", "SIZE 9", "HELP"])]),
    ("250-\r\n250\r\n", [Reply(code: 250, lines: ["", ""])]),
    (
      "250 a\r\n354-b\r\n354 c\r\n550 d\r\n",
      [
        Reply(code: 250, lines: ["a"]), Reply(code: 354, lines: ["b", "c"]),
        Reply(code: 550, lines: ["d"]),
      ]
    ),
  ])
  func `lines with one code form a reply`(_ text: String, expected: [Reply]) throws {
    #expect(try replies(in: text) == expected)
  }

  @Test(arguments: [1, 2, 3, 5, 7, 11])
  func `bytes can arrive in any pieces`(_ portion: Int) throws {
    let text = "220 hi\r\n250-mx\r\n250-SIZE 9\r\n250 HELP\r\n354\r\n"
    #expect(try replies(in: text, portion: portion) == replies(in: text))
  }

  @Test(arguments: ["", "2", "250", "250 ok", "250 ok\r", "250-a\r\n", "250-a\r\n250 b\r"])
  func `a reply is not complete before its last line is`(_ text: String) throws {
    #expect(try replies(in: text).isEmpty)
  }

  @Test func `invalid UTF-8 is shown as such`() throws {
    var parser = ReplyParser()
    parser.append([0x32, 0x35, 0x30, 0x20, 0x61, 0xff, 0x0d, 0x0a])
    #expect(try parser.next() == Reply(code: 250, lines: ["a\u{fffd}"]))
  }

  // MARK: Incomplete replies

  @Test(arguments: [
    ("", true), ("250 ok\r\n", true), ("250-a\r\n250 b\r\n", true), ("250 ok\r\n2", false),
    ("250 ok\r\n\n", false), ("250-a\r\n", false),
  ])
  func `an incomplete reply is detected`(_ text: String, isEmpty: Bool) throws {
    var parser = ReplyParser()
    parser.append(Array(text.utf8)[...])
    _ = try parser.next()
    #expect(parser.isEmpty == isEmpty)
  }

  // MARK: Invalid replies

  @Test(arguments: [
    "hello\r\n", "\r\n", "25\r\n", "25 ok\r\n", "2500 ok\r\n", "250_ok\r\n", "250\tok\r\n",
    " 250 ok\r\n", "+50 ok\r\n", "２50 ok\r\n", "250 ok\n", "\n", "HTTP/1.1 400 Bad Request\r\n",
    "\u{16}\u{3}\u{1}\r\n",
  ])
  func `an invalid reply is refused`(_ text: String) {
    #expect(throws: ReplyParser.Fault.malformedLine) { try replies(in: text) }
  }

  @Test(arguments: [
    "000 x\r\n", "100 x\r\n", "199 x\r\n", "600 x\r\n", "999 x\r\n", "260 x\r\n", "299 x\r\n",
    "569 x\r\n",
  ])
  func `a code that does not exist is refused`(_ text: String) {
    #expect(throws: ReplyParser.Fault.unknownCode) { try replies(in: text) }
  }

  @Test(arguments: ["250-a\r\n251 b\r\n", "250-a\r\n550 b\r\n", "250-a\r\n250-b\r\n220-c\r\n"])
  func `lines with different codes are refused`(_ text: String) {
    #expect(throws: ReplyParser.Fault.mixedCodes) { try replies(in: text) }
  }

  // MARK: Limits

  @Test(arguments: [512, 1000, 2047, 2048])
  func `a line may have 2048 bytes`(_ count: Int) throws {
    let line = line(ofByteCount: count)
    #expect(try replies(in: line, portion: 100).map(\.lines[0].utf8.count) == [count - 6])
  }

  @Test(arguments: [2049, 2050, 10_000], [1, 1000, .max])
  func `a longer line is refused`(_ count: Int, portion: Int) {
    #expect(throws: ReplyParser.Fault.lineTooLong) {
      try replies(in: line(ofByteCount: count), portion: portion)
    }
  }

  @Test func `an unfinished line is waited for while it can still be a reply`() throws {
    var parser = ReplyParser()
    parser.append(ArraySlice(repeating: 0x32, count: 2047))
    #expect(try parser.next() == nil)
  }

  @Test func `an unfinished line is refused as soon as it is too long`() {
    var parser = ReplyParser()
    parser.append(ArraySlice(repeating: 0x32, count: 2048))
    #expect(throws: ReplyParser.Fault.lineTooLong) { try parser.next() }
  }

  @Test(arguments: [1, 99, 100])
  func `a reply may have 100 lines`(_ count: Int) throws {
    #expect(try replies(in: reply(ofLineCount: count)).map(\.lines.count) == [count])
  }

  @Test(arguments: [101, 1000])
  func `a reply with more lines is refused`(_ count: Int) {
    #expect(throws: ReplyParser.Fault.tooManyLines) { try replies(in: reply(ofLineCount: count)) }
  }

  @Test(arguments: [10_000, 65_500, 65_536], [100, .max])
  func `a reply may have 64 KiB`(_ count: Int, portion: Int) throws {
    let text = reply(ofByteCount: count)
    #expect(text.utf8.count == count)
    let found = try replies(in: text + text, portion: portion)
    #expect(found.count == 2)
    #expect(found[0] == found[1])
  }

  @Test(arguments: [65_543, 100_000], [100, .max])
  func `a longer reply is refused`(_ count: Int, portion: Int) {
    #expect(throws: ReplyParser.Fault.replyTooLong) {
      try replies(in: reply(ofByteCount: count), portion: portion)
    }
  }

  @Test func `a reply is refused as soon as it is too long`() {
    var parser = ReplyParser()
    var byteCount = 0
    let line = "250-" + String(repeating: "x", count: 1994) + "\r\n"
    #expect(throws: ReplyParser.Fault.replyTooLong) {
      while try parser.next() == nil {
        parser.append(Array(line.utf8)[...])
        byteCount += line.utf8.count
      }
    }
    #expect(byteCount == 66_000)
  }

  @Test func `an endless reply is refused`() {
    var parser = ReplyParser()
    #expect(throws: ReplyParser.Fault.tooManyLines) {
      while try parser.next() == nil { parser.append(Array("250-x\r\n".utf8)[...]) }
    }
  }
}
