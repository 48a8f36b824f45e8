/// A date as text, optionally with a time of day and an offset from UTC.
///
/// The text is in the format of RFC 3339, of SQLAlchemy (`2026-11-23 09:00:00.000000`), or typed by
/// a user: seconds and time of day may be omitted.
package struct Timestamp: Equatable, Sendable {
  /// Seconds since 1970 if the text is in UTC.
  package private(set) var seconds: Int64

  /// The fraction of the second; further digits are truncated.
  package private(set) var microsecond = 0

  /// The offset from UTC in minutes; `nil` when the text has none.
  package private(set) var offset: Int?

  /// Parses a text; `nil` if it is invalid, including impossible dates.
  package init?(_ text: String) { self.init(text.utf8.span) }

  /// Parses UTF-8 text.
  package init?(utf8 text: ArraySlice<UInt8>) { self.init(text.span) }

  private init?(_ text: Span<UInt8>) {
    var place = 0
    guard let year = text.number(at: &place, digits: 4), text.has("-", at: &place),
      let month = text.number(at: &place, digits: 2), text.has("-", at: &place),
      let day = text.number(at: &place, digits: 2),
      let days = CivilDate.days(year: year, month: month, day: day)
    else { return nil }
    seconds = Int64(days) * 86_400
    if text.has(" ", at: &place) || text.has("T", at: &place) || text.has("t", at: &place) {
      guard readTime(text, at: &place), readOffset(text, at: &place) else { return nil }
    }
    guard place == text.count else { return nil }
  }

  private mutating func readTime(_ text: Span<UInt8>, at place: inout Int) -> Bool {
    guard let hour = text.number(at: &place, digits: 2), hour < 24, text.has(":", at: &place),
      let minute = text.number(at: &place, digits: 2), minute < 60
    else { return false }
    seconds += Int64(hour * 3600 + minute * 60)
    guard text.has(":", at: &place) else { return true }
    guard let second = text.number(at: &place, digits: 2), second < 60 else { return false }
    seconds += Int64(second)
    guard text.has(".", at: &place) else { return true }
    guard let fraction = text.fraction(at: &place, digits: 6) else { return false }
    microsecond = fraction
    return true
  }

  /// Reads `Z`, `+01:00` or nothing.
  private mutating func readOffset(_ text: Span<UInt8>, at place: inout Int) -> Bool {
    if text.has("Z", at: &place) || text.has("z", at: &place) {
      offset = 0
      return true
    }
    let sign = text.has("+", at: &place) ? 1 : text.has("-", at: &place) ? -1 : 0
    guard sign != 0 else { return true }
    guard let hours = text.number(at: &place, digits: 2), hours < 24, text.has(":", at: &place),
      let minutes = text.number(at: &place, digits: 2), minutes < 60
    else { return false }
    offset = sign * (hours * 60 + minutes)
    return true
  }
}

extension Span<UInt8> {
  /// Whether a character is at a place, which moves behind it.
  fileprivate func has(_ character: Unicode.Scalar, at place: inout Int) -> Bool {
    guard place < count, self[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// The number of so many digits at a place, which moves behind them.
  fileprivate func number(at place: inout Int, digits: Int) -> Int? {
    guard count - place >= digits else { return nil }
    var number = 0
    for position in place..<place + digits {
      guard self[position].isDigit else { return nil }
      number = number * 10 + Int(self[position] - UInt8(ascii: "0"))
    }
    place += digits
    return number
  }

  /// The digits after a decimal point as a fixed number of digits; the rest is truncated.
  fileprivate func fraction(at place: inout Int, digits: Int) -> Int? {
    let start = place
    var number = 0
    while place < count, self[place].isDigit {
      if place - start < digits { number = number * 10 + Int(self[place] - UInt8(ascii: "0")) }
      place += 1
    }
    guard place > start else { return nil }
    for _ in 0..<max(digits - (place - start), 0) { number *= 10 }
    return number
  }
}
