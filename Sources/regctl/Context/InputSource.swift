internal import Glibc
internal import RegctlCore
internal import System

/// Standard input, read whole or line by line.
struct InputSource {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Whether standard input is a terminal.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Reads to the end, or to one byte beyond a limit.
  func read(atMost limit: Int) throws(CommandError) -> [UInt8] {
    do throws(FileError) {
      return try File.read(descriptor, path: "standard input", atMost: limit)
    } catch {
      throw .input(error)
    }
  }

  /// Standard input as an account file.
  var accounts: AccountFile { AccountFile(descriptor: descriptor, named: "standard input") }

  /// Standard input as lines with their numbers.
  func fileLines(atMost limit: Int) -> FileLines {
    FileLines(descriptor: descriptor, path: "standard input", limit: limit)
  }

  /// A reader of the lines of standard input.
  func lines(atMost limit: Int) -> LineReader { LineReader(descriptor: descriptor, limit: limit) }
}

/// Reads lines one at a time, holding one in memory.
final class LineReader {
  private let descriptor: Int32
  private let limit: Int
  private var chunk = [UInt8](repeating: 0, count: 65_536)
  private var unread = 0..<0
  private var hasEnded = false

  init(descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    self.limit = limit
  }

  /// The next line without its line end, or `nil` at the end of the input.
  ///
  /// A line longer than the limit is truncated to one byte beyond it, enough to reject it.
  func next() throws(CommandError) -> [UInt8]? {
    var line: [UInt8] = []
    var hasContent = false
    while true {
      if unread.isEmpty {
        try fill()
        if hasEnded { return hasContent ? Self.withoutReturn(line) : nil }
      }
      hasContent = true
      let end = chunk[unread].firstIndex(of: UInt8(ascii: "\n"))
      let piece = chunk[unread.lowerBound..<(end ?? unread.upperBound)]
      line += piece.prefix(max(0, limit + 1 - line.count))
      unread = (end.map { $0 + 1 } ?? unread.upperBound)..<unread.upperBound
      if end != nil { return Self.withoutReturn(line) }
    }
  }

  /// The next line as text.
  func nextText() throws(CommandError) -> String? {
    let end = chunk[unread].firstIndex(of: UInt8(ascii: "\n"))
    guard let end, end - unread.lowerBound <= limit else {
      return try next().map { String(decoding: $0, as: UTF8.self) }
    }
    let line = chunk[unread.lowerBound..<end]
    unread = (end + 1)..<unread.upperBound
    return String(
      decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
  }

  private static func withoutReturn(_ line: [UInt8]) -> [UInt8] {
    line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }

  private func fill() throws(CommandError) {
    while !hasEnded {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw .input(FileError(operation: "read", path: "standard input", code: errno))
      }
      unread = 0..<count
      hasEnded = count == 0
      return
    }
  }
}
