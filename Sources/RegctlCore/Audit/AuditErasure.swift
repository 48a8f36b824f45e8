/// The entries whose personal fields an `erase` entry emptied, as its detail names them:
/// `entries 3,7-9`.
///
/// The chain covers the detail, so that no further entry can be emptied under the same act.
struct AuditErasure: Equatable, Sendable {
  private static let beginning = "entries "

  private let ranges: [ClosedRange<Int64>]

  /// Takes the numbers of entries in any order.
  init(of numbers: [Int64]) {
    var ranges: [ClosedRange<Int64>] = []
    for number in numbers.sorted() {
      if let last = ranges.last, number <= last.upperBound &+ 1, number >= last.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound...max(number, last.upperBound)
      } else {
        ranges.append(number...number)
      }
    }
    self.ranges = ranges
  }

  /// Parses the detail of an entry; `nil` when it names no entries.
  init?(detail: String) {
    guard detail.utf8.starts(with: Self.beginning.utf8) else { return nil }
    var ranges: [ClosedRange<Int64>] = []
    let list = detail.utf8.dropFirst(Self.beginning.utf8.count)
    for part in list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let ends = part.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        .map { Int64(String(decoding: $0, as: UTF8.self)) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first <= last
      else { return nil }
      ranges.append(first...last)
    }
    self.ranges = ranges
  }

  /// The detail of the entry.
  var detail: String {
    let parts = ranges.map { range in
      range.lowerBound == range.upperBound
        ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }
    return Self.beginning + parts.joined(separator: ",")
  }

  /// Whether it emptied an entry.
  func covers(_ number: Int64) -> Bool { ranges.contains { $0.contains(number) } }
}
