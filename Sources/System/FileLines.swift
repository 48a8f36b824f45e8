internal import Base
internal import Glibc

/// The lines of a file or of a descriptor, with the memory of a few.
///
/// Lines are lent as bytes where they lie. Several can be taken together as one record.
package final class FileLines {
  private let file: File?
  private let descriptor: Int32
  private let limit: Int
  private var lines: LineReader

  /// What errors call the file.
  package let path: String

  /// Reads a file, or a pipe of its name, whose lines are longer than the limit only by mistake.
  package init(path: String, limit: Int) throws(FileError) {
    let file = try File(path: path, flags: O_RDONLY)
    descriptor = file.number
    self.file = consume file
    self.path = path
    self.limit = limit
    lines = LineReader(limit: limit)
  }

  /// Reads a regular file, as only one of those can be read again.
  package init(rereading path: String, limit: Int) throws(FileError) {
    // Without waiting for the writer of a pipe of that name.
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

  /// Reads a descriptor that stays open.
  package init(descriptor: Int32, path: String, limit: Int) {
    file = nil
    self.descriptor = descriptor
    self.path = path
    self.limit = limit
    lines = LineReader(limit: limit)
  }

  /// The number of the first line of the present record, from 1; behind the end that of the last.
  package var number: Int { lines.number }

  /// Whether the present record is a line beyond the limit; of that it has one byte more than the
  /// limit, which is enough to refuse it.
  package var isTooLong: Bool { lines.isTooLong }

  /// The bytes of the present record, without the end of its last line.
  ///
  /// Let go of them before the next call, or all that is here is copied.
  package var record: ArraySlice<UInt8> { lines.record }

  /// How many bytes the present record has, its last line end included.
  package var byteCount: Int { lines.byteCount }

  /// Goes on to the next line; `false` at the end.
  package func next() throws(FileError) -> Bool {
    lines.advance()
    return try takeLine()
  }

  /// Takes the following line into the present record; `false` when there is none or no room.
  package func extend() throws(FileError) -> Bool { try takeLine() }

  /// Gives back all lines of the present record but the first.
  package func shrink() { lines.shrink() }

  /// Goes back to before the first line.
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
