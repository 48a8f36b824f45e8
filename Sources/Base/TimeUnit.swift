/// A unit of a duration, the greatest first.
package enum TimeUnit: String, CaseIterable, Sendable {
  case week, day, hour, minute, second

  /// The unit of a letter: `s`, `m`, `h`, `d` or `w`.
  package init?(letter: UInt8) {
    guard let unit = Self.allCases.first(where: { $0.letter == letter }) else { return nil }
    self = unit
  }

  /// The letter after a number: `s`, `m`, `h`, `d` or `w`.
  package var letter: UInt8 {
    switch self {
    case .week: UInt8(ascii: "w")
    case .day: UInt8(ascii: "d")
    case .hour: UInt8(ascii: "h")
    case .minute: UInt8(ascii: "m")
    case .second: UInt8(ascii: "s")
    }
  }

  /// The number of seconds in the unit.
  package var seconds: Int64 {
    switch self {
    case .week: 604_800
    case .day: 86_400
    case .hour: 3600
    case .minute: 60
    case .second: 1
    }
  }
}
