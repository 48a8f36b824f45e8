internal import Base

/// A week or a month, by which reports group.
package struct ReportPeriod: Hashable, Comparable, Sendable {
  package enum Length: String, CaseIterable, Sendable { case week, month }

  package let length: Length

  /// The number among all weeks, from the one of 1970-01-01, or among all months, from those of the
  /// year 0.
  private let number: Int64

  private init(_ length: Length, number: Int64) {
    self.length = length
    self.number = number
  }

  /// The period of a moment.
  package init(_ length: Length, of moment: Instant) {
    self.length = length
    number =
      switch length {
      // 1970-01-01 was a Thursday, and weeks begin on Monday.
      case .week: (moment.seconds.flooredQuotient(by: 86_400) + 3).flooredQuotient(by: 7)
      case .month: Int64(moment.civil.year * 12 + moment.civil.month - 1)
      }
  }

  /// `2026-W48`, the ISO 8601 week, or `2026-11`.
  package var name: String {
    switch length {
    case .month:
      let month = Int(number).modulo(12)
      return "\((Int(number) - month) / 12)-\(CivilDate.twoDigits(month + 1))"
    case .week:
      // ISO 8601: a week belongs to the year of its Thursday.
      let thursday = number * 7
      let year = CivilDate(secondsSince1970: thursday * 86_400).year
      let newYear = CivilDate.days(year: year, month: 1, day: 1) ?? 0
      return "\(year)-W\(CivilDate.twoDigits((Int(thursday) - newYear) / 7 + 1))"
    }
  }

  /// The year of the name: `2026`.
  package var year: String { String(name.prefix { $0 != "-" }) }

  /// Whether it is the first one of that year.
  package var isFirstOfYear: Bool { advanced(by: -1).year != year }

  /// The period that comes some periods later; earlier for a negative number.
  package func advanced(by count: Int) -> ReportPeriod {
    ReportPeriod(length, number: number + Int64(count))
  }

  /// How many periods later another one is.
  package func distance(to other: ReportPeriod) -> Int { Int(other.number - number) }

  package static func < (left: ReportPeriod, right: ReportPeriod) -> Bool {
    left.number < right.number
  }
}

extension Int64 {
  fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
