internal import SQL

/// A row of the application's table, as it is written.
struct UsersRow {
  /// `NULL` for the next number, which the engine gives.
  var id = Value.null
  let email: Value
  let password: Value
  let registeredOn: Value
  let admin: Value
  let confirmed: Value
  let confirmedOn: Value

  /// The values of the columns that an application has, in the order of `UsersMapping.written`.
  func values(in mapping: UsersMapping) -> [Value] { mapping.written.map { self[$0] } }

  private subscript(column: UsersMapping.Column) -> Value {
    switch column {
    case .id: id
    case .email: email
    case .password: password
    case .registeredOn: registeredOn
    case .admin: admin
    case .confirmed: confirmed
    case .confirmedOn: confirmedOn
    }
  }
}
