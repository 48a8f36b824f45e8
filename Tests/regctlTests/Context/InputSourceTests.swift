import Testing

@testable import regctl

@Suite("InputSource") struct InputSourceTests {
  @Test(arguments: [
    ("", []), ("one", ["one"]), ("one\n", ["one"]), ("one\ntwo", ["one", "two"]),
    ("one\r\ntwo\r\n", ["one", "two"]), ("\n\n", ["", ""]), ("one\r", ["one"]),
    ("a\rb\n", ["a\rb"]),
  ])
  func `lines end in LF, CRLF or at the end of the input`(
    _ text: String, lines: [String]
  ) throws {
    #expect(try read(Array(text.utf8), limit: 10) == lines.map { Array($0.utf8) })
  }

  @Test func `lines read as text are the same for any buffer size`() throws {
    let line = [UInt8](repeating: 0x61, count: 997)
    let bytes = repeatElement(line + [0x0d, 0x0a], count: 200).joined() + Array("\n12345".utf8)
    for limit in [3, 997, 100_000] {
      let input = TypedInput(bytes)
      let reader = input.source.lines(atMost: limit)
      var texts: [[UInt8]] = []
      while let text = try reader.nextText() { texts.append(Array(text.utf8)) }
      #expect(try texts == read(bytes, limit: limit))
    }
  }

  @Test func `a line is read completely from input of any length`() throws {
    let line = [UInt8](repeating: 0x61, count: 200_000)
    #expect(try read(line + [0x0a] + line, limit: 200_000) == [line, line])
  }

  @Test func `a long line is truncated to one byte beyond the limit`() throws {
    #expect(try read(Array("123456789\nx\n".utf8), limit: 4) == [Array("12345".utf8), [0x78]])
  }

  @Test func `reading stops at the first byte beyond the limit`() throws {
    let input = TypedInput(Array("123456".utf8))
    #expect(try input.source.read(atMost: 4) == Array("12345".utf8))
  }

  private func read(_ bytes: [UInt8], limit: Int) throws -> [[UInt8]] {
    let input = TypedInput(bytes)
    let reader = input.source.lines(atMost: limit)
    var lines: [[UInt8]] = []
    while let line = try reader.next() { lines.append(line) }
    return lines
  }
}
