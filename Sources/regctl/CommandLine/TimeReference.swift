internal import Base
internal import RegctlCore

/// A moment as people name it: by itself, or by how long ago it was.
enum TimeReference: Sendable {
  case moment(Instant)
  case age(Duration)

  /// The moment that is meant by somebody who speaks at `now`.
  func moment(at now: Instant) -> Instant {
    switch self {
    case .moment(let moment): moment
    case .age(let age): now - age
    }
  }
}

extension ParsedArguments {
  /// A date, an RFC 3339 time or an age; `never` leaves the option out.
  func timeReference(_ long: String) throws(UsageError) -> TimeReference? {
    guard let text = value(long) else { return nil }
    if let moment = Instant(parsing: text) { return .moment(moment) }
    if text.utf8.contains(UInt8(ascii: "-")) || text.utf8.contains(UInt8(ascii: ":")) {
      throw invalid(long, text, .format("a date or time is needed, such as 2026-11-23T09:00:00Z"))
    }
    guard case .finite(let age) = try timeSpan(long) else { return nil }
    return .age(age)
  }
}
