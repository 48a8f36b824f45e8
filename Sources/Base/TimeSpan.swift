/// A duration as typed by a user: an integer with `s`, `m`, `h`, `d` or `w`, or `never`.
package enum TimeSpan: Equatable, Sendable {
  case finite(Duration)
  case never

  /// The reason why a text is not a duration.
  package enum Fault: Error, Equatable, Sendable {
    case malformed
    /// A number without a unit; the most likely meaning is suggested.
    case missingUnit(suggestion: String)
    case tooLarge
  }

  /// Parses a duration; `likelyUnit` is the suggested unit for a number without one.
  package init(_ text: String, likelyUnit: String = "d") throws(Fault) {
    if text == "never" {
      self = .never
      return
    }
    let bytes = Array(text.utf8)
    let digits = bytes.prefix(while: \.isDigit)
    guard !digits.isEmpty else { throw .malformed }
    guard digits.count < bytes.count else { throw .missingUnit(suggestion: text + likelyUnit) }
    guard bytes.count == digits.count + 1, let unit = TimeUnit(letter: bytes[digits.count])
    else { throw .malformed }
    // Ten thousand years, so that every date stays within the calendar.
    guard let number = Int64(String(decoding: digits, as: UTF8.self)),
      number <= 315_360_000_000 / unit.seconds
    else { throw .tooLarge }
    self = .finite(.seconds(number * unit.seconds))
  }
}
