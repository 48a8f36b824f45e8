internal import Base

/// An account as a line of a file describes it, every value checked.
package struct ImportedAccount: Equatable, Sendable {
  /// Its number, which it keeps; `nil` when it may have any.
  var id: AccountID?

  /// The address as it stands in the file, also in its domain's case.
  let email: String

  /// A bcrypt hash, or the mark of an account without a password.
  let passwordHash: PasswordHash

  /// The text of `users.registered_on`; `nil` for the moment of the import.
  let registeredOn: String?
  let isAdmin: Bool
  let isConfirmed: Bool

  /// The text of `users.confirmed_on`, if any.
  let confirmedOn: String?
}

extension Instant {
  /// What the table holds of a date in a file, or `nil` when it is none.
  ///
  /// A date as SQLAlchemy writes it is kept to the last byte, since it may be local time. RFC 3339,
  /// which has a `T` or tells its distance from UTC, becomes what regctl would have written.
  static func storedText(of text: String) -> String? {
    guard let instant = Instant(parsing: text) else { return nil }
    let isStored = text.utf8.dropFirst(10).allSatisfy {
      $0.isDigit || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
    }
    // Six digits of a second are all that Python's datetime has.
    if isStored { return text.utf8.count <= 26 ? text : nil }
    let stored = instant.databaseText
    return Instant(parsing: stored) == instant ? stored : nil
  }
}
