/// The time that a report is about, from the first instant to the one before the second.
package struct ReportInterval: Equatable, Sendable {
  package let since: Instant?
  package let before: Instant?

  /// An interval; `nil` for the beginning or the end of time.
  package init(since: Instant? = nil, before: Instant? = nil) {
    (self.since, self.before) = (since, before)
  }

  /// No time at all: until the year 1, which both engines can compare.
  package static let empty = ReportInterval(before: Instant(seconds: -62_135_596_800))

  /// The last instant, in the resolution of the databases.
  var last: Instant? { before.map { $0 - .microseconds(1) } }

  package func contains(_ moment: Instant) -> Bool {
    since.map { moment >= $0 } ?? true && before.map { moment < $0 } ?? true
  }
}
