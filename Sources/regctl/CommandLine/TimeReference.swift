internal import Base
internal import RegctlCore

/// A moment as people name it: by itself, or by how long ago it was.
enum TimeReference: Sendable {
  case moment(Instant)
  case age(Duration)
  /// Longer ago than anything: `never`.
  case beginning

  /// Reads a date, an RFC 3339 time or an age.
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

  /// The moment that is meant by a person who speaks at `now`; `nil` for the beginning.
  func moment(at now: Instant) -> Instant? {
    switch self {
    case .moment(let moment): moment
    case .age(let age): now - age
    case .beginning: nil
    }
  }
}
