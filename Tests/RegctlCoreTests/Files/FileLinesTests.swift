import Glibc
import Testing

@testable import RegctlCore

@Suite("FileLines") struct FileLinesTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func lines(of content: String, limit: Int = 100) throws -> [String] {
    let lines = try FileLines(path: directory.write("lines\(limit)", content), limit: limit)
    var found: [String] = []
    while let line = try lines.next() { found.append(String(decoding: line, as: UTF8.self)) }
    return found
  }

  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a\n", ["a"]), ("\n", [""]), ("a\n\nb", ["a", "", "b"]),
  ])
  func `a line ends with its line end or the file`(_ content: String, expected: [String]) throws {
    #expect(try lines(of: content) == expected)
  }

  @Test func `a long line is cut off behind the first byte beyond the limit`() throws {
    let long = String(repeating: "x", count: 200_000)
    #expect(try lines(of: "\(long)\nb\n", limit: 9) == ["xxxxxxxxxx", "b"])
    #expect(try lines(of: "\(long)\nb\n", limit: 1 << 20) == [long, "b"])
  }

  @Test func `a file is read again from its first line`() throws {
    let lines = try FileLines(path: directory.write("lines", "a\nb\n"), limit: 10)
    #expect(try lines.next() == Array("a".utf8))
    #expect(try lines.next() == Array("b".utf8))
    #expect(lines.number == 2)
    #expect(try lines.next() == nil)
    try lines.rewind()
    #expect(try lines.next() == Array("a".utf8))
    #expect(lines.number == 1)
  }

  @Test func `what cannot be read again is refused, without waiting for it`() throws {
    let pipe = "\(directory.path)/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    for (path, code) in [(pipe, ESPIPE), (directory.path, EISDIR)] {
      #expect(
        throws: RegctlError.file(FileError(operation: "read", path: path, code: code))
      ) {
        try FileLines(path: path, limit: 10)
      }
    }
  }
}
