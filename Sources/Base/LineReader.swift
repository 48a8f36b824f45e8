/// Splits bytes that arrive in pieces into lines, with memory for only a few lines.
///
/// It reads nothing itself: when it needs bytes it says so, and gets them through `fill`. Several
/// lines can be combined into one record.
package struct LineReader {
  /// The result of looking for a line.
  package enum Step: Sendable {
    /// The line was added to the current record.
    case taken
    /// The end of the line has not arrived yet: call `fill`, then repeat the call.
    case needsBytes
    /// There is no further line, or no room for it in the record.
    case none
  }

  /// The minimum capacity for each read, in bytes.
  private static let chunkByteCount = 65_536

  /// The maximum number of bytes of a record.
  private let limit: Int

  private var bytes: [UInt8] = []
  private var hasEnded = false

  /// The start and length of the current record, without its last line end.
  private var start = 0
  private var length = 0

  /// The start of the line after the current record, and the position up to which it was searched.
  private var next = 0
  private var searched = 0

  /// The number of lines in the current record, and of lines before it.
  private var lineCount = 0
  private var earlierLineCount = 0

  /// The length of the first line of the current record, and the position after its line end.
  private var firstLine = (length: 0, next: 0)

  /// Whether the rest of a line is being discarded.
  private var isSkipping = false

  /// The number of the current record's first line, from 1; at the end, that of the last record's.
  package private(set) var number = 0

  /// Whether the current record is a line longer than the limit; it then contains one byte more
  /// than the limit, which is enough to reject it.
  package private(set) var isTooLong = false

  /// A reader of records with at most `limit` bytes.
  package init(limit: Int) { self.limit = limit }

  /// The bytes of the current record, without its last line end.
  ///
  /// Release them before the next call, or the whole buffer is copied.
  package var record: ArraySlice<UInt8> { bytes[start..<start + length] }

  /// The number of bytes of the current record, including its last line end.
  package var byteCount: Int { next - start }

  // MARK: Lines

  /// Ends the current record; `takeLine` then takes the first line of the next one.
  package mutating func advance() {
    earlierLineCount += lineCount
    start = next
    searched = next
    (length, lineCount, isTooLong) = (0, 0, false)
  }

  /// Adds the following line to the current record.
  package mutating func takeLine() -> Step {
    if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
      return take(upTo: end, next: end + 1)
    }
    searched = bytes.count
    if hasEnded {
      let hasLine = isSkipping || searched > next
      return hasLine ? take(upTo: searched, next: searched) : .none
    }
    if searched - start > limit {
      if lineCount > 0 { return giveBack() }
      isSkipping = true
      searched = start + limit + 1
      bytes.removeSubrange(searched...)
    }
    return .needsBytes
  }

  private mutating func take(upTo end: Int, next: Int) -> Step {
    if isSkipping || end - start > limit {
      if lineCount > 0 { return giveBack() }
      isTooLong = true
    }
    isSkipping = false
    length = min(end - start, limit + 1)
    self.next = next
    searched = next
    lineCount += 1
    if lineCount == 1 {
      number = earlierLineCount + 1
      firstLine = (length, next)
    }
    return .taken
  }

  /// Leaves a line without room to the next record.
  private mutating func giveBack() -> Step {
    searched = next
    return .none
  }

  /// Removes all lines but the first from the current record, to be read again.
  package mutating func shrink() {
    (length, next) = firstLine
    searched = next
    lineCount = 1
  }

  // MARK: Bytes

  /// Calls a body that appends bytes; if it appends none, the input has ended.
  package mutating func fill<Failure: Error>(
    _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    bytes.removeSubrange(..<start)
    firstLine.next -= start
    (next, searched, start) = (next - start, searched - start, 0)
    let count = bytes.count
    try bytes.append(addingCapacity: Self.chunkByteCount, initializingWith: body)
    hasEnded = bytes.count == count
  }
}
