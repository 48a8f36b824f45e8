import Glibc
import TestSupport
import Testing

@testable import System

@Suite("FileLines") struct FileLinesTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func text(_ lines: FileLines) -> String { String(decoding: lines.record, as: UTF8.self) }

  @Test func `a file larger than a read is split into lines`() throws {
    let expected = (0..<2000).map { String(repeating: "\($0) ", count: 40) }
    let lines = try FileLines(
      path: directory.write("lines", expected.joined(separator: "\n")), limit: 65_536)
    var found: [String] = []
    while try lines.next() { found.append(text(lines)) }
    #expect(found == expected)
  }

  @Test func `a descriptor is split into lines and stays open`() throws {
    let file = try File(path: directory.write("lines", "a\nb"), flags: O_RDONLY)
    do {
      let lines = FileLines(descriptor: file.number, path: "standard input", limit: 10)
      #expect(try lines.next())
      #expect(text(lines) == "a")
      #expect(try lines.extend())
      #expect(text(lines) == "a\nb")
      #expect(try !lines.next())
    }
    #expect(fcntl(file.number, F_GETFD) >= 0)
  }

  @Test func `a file is read again from its first line`() throws {
    let lines = try FileLines(rereading: directory.write("lines", "a\nb\n"), limit: 10)
    for line in ["a", "b"] {
      #expect(try lines.next())
      #expect(text(lines) == line)
    }
    #expect(lines.number == 2)
    #expect(try !lines.next())
    try lines.rewind()
    #expect(try lines.next())
    #expect(text(lines) == "a")
    #expect(lines.number == 1)
  }

  @Test func `a file that cannot be reread is rejected without waiting`() throws {
    let pipe = "\(directory.path)/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    for (path, code) in [(pipe, ESPIPE), (directory.path, EISDIR)] {
      #expect(throws: FileError(operation: "read", path: path, code: code)) {
        try FileLines(rereading: path, limit: 10)
      }
    }
  }

  @Test func `a missing file cannot be opened, and a directory cannot be read`() throws {
    #expect(throws: FileError(operation: "open", path: "\(directory.path)/none", code: ENOENT)) {
      try FileLines(path: "\(directory.path)/none", limit: 10)
    }
    let lines = try FileLines(path: directory.path, limit: 10)
    #expect(throws: FileError(operation: "read", path: directory.path, code: EISDIR)) {
      try lines.next()
    }
  }
}
