/// The lines of some bytes, without their ends, which are CRLF or LF.
struct TextLines: IteratorProtocol {
  private let bytes: ArraySlice<UInt8>

  /// The offset of the line that comes next.
  private(set) var position: Int

  /// The lines of some bytes.
  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  mutating func next() -> ArraySlice<UInt8>? {
    guard position < bytes.endIndex else { return nil }
    let rest = bytes[position...]
    let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let line = rest[..<end]
    position = min(end + 1, bytes.endIndex)
    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }
}
