internal import Base

/// An account as described by a line of a file, with validated values.
package struct ImportedAccount: Equatable, Sendable {
  /// The ID, which the account keeps; `nil` when it may get any.
  var id: AccountID?

  /// The address as in the file, including the case of its domain.
  let email: String

  /// A hash, or the marker of an account without a password.
  let passwordHash: PasswordHash

  /// The text of `users.registered_on`; `nil` for the time of the import.
  let registeredOn: String?
  let isAdmin: Bool
  let isConfirmed: Bool

  /// The text of `users.confirmed_on`, if any.
  let confirmedOn: String?
}

extension Instant {
  /// The text that is stored for a date in a file; `nil` when it is not a date.
  ///
  /// A date in the format of SQLAlchemy is kept byte for byte, since it may be local time. RFC
  /// 3339, which has a `T` or an offset, becomes the text that regctl writes.
  static func storedText(of text: String) -> String? {
    guard let instant = Instant(parsing: text) else { return nil }
    let isStored = text.utf8.dropFirst(10).allSatisfy {
      $0.isDigit || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
    }
    // Python's datetime supports at most six fractional digits.
    if isStored { return text.utf8.count <= 26 ? text : nil }
    let stored = instant.databaseText
    return Instant(parsing: stored) == instant ? stored : nil
  }
}
