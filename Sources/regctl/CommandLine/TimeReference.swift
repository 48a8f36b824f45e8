internal import Base
internal import RegctlCore

/// An absolute time, a day in UTC, or an age.
enum TimeReference: Sendable {
  case moment(Instant)
  /// A day, by its first instant.
  case day(Instant)
  /// The day that was today so many days ago.
  case daysAgo(Int)
  case age(Duration)
  /// `never`: before every time.
  case beginning

  /// Parses a date, an RFC 3339 time, `now`, `today`, `yesterday` or an age.
  init(option text: String) throws(UsageError.Expectation) {
    if let moment = Instant(parsing: text) {
      self = text.utf8.count == "2026-11-23".utf8.count ? .day(moment) : .moment(moment)
    } else if text == "now" {
      self = .age(.zero)
    } else if text == "today" {
      self = .daysAgo(0)
    } else if text == "yesterday" {
      self = .daysAgo(1)
    } else if text.utf8.contains(UInt8(ascii: "-")) || text.utf8.contains(UInt8(ascii: ":")) {
      throw .format("a date or time is needed, such as 2026-11-23T09:00:00Z")
    } else if case .finite(let age) = try TimeSpan(option: text) {
      self = .age(age)
    } else {
      self = .beginning
    }
  }

  /// The first instant that is meant by "since"; `nil` for the beginning.
  func start(at now: Instant) -> Instant? {
    switch self {
    case .moment(let moment), .day(let moment): moment
    case .daysAgo(let days): Self.midnight(of: now) - .seconds(Int64(days) * Self.day)
    case .age(let age): now - age
    case .beginning: nil
    }
  }

  /// The first instant that is no longer meant by "until": the end of a day; `nil` for the
  /// beginning, until which there is nothing.
  func end(at now: Instant) -> Instant? {
    let start = start(at: now)
    switch self {
    case .day, .daysAgo: return start.map { $0 + .seconds(Self.day) }
    case .moment, .age, .beginning: return start
    }
  }

  private static let day: Int64 = 86_400

  private static func midnight(of now: Instant) -> Instant {
    Instant(seconds: now.seconds - Int64(Int(now.seconds % day).modulo(Int(day))))
  }
}
