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
  package init?(_ text: String) { self.init(utf8: Array(text.utf8)[...]) }

  /// Parses UTF-8 text.
  package init?(utf8 text: ArraySlice<UInt8>) {
    var rest = text
    guard let year = rest.takeNumber(digits: 4), rest.take("-"),
      let month = rest.takeNumber(digits: 2), rest.take("-"),
      let day = rest.takeNumber(digits: 2),
      let days = CivilDate.days(year: year, month: month, day: day)
    else { return nil }
    seconds = Int64(days) * 86_400
    if rest.take(" ") || rest.take("T") || rest.take("t") {
      guard readTime(&rest), readOffset(&rest) else { return nil }
    }
    guard rest.isEmpty else { return nil }
  }

  private mutating func readTime(_ rest: inout ArraySlice<UInt8>) -> Bool {
    guard let hour = rest.takeNumber(digits: 2), hour < 24, rest.take(":"),
      let minute = rest.takeNumber(digits: 2), minute < 60
    else { return false }
    seconds += Int64(hour * 3600 + minute * 60)
    guard rest.take(":") else { return true }
    guard let second = rest.takeNumber(digits: 2), second < 60 else { return false }
    seconds += Int64(second)
    guard rest.take(".") else { return true }
    guard let fraction = rest.takeFraction(digits: 6) else { return false }
    microsecond = fraction
    return true
  }

  /// Reads `Z`, `+01:00` or nothing.
  private mutating func readOffset(_ rest: inout ArraySlice<UInt8>) -> Bool {
    if rest.take("Z") || rest.take("z") {
      offset = 0
      return true
    }
    let sign = rest.take("+") ? 1 : rest.take("-") ? -1 : 0
    guard sign != 0 else { return true }
    guard let hours = rest.takeNumber(digits: 2), hours < 24, rest.take(":"),
      let minutes = rest.takeNumber(digits: 2), minutes < 60
    else { return false }
    offset = sign * (hours * 60 + minutes)
    return true
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard first == UInt8(ascii: character) else { return false }
    removeFirst()
    return true
  }

  fileprivate mutating func takeNumber(digits: Int) -> Int? {
    let text = prefix(digits)
    guard text.count == digits, text.allSatisfy(\.isDigit) else { return nil }
    removeFirst(digits)
    return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Reads the digits after a decimal point as a fixed number of digits; the rest is truncated.
  fileprivate mutating func takeFraction(digits: Int) -> Int? {
    let text = prefix(while: \.isDigit)
    guard !text.isEmpty else { return nil }
    removeFirst(text.count)
    return (0..<digits).reduce(0) { number, place in
      number * 10
        + (place < text.count ? Int(text[text.startIndex + place] - UInt8(ascii: "0")) : 0)
    }
  }
}
