internal import Base
internal import Glibc

/// The lines of a file or descriptor, with memory for only a few lines.
///
/// Lines are returned as bytes without copying. Several can be combined into one record.
package final class FileLines {
  private let file: File?
  private let descriptor: Int32
  private let limit: Int
  private var lines: LineReader

  /// The file's path in errors.
  package let path: String

  /// Reads a file or named pipe, whose lines are longer than the limit only by mistake.
  package init(path: String, limit: Int) throws(FileError) {
    let file = try File(path: path, flags: O_RDONLY)
    descriptor = file.number
    self.file = consume file
    self.path = path
    self.limit = limit
    lines = LineReader(limit: limit)
  }

  /// Reads a regular file, because only a regular file can be reread.
  package init(rereading path: String, limit: Int) throws(FileError) {
    // Non-blocking, so as not to wait for the writer of a named pipe.
    let file = try File(path: path, flags: O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    guard status.isRegularFile else {
      let code = status.isDirectory ? EISDIR : ESPIPE
      throw FileError(operation: "read", path: path, code: code)
    }
    descriptor = file.number
    self.file = consume file
    self.path = path
    self.limit = limit
    lines = LineReader(limit: limit)
  }

  /// Reads a descriptor, which is not closed.
  package init(descriptor: Int32, path: String, limit: Int) {
    file = nil
    self.descriptor = descriptor
    self.path = path
    self.limit = limit
    lines = LineReader(limit: limit)
  }

  /// The number of the current record's first line, from 1; at the end, that of the last record's.
  package var number: Int { lines.number }

  /// Whether the current record is a line longer than the limit; it then contains one byte more
  /// than the limit, which is enough to reject it.
  package var isTooLong: Bool { lines.isTooLong }

  /// The bytes of the current record, without its last line end.
  ///
  /// Release them before the next call, or the whole buffer is copied.
  package var record: ArraySlice<UInt8> { lines.record }

  /// The number of bytes of the current record, including its last line end.
  package var byteCount: Int { lines.byteCount }

  /// Advances to the next line; `false` at the end.
  package func next() throws(FileError) -> Bool {
    lines.advance()
    return try takeLine()
  }

  /// Adds the following line to the current record; `false` when there is none or no room.
  package func extend() throws(FileError) -> Bool { try takeLine() }

  /// Removes all lines but the first from the current record, to be read again.
  package func shrink() { lines.shrink() }

  /// Rewinds to before the first line.
  package func rewind() throws(FileError) {
    try file?.rewind()
    lines = LineReader(limit: limit)
  }

  private func takeLine() throws(FileError) -> Bool {
    while true {
      switch lines.takeLine() {
      case .taken: return true
      case .none: return false
      case .needsBytes:
        try lines.fill { output throws(FileError) in
          try File.read(descriptor, to: &output, path: path)
        }
      }
    }
  }
}
