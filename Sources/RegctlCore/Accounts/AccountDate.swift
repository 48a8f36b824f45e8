internal import Base

/// A date of an account: a moment, or what clocks of an unknown time zone showed.
package enum AccountDate: Hashable, Sendable {
  case moment(Instant)

  /// A local time whose zone is not known, given as if it were UTC.
  case local(Instant)

  /// The moment, if it is known.
  package var moment: Instant? { if case .moment(let moment) = self { moment } else { nil } }

  /// The moment, taking a local time for UTC, which is at most 14 hours wrong.
  var assumingUTC: Instant {
    switch self {
    case .moment(let moment), .local(let moment): moment
    }
  }

  /// The latest moment that it may be.
  var latest: Instant {
    switch self {
    case .moment(let moment): moment
    case .local(let local): local + DatabaseZone.greatestOffset
    }
  }

  /// The date in RFC 3339 format, in whole seconds; without an offset for a local time.
  package var rfc3339: String {
    switch self {
    case .moment(let moment): moment.rfc3339
    case .local(let local): local.localText
    }
  }
}

extension AccountDate {
  /// Parses a date in RFC 3339 format; without an offset it is a local time.
  init?(parsing text: String) {
    guard let timestamp = Timestamp(text) else { return nil }
    let instant = Instant(timestamp)
    self = timestamp.offset == nil ? .local(instant) : .moment(instant)
  }
}
