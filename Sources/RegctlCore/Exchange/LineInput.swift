internal import Glibc

/// The lines of a file or of standard input, one after the other, with the memory of a few.
///
/// Lines are lent as bytes where they lie. Several can be taken together as one record.
final class LineInput {
  /// The greatest number of bytes of a record.
  static let limit = 65_536

  private let file: File?
  private let descriptor: Int32
  private let path: String
  private var bytes = [UInt8](repeating: 0, count: 2 * limit)
  private var filled = 0
  private var hasEnded = false

  /// Where the present record begins, and how many bytes and lines it has.
  private var start = 0
  private var length = 0
  private var lengthWithEnd = 0
  private var lineCount = 0
  private var firstLine = (length: 0, lengthWithEnd: 0)

  /// The number of the first line of the present record, from 1.
  private(set) var number = 1

  /// Whether the present record is a line beyond the limit, of which nothing is kept.
  private(set) var isTooLong = false

  /// Opens a file.
  init(path: String) throws(RegctlError) {
    let opened = try File(path: path, flags: O_RDONLY)
    descriptor = opened.number
    self.path = path
    file = consume opened
  }

  /// Reads a descriptor that somebody else closes.
  init(descriptor: Int32, path: String) {
    file = nil
    self.descriptor = descriptor
    self.path = path
  }

  /// How many bytes the present record has, its last line end included.
  var byteCount: Int { lengthWithEnd }

  /// Lends the bytes of the present record, without the end of its last line.
  func withRecord<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = bytes
    return try body(bytes.span.extracting(start..<start + length))
  }

  /// Goes on to the next line; `false` at the end.
  func next() throws(RegctlError) -> Bool {
    start += lengthWithEnd
    number += lineCount
    (length, lengthWithEnd, lineCount, isTooLong) = (0, 0, 0, false)
    guard try takeLine() else { return false }
    firstLine = (length, lengthWithEnd)
    return true
  }

  /// Takes the following line into the present record; `false` when there is none or no room.
  func extend() throws(RegctlError) -> Bool { try takeLine() }

  /// Gives back all lines of the present record but the first.
  func shrink() {
    (length, lengthWithEnd) = firstLine
    lineCount = 1
  }

  private func takeLine() throws(RegctlError) -> Bool {
    var searched = lengthWithEnd
    while true {
      let end = bytes[(start + searched)..<filled].firstIndex(of: UInt8(ascii: "\n"))
      if let end {
        return take(end - start, withEnd: end + 1 - start)
      }
      searched = filled - start
      if hasEnded {
        return searched > lengthWithEnd && take(searched, withEnd: searched)
      }
      if searched > Self.limit {
        if lineCount > 0 { return false }
        try skipLine()
        return true
      }
      try fill()
    }
  }

  private func take(_ length: Int, withEnd lengthWithEnd: Int) -> Bool {
    isTooLong = length > Self.limit
    if isTooLong, lineCount > 0 {
      isTooLong = false
      return false
    }
    self.length = isTooLong ? 0 : length
    self.lengthWithEnd = lengthWithEnd
    lineCount += 1
    return true
  }

  /// Drops a line that is longer than anything worth reading.
  private func skipLine() throws(RegctlError) {
    isTooLong = true
    lineCount = 1
    while !hasEnded {
      start = filled
      try fill()
      if let end = bytes[start..<filled].firstIndex(of: UInt8(ascii: "\n")) {
        lengthWithEnd = end + 1 - start
        return
      }
    }
    start = filled
  }

  /// Reads more behind the present record, which moves to the front.
  private func fill() throws(RegctlError) {
    let kept = filled - start
    if start > 0 {
      let present = start..<filled
      unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[present]))
      }
      start = 0
      filled = kept
    }
    while true {
      let room = bytes.count - kept
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe read(descriptor, buffer.baseAddress?.advanced(by: kept), room)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .file(FileError("read", path)) }
      filled += count
      hasEnded = count == 0
      return
    }
  }
}
