internal import Base

/// A date in a file of accounts.
enum ImportedDate: Equatable, Sendable {
  /// A date without a time zone, which is kept byte for byte.
  case stored(String)
  case moment(Instant)

  /// Parses a date; `nil` when it is not one, or cannot be stored.
  ///
  /// The format is that of SQLAlchemy or RFC 3339; without an offset, RFC 3339 becomes the former.
  init?(_ text: String) {
    guard let timestamp = Timestamp(text) else { return nil }
    let instant = Instant(timestamp)
    let isStored = text.utf8.dropFirst(10).allSatisfy {
      $0.isDigit || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
    }
    if isStored {
      // Python's datetime supports at most six fractional digits.
      guard text.utf8.count <= 26 else { return nil }
      self = .stored(text)
      return
    }
    guard Instant.storedSeconds.contains(instant.seconds) else { return nil }
    self = timestamp.offset == nil ? .stored(instant.databaseText) : .moment(instant)
  }
}
