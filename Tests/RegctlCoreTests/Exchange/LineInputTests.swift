import Glibc
import Testing

@testable import RegctlCore

@Suite("LineInput") struct LineInputTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func input(_ text: String) throws -> LineInput {
    try LineInput(path: directory.write("lines", text))
  }

  private func record(_ input: LineInput) -> String {
    input.withRecord { bytes in
      String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
    }
  }

  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\na\n", ["", "", "a"]),
    ("a\r\n\r\n", ["a\r", "\r"]), ("a\0b\n", ["a\0b"]),
  ])
  func `lines are lent one after the other`(_ text: String, expected: [String]) throws {
    let input = try input(text)
    for (index, line) in expected.enumerated() {
      #expect(try input.next())
      #expect(record(input) == line)
      #expect(input.number == index + 1)
      #expect(!input.isTooLong)
    }
    #expect(try !input.next())
    #expect(try !input.next())
  }

  @Test func `lines of any length up to the limit lie whole across the reads`() throws {
    let lengths = [1, 65_535, 65_536, 3, 65_536, 40_000, 40_000, 0, 65_536]
    let lines = lengths.enumerated().map { String(repeating: "\($0.offset)", count: $0.element) }
    let input = try input(lines.joined(separator: "\n"))
    for line in lines {
      try #require(try input.next())
      #expect(record(input) == line)
    }
    #expect(try !input.next())
  }

  @Test(arguments: [65_537, 131_071, 131_072, 131_073, 1_000_000])
  func `of a line beyond the limit nothing is kept, and the next is whole`(_ length: Int) throws {
    let long = String(repeating: "x", count: length)
    for text in [
      "a\n\(long)\nb\n\(long)\n\(long)\nc", "a\n\(long)\nb\n\(long)\n\(long)\nc\n\(long)",
    ] {
      let input = try input(text)
      var found: [String] = []
      while try input.next() { found.append(input.isTooLong ? "\(input.number)" : record(input)) }
      #expect(found.prefix(6) == ["a", "2", "b", "4", "5", "c"])
      #expect(found.count == (text.hasSuffix("c") ? 6 : 7))
      unlink("\(directory.path)/lines")
    }
  }

  @Test func `lines can be taken together and given back`() throws {
    let input = try input("a\nb\nc\nd")
    #expect(try input.next())
    #expect(try input.extend())
    #expect(try input.extend())
    #expect(record(input) == "a\nb\nc")
    #expect(input.number == 1)
    input.shrink()
    #expect(record(input) == "a")
    #expect(try input.next())
    #expect(record(input) == "b")
    #expect(try input.extend())
    #expect(try input.next())
    #expect((record(input), input.number) == ("d", 4))
    #expect(try !input.extend())
    #expect(record(input) == "d")
  }

  @Test(arguments: [65_000, 65_534, 65_535, 65_536, 200_000])
  func `a record takes no more than the limit`(_ length: Int) throws {
    let input = try input("a\n\(String(repeating: "x", count: length))\nb")
    #expect(try input.next())
    let hasRoom = length + 2 <= LineInput.limit
    #expect(try input.extend() == hasRoom)
    #expect(!input.isTooLong)
    if !hasRoom { #expect(record(input) == "a") }
    input.shrink()
    #expect(try input.next())
    #expect(input.isTooLong == (length > LineInput.limit))
    #expect(try input.next())
    #expect((record(input), input.number) == ("b", 3))
  }

  @Test func `a file that is not there and a directory are no input`() throws {
    #expect(throws: RegctlError.self) { try LineInput(path: "\(directory.path)/none") }
    let input = try LineInput(path: directory.path)
    #expect(throws: RegctlError.self) { try input.next() }
  }
}
