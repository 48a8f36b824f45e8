internal import Base
internal import RegctlCore

/// An absolute time or an age.
enum TimeReference: Sendable {
  case moment(Instant)
  case age(Duration)
  /// `never`: before every time.
  case beginning

  /// Parses a date, an RFC 3339 time or an age.
  init(option text: String) throws(UsageError.Expectation) {
    if let moment = Instant(parsing: text) {
      self = .moment(moment)
    } else if text.utf8.contains(UInt8(ascii: "-")) || text.utf8.contains(UInt8(ascii: ":")) {
      throw .format("a date or time is needed, such as 2026-11-23T09:00:00Z")
    } else if case .finite(let age) = try TimeSpan(option: text) {
      self = .age(age)
    } else {
      self = .beginning
    }
  }

  /// The absolute time, relative to `now`; `nil` for the beginning.
  func moment(at now: Instant) -> Instant? {
    switch self {
    case .moment(let moment): moment
    case .age(let age): now - age
    case .beginning: nil
    }
  }
}
