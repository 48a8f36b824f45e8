/// An account as described by a line of a file, with validated values.
package struct ImportedAccount: Equatable, Sendable {
  /// The ID, which the account keeps; `nil` when it may get any.
  var id: AccountID?

  /// The address as in the file, including the case of its domain.
  let email: String

  /// A hash, or the marker of an account without a password.
  let passwordHash: PasswordHash

  /// The date of the registration; `nil` for the time of the import.
  let registeredOn: ImportedDate?
  let isAdmin: Bool
  let isConfirmed: Bool

  /// The date of the confirmation, if any.
  let confirmedOn: ImportedDate?

  /// The language of the mails, if any.
  var language: MailLanguage?

  /// A value of one of the application's own columns, by its position among them.
  struct ColumnContent: Equatable, Sendable {
    let position: Int
    let value: ColumnValue
  }

  /// The values of the application's own columns that the file specifies, by position.
  var columns: [ColumnContent] = []
}
