package import Base

/// An instant in UTC, in microseconds since 1970.
package struct Instant: Hashable, Comparable, Sendable {
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// The start of a whole second since 1970.
  package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

  /// The whole seconds since 1970, rounded down.
  package var seconds: Int64 {
    let rest = Int(microseconds % 1_000_000).modulo(1_000_000)
    return (microseconds - Int64(rest)) / 1_000_000
  }

  /// Year, month, day and time of day in UTC.
  package var civil: CivilDate { CivilDate(secondsSince1970: seconds) }

  package static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The instant after a duration.
  package static func + (instant: Instant, span: Duration) -> Instant {
    Instant(microseconds: instant.microseconds.addingSaturated(span.microseconds))
  }

  /// The instant before a duration.
  package static func - (instant: Instant, span: Duration) -> Instant {
    Instant(microseconds: instant.microseconds.addingSaturated(-span.microseconds))
  }

  /// The duration from one instant to a later one; negative when it is earlier.
  package static func - (later: Instant, earlier: Instant) -> Duration {
    .microseconds(later.microseconds - earlier.microseconds)
  }
}

extension Instant {
  /// The instant as SQLAlchemy writes it as text: `2026-11-23 09:00:00.000000`.
  package var databaseText: String {
    let fraction = Int(microseconds - seconds * 1_000_000)
    return Self.text { bytes in
      let date = civil
      date.appendDate(to: &bytes)
      bytes.append(UInt8(ascii: " "))
      date.appendTime(to: &bytes)
      bytes.append(UInt8(ascii: "."))
      CivilDate.append(fraction, digits: 6, to: &bytes)
    }
  }

  /// The instant in RFC 3339 format, in whole seconds: `2026-11-23T09:00:00Z`.
  package var rfc3339: String { Self.text { appendRFC3339(to: &$0) } }

  /// Appends the instant in RFC 3339 format.
  package func appendRFC3339(to bytes: inout [UInt8]) {
    appendLocal(to: &bytes)
    bytes.append(UInt8(ascii: "Z"))
  }

  /// Appends the instant in RFC 3339 format, with microseconds unless they are zero.
  func appendExactRFC3339(to bytes: inout [UInt8]) {
    appendLocal(to: &bytes)
    let fraction = Int(microseconds - seconds * 1_000_000)
    if fraction > 0 {
      bytes.append(UInt8(ascii: "."))
      CivilDate.append(fraction, digits: 6, to: &bytes)
    }
    bytes.append(UInt8(ascii: "Z"))
  }

  /// The instant to the minute, for display: `2026-11-23 09:00 UTC`.
  package var minuteText: String {
    Self.text { bytes in
      appendLocalMinute(to: &bytes)
      bytes += " UTC".utf8
    }
  }

  /// A local time, given as if it were UTC, in whole seconds: `2026-11-23T09:00:00`.
  package var localText: String { Self.text { appendLocal(to: &$0) } }

  /// Appends a local time, given as if it were UTC, in the format of RFC 3339 without an offset.
  package func appendLocal(to bytes: inout [UInt8]) {
    let date = civil
    date.appendDate(to: &bytes)
    bytes.append(UInt8(ascii: "T"))
    date.appendTime(to: &bytes)
  }

  /// A local time, given as if it were UTC, to the minute: `2026-11-23 09:00`.
  package var localMinuteText: String { Self.text { appendLocalMinute(to: &$0) } }

  private func appendLocalMinute(to bytes: inout [UInt8]) {
    let date = civil
    date.appendDate(to: &bytes)
    bytes.append(UInt8(ascii: " "))
    date.appendMinute(to: &bytes)
  }

  private static func text(_ fill: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    fill(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Parses an instant as written by SQLAlchemy, RFC 3339 or a user; a date alone is its midnight.
  ///
  /// Returns `nil` for anything else, including invalid dates. Without an offset, UTC is assumed.
  package init?(parsing text: String) {
    guard let timestamp = Timestamp(text) else { return nil }
    self.init(timestamp)
  }

  /// The instant of a timestamp; UTC when it has no offset.
  package init(_ timestamp: Timestamp) {
    let seconds = timestamp.seconds - Int64(timestamp.offset ?? 0) * 60
    self.init(microseconds: seconds * 1_000_000 + Int64(timestamp.microsecond))
  }
}
