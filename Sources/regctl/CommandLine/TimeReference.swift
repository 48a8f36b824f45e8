internal import Base
internal import RegctlCore

/// An absolute time, a day, or an age.
enum TimeReference: Sendable {
  case moment(Instant)
  /// What the clocks of the user show, given as if it were UTC.
  case local(Instant)
  /// A day on the clocks of the user, counted since 1970.
  case day(Int64)
  /// The day that was today so many days ago.
  case daysAgo(Int64)
  case age(Duration)
  /// `never`: before every time.
  case beginning

  /// Parses a date, an RFC 3339 time, which can lack its offset, `now`, `today`, `yesterday` or an
  /// age.
  init(option text: String) throws(UsageError.Expectation) {
    if let timestamp = Timestamp(text) {
      let moment = Instant(timestamp)
      if text.utf8.count == "2026-11-23".utf8.count {
        self = .day(Int64(moment.civil.daysSince1970))
      } else {
        self = timestamp.offset == nil ? .local(moment) : .moment(moment)
      }
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
  func start(at now: LocalNow) -> Instant? {
    switch self {
    case .moment(let moment): moment
    case .local(let local): now.zone.moment(ofLocal: local)
    case .day(let day): now.start(ofDay: day)
    case .daysAgo(let days): now.start(ofDay: now.day - days)
    case .age(let age): now.instant - age
    case .beginning: nil
    }
  }

  /// The first instant that is no longer meant by "until": the end of a day; `nil` for the
  /// beginning, until which there is nothing.
  func end(at now: LocalNow) -> Instant? {
    switch self {
    // A day has 23 or 25 hours when clocks are changed.
    case .day(let day): now.start(ofDay: day + 1)
    case .daysAgo(let days): now.start(ofDay: now.day - days + 1)
    case .moment, .local, .age, .beginning: start(at: now)
    }
  }
}
