package import SMTP

/// A moment in UTC, in microseconds since 1970.
package struct Instant: Hashable, Comparable, Sendable {
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// The beginning of a whole second since 1970.
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

  /// The moment a time span later.
  package static func + (instant: Instant, span: Duration) -> Instant {
    Instant(microseconds: instant.microseconds.addingSaturated(span.microseconds))
  }

  /// The moment a time span earlier.
  package static func - (instant: Instant, span: Duration) -> Instant {
    Instant(microseconds: instant.microseconds.addingSaturated(-span.microseconds))
  }

  /// The time from one moment to a later one; negative when it is earlier.
  package static func - (later: Instant, earlier: Instant) -> Duration {
    .microseconds(later.microseconds - earlier.microseconds)
  }
}

extension Instant {
  /// The moment as SQLAlchemy writes it to SQLite: `2026-11-23 09:00:00.000000`.
  package var databaseText: String {
    let fraction = Int(microseconds - seconds * 1_000_000)
    return Self.text { bytes in
      appendDate(to: &bytes)
      bytes.append(UInt8(ascii: " "))
      appendTime(to: &bytes)
      bytes.append(UInt8(ascii: "."))
      Self.append(fraction, digits: 6, to: &bytes)
    }
  }

  /// The moment as RFC 3339 writes it, in whole seconds: `2026-11-23T09:00:00Z`.
  package var rfc3339: String { Self.text { appendRFC3339(to: &$0) } }

  /// Appends the moment as RFC 3339 writes it.
  package func appendRFC3339(to bytes: inout [UInt8]) {
    appendDate(to: &bytes)
    bytes.append(UInt8(ascii: "T"))
    appendTime(to: &bytes)
    bytes.append(UInt8(ascii: "Z"))
  }

  /// The moment for people, to the minute: `2026-11-23 09:00 UTC`.
  package var minuteText: String {
    Self.text { bytes in
      appendDate(to: &bytes)
      bytes.append(UInt8(ascii: " "))
      appendTime(to: &bytes)
      bytes.removeLast(3)
      bytes += " UTC".utf8
    }
  }

  /// The moment as a header field writes it: `Mon, 23 Nov 2026 09:00:00 +0000`.
  var internetDateText: String { InternetDate.text(of: seconds) }

  private static func text(_ fill: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    fill(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func appendDate(to bytes: inout [UInt8]) {
    let date = civil
    // Four digits are all that the formats have room for.
    Self.append(min(max(date.year, 0), 9999), digits: 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.append(date.month, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.append(date.day, digits: 2, to: &bytes)
  }

  private func appendTime(to bytes: inout [UInt8]) {
    let date = civil
    Self.append(date.hour, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    Self.append(date.minute, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    Self.append(date.second, digits: 2, to: &bytes)
  }

  private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    var rest = number
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest / divisor % 10))
      rest %= divisor
      divisor /= 10
    }
  }

  /// Reads a moment as SQLAlchemy, RFC 3339 or a person writes it; a date alone is its midnight.
  ///
  /// Returns `nil` for anything else, impossible dates included. Without an offset it is UTC.
  package init?(parsing text: String) {
    guard let (instant, _) = Self.parse(text) else { return nil }
    self = instant
  }

  /// Reads a moment, and whether it says itself how far it is from UTC.
  static func parse(_ text: String) -> (instant: Instant, hasOffset: Bool)? {
    var bytes = Array(text.utf8)[...]
    guard let year = bytes.takeNumber(digits: 4), bytes.take("-"),
      let month = bytes.takeNumber(digits: 2), bytes.take("-"),
      let day = bytes.takeNumber(digits: 2),
      let days = CivilDate.days(year: year, month: month, day: day)
    else { return nil }
    var microseconds = Int64(days) * 86_400_000_000
    var hasOffset = false
    if bytes.take(" ") || bytes.take("T") || bytes.take("t") {
      guard let hour = bytes.takeNumber(digits: 2), hour < 24, bytes.take(":"),
        let minute = bytes.takeNumber(digits: 2), minute < 60
      else { return nil }
      var second = 0
      var fraction = 0
      if bytes.take(":") {
        guard let seconds = bytes.takeNumber(digits: 2), seconds < 60 else { return nil }
        second = seconds
        if bytes.take(".") {
          guard let digits = bytes.takeFraction(digits: 6) else { return nil }
          fraction = digits
        }
      }
      microseconds += Int64(hour * 3600 + minute * 60 + second) * 1_000_000 + Int64(fraction)
      if bytes.take("Z") || bytes.take("z") {
        hasOffset = true
      } else if let sign = bytes.takeSign() {
        guard let hours = bytes.takeNumber(digits: 2), hours < 24, bytes.take(":"),
          let minutes = bytes.takeNumber(digits: 2), minutes < 60
        else { return nil }
        microseconds -= Int64(sign * (hours * 60 + minutes)) * 60_000_000
        hasOffset = true
      }
    }
    guard bytes.isEmpty else { return nil }
    return (Instant(microseconds: microseconds), hasOffset)
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard first == UInt8(ascii: character) else { return false }
    removeFirst()
    return true
  }

  fileprivate mutating func takeSign() -> Int? {
    take("+") ? 1 : take("-") ? -1 : nil
  }

  fileprivate mutating func takeNumber(digits: Int) -> Int? {
    let text = prefix(digits)
    guard text.count == digits, text.allSatisfy({ $0.isDigit }) else { return nil }
    removeFirst(digits)
    return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Reads the digits after a decimal point as so many digits, further ones cut off.
  fileprivate mutating func takeFraction(digits: Int) -> Int? {
    let text = prefix { $0.isDigit }
    guard !text.isEmpty else { return nil }
    removeFirst(text.count)
    return (0..<digits).reduce(0) { number, place in
      number * 10 + (place < text.count ? Int(text[text.startIndex + place] - 48) : 0)
    }
  }
}

extension UInt8 {
  /// Whether this is an ASCII digit.
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

extension Duration {
  /// The whole microseconds, as far as 64 bits reach.
  package var microseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    return whole.addingSaturated(attoseconds / 1_000_000_000_000)
  }

  /// The whole seconds, rounded towards zero.
  package var wholeSeconds: Int64 { components.seconds }
}

extension Int64 {
  fileprivate func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
