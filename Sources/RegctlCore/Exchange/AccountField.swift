/// A field of an account in a file.
package enum AccountField: String, CaseIterable, Sendable {
  case id, email, password
  case registeredOn = "registered_on"
  case admin, confirmed
  case confirmedOn = "confirmed_on"
  /// The language of the mails, where the table has no column of that name.
  case language
  /// The version of the format, currently 1.
  case schema

  /// The names of the fields, in the order of an export.
  static let names = allCases.map(\.rawValue)

  /// Whether a column of the application's own with the name has precedence.
  var yieldsToColumn: Bool { self == .language }
}
