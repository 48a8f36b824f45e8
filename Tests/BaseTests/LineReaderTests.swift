import Testing

@testable import Base

@Suite("LineReader") struct LineReaderTests {
  private static let limit = 65_536

  /// A reader of a text that arrives in pieces of a fixed size.
  private final class Input {
    private var lines: LineReader
    private var rest: ArraySlice<UInt8>
    private let pieceByteCount: Int

    init(_ text: String, limit: Int = LineReaderTests.limit, pieces pieceByteCount: Int = 50_000) {
      lines = LineReader(limit: limit)
      rest = Array(text.utf8)[...]
      self.pieceByteCount = pieceByteCount
    }

    var record: String { String(decoding: lines.record, as: UTF8.self) }
    var number: Int { lines.number }
    var isTooLong: Bool { lines.isTooLong }
    var byteCount: Int { lines.byteCount }

    func next() -> Bool {
      lines.advance()
      return extend()
    }

    func extend() -> Bool {
      while true {
        switch lines.takeLine() {
        case .taken: return true
        case .none: return false
        case .needsBytes:
          let piece = rest.prefix(pieceByteCount)
          rest = rest.dropFirst(piece.count)
          lines.fill { output in for byte in piece { output.append(byte) } }
        }
      }
    }

    func shrink() { lines.shrink() }
  }

  @Test(
    arguments: [
      ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\na\n", ["", "", "a"]),
      ("a\r\n\r\n", ["a\r", "\r"]), ("a\0b\n", ["a\0b"]),
    ], [1, 2, 50_000])
  func `lines are returned in order`(
    _ example: (text: String, lines: [String]), pieces: Int
  ) {
    let input = Input(example.text, pieces: pieces)
    for (index, line) in example.lines.enumerated() {
      #expect(input.next())
      #expect(input.record == line)
      #expect(input.number == index + 1)
      #expect(!input.isTooLong)
    }
    #expect(!input.next())
    #expect(!input.next())
    #expect(input.number == example.lines.count)
  }

  @Test(arguments: [1000, 50_000, 65_536])
  func `lines up to the limit are complete across reads`(_ pieces: Int) throws {
    let lengths = [1, 65_535, 65_536, 3, 65_536, 40_000, 40_000, 0, 65_536]
    let lines = lengths.enumerated().map { String(repeating: "\($0.offset)", count: $0.element) }
    let input = Input(lines.joined(separator: "\n"), pieces: pieces)
    for line in lines {
      let isThere = input.next()
      try #require(isThere)
      #expect(input.record == line)
    }
    #expect(!input.next())
  }

  @Test(arguments: [65_537, 131_071, 131_072, 131_073, 1_000_000])
  func `a line beyond the limit is truncated, and the next is complete`(_ length: Int) {
    let long = String(repeating: "x", count: length)
    for text in [
      "a\n\(long)\nb\n\(long)\n\(long)\nc", "a\n\(long)\nb\n\(long)\n\(long)\nc\n\(long)",
    ] {
      let input = Input(text)
      var found: [String] = []
      while input.next() {
        found.append(input.isTooLong ? "\(input.number)" : input.record)
        if input.isTooLong { #expect(input.record.utf8.count == Self.limit + 1) }
      }
      #expect(found.prefix(6) == ["a", "2", "b", "4", "5", "c"])
      #expect(found.count == (text.hasSuffix("c") ? 6 : 7))
    }
  }

  @Test func `lines can be combined and separated`() {
    let input = Input("a\nb\nc\nd")
    #expect(input.next())
    #expect(input.extend())
    #expect(input.extend())
    #expect(input.record == "a\nb\nc")
    #expect(input.byteCount == 6)
    #expect(input.number == 1)
    input.shrink()
    #expect(input.record == "a")
    #expect(input.byteCount == 2)
    #expect(input.next())
    #expect(input.record == "b")
    #expect(input.extend())
    #expect(input.next())
    #expect((input.record, input.number) == ("d", 4))
    #expect(!input.extend())
    #expect(input.record == "d")
  }

  @Test(arguments: [65_000, 65_534, 65_535, 65_536, 200_000], [1000, 50_000])
  func `a record takes no more than the limit`(_ length: Int, pieces: Int) {
    let input = Input("a\n\(String(repeating: "x", count: length))\nb", pieces: pieces)
    #expect(input.next())
    let hasRoom = length + 2 <= Self.limit
    #expect(input.extend() == hasRoom)
    #expect(!input.isTooLong)
    if !hasRoom { #expect(input.record == "a") }
    input.shrink()
    #expect(input.next())
    #expect(input.isTooLong == (length > Self.limit))
    #expect(input.next())
    #expect((input.record, input.number) == ("b", 3))
  }
}
