internal import Glibc

/// The lines of a file, read as often as wanted with the memory of one.
final class FileLines {
  private let file: File
  private let limit: Int
  private var chunk = [UInt8](repeating: 0, count: 65_536)
  private var unread = 0..<0
  private var hasEnded = false

  /// The number of the line that was read last, from 1.
  private(set) var number = 0

  /// Opens a regular file, as only one of those can be read again.
  init(path: String, limit: Int) throws(RegctlError) {
    // Without waiting for whoever might write into a pipe of that name.
    let file = try File(path: path, flags: O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    guard status.isRegularFile else {
      let code = status.isDirectory ? EISDIR : ESPIPE
      throw .file(FileError(operation: "read", path: path, code: code))
    }
    self.limit = limit
    self.file = file
  }

  var path: String { file.path }

  /// Goes back to before the first line.
  func rewind() throws(RegctlError) {
    try file.rewind()
    (unread, hasEnded, number) = (0..<0, false, 0)
  }

  /// The next line without its line end, cut off behind the first byte beyond the limit; `nil` at
  /// the end.
  func next() throws(RegctlError) -> [UInt8]? {
    var line: [UInt8] = []
    var hasContent = false
    while true {
      if unread.isEmpty {
        if !hasEnded {
          unread = 0..<(try file.read(into: &chunk))
          hasEnded = unread.isEmpty
        }
        if hasEnded {
          if hasContent { number += 1 }
          return hasContent ? line : nil
        }
      }
      hasContent = true
      let end = chunk[unread].firstIndex(of: UInt8(ascii: "\n"))
      let piece = chunk[unread.lowerBound..<(end ?? unread.upperBound)]
      line += piece.prefix(max(0, limit + 1 - line.count))
      unread = (end.map { $0 + 1 } ?? unread.upperBound)..<unread.upperBound
      if end != nil {
        number += 1
        return line
      }
    }
  }
}
