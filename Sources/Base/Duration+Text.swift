extension Duration {
  /// The whole microseconds, clamped to 64 bits.
  package var microseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    return whole.addingSaturated(attoseconds / 1_000_000_000_000)
  }

  /// The whole seconds, rounded towards zero.
  package var wholeSeconds: Int64 { components.seconds }

  // MARK: Text

  /// The duration in its greatest unit, as shown in a column: `3d`, `45m`.
  ///
  /// A remainder is dropped; a negative duration is `0s`.
  package var abbreviation: String {
    let (count, unit) = inGreatestUnit { $0 >= $1 }
    return "\(count)\(Unicode.Scalar(unit.letter))"
  }

  /// The duration in its greatest unit, as written in a sentence: `3 days`.
  ///
  /// A remainder is dropped; a negative duration is `0 seconds`.
  package var words: String {
    let (count, unit) = inGreatestUnit { $0 >= $1 }
    return Plural.count(count, unit.rawValue)
  }

  /// The duration in whole seconds, as a number of the greatest unit that leaves no remainder.
  package var exactCount: (count: Int, unit: TimeUnit) {
    inGreatestUnit { $0 >= $1 && $0 % $1 == 0 }
  }

  /// The duration in the greatest unit that fits, other than weeks.
  private func inGreatestUnit(
    that fits: (_ seconds: Int64, _ unit: Int64) -> Bool
  ) -> (count: Int, unit: TimeUnit) {
    let seconds = max(0, wholeSeconds)
    let unit = TimeUnit.allCases.first { $0 != .week && fits(seconds, $0.seconds) } ?? .second
    return (Int(seconds / unit.seconds), unit)
  }
}

extension Int64 {
  /// The sum, clamped to 64 bits.
  package func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
