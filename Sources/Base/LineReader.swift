/// Cuts bytes that arrive in pieces into lines, with the memory of a few.
///
/// It reads nothing itself: where it needs bytes it says so, and is given some by `fill`. Several
/// lines can be taken together as one record.
package struct LineReader {
  /// What came of looking for a line.
  package enum Step: Sendable {
    /// The line is, or belongs to, the present record.
    case taken
    /// The end of the line is not here yet: call `fill`, and then the same again.
    case needsBytes
    /// There is no further line, or no room for it in the record.
    case none
  }

  /// So many bytes are asked for at once, or more.
  private static let chunkByteCount = 65_536

  /// The greatest number of bytes of a record.
  private let limit: Int

  private var bytes: [UInt8] = []
  private var hasEnded = false

  /// Where the present record begins and how long it is, without the end of its last line.
  private var start = 0
  private var length = 0

  /// Where the line behind the present record begins, and up to where its end was looked for.
  private var next = 0
  private var searched = 0

  /// How many lines the present record has, and how many come before it.
  private var lineCount = 0
  private var earlierLineCount = 0

  /// The end of the first line of the present record and of its line end.
  private var firstLine = (length: 0, next: 0)

  /// Whether what is looked for is the end of a line whose rest is dropped.
  private var isSkipping = false

  /// The number of the first line of the present record, from 1; behind the end that of the last.
  package private(set) var number = 0

  /// Whether the present record is a line beyond the limit; of that it has one byte more than the
  /// limit, which is enough to refuse it.
  package private(set) var isTooLong = false

  /// A reader that keeps records of so many bytes, at most.
  package init(limit: Int) { self.limit = limit }

  /// The bytes of the present record, without the end of its last line.
  ///
  /// Let go of them before the next call, or all that is here is copied.
  package var record: ArraySlice<UInt8> { bytes[start..<start + length] }

  /// How many bytes the present record has, its last line end included.
  package var byteCount: Int { next - start }

  // MARK: Lines

  /// Leaves the present record behind; `takeLine` takes the first line of the next one.
  package mutating func advance() {
    earlierLineCount += lineCount
    start = next
    searched = next
    (length, lineCount, isTooLong) = (0, 0, false)
  }

  /// Takes the following line into the present record.
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

  /// Leaves a line that has no room to the next record.
  private mutating func giveBack() -> Step {
    searched = next
    return .none
  }

  /// Gives back all lines of the present record but the first.
  package mutating func shrink() {
    (length, next) = firstLine
    searched = next
    lineCount = 1
  }

  // MARK: Bytes

  /// Has a body append bytes; that it appends none is the end.
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
