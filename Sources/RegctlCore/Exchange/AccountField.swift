/// What a file says of an account, by its name there.
package enum AccountField: String, CaseIterable, Sendable {
  case id, email, password
  case registeredOn = "registered_on"
  case admin, confirmed
  case confirmedOn = "confirmed_on"
  /// The version of the format, which is 1.
  case schema

  /// The fields by name, in the order of an export.
  static let names = allCases.map(\.rawValue)
}
