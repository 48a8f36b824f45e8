/// A field of an account in a file.
package enum AccountField: String, CaseIterable, Sendable {
  case id, email, password
  case registeredOn = "registered_on"
  case admin, confirmed
  case confirmedOn = "confirmed_on"
  /// The version of the format, currently 1.
  case schema

  /// The names of the fields, in the order of an export.
  static let names = allCases.map(\.rawValue)
}
