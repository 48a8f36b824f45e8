internal import SQL

/// The column in which the application stores the token of a reset link that it mailed. It accepts
/// any confirmation token of the account while this column holds a value.
extension Store {
  /// Whether the table has the column, and the column may be empty.
  func hasApplicationResets() throws(RegctlError) -> Bool {
    try first(
      Statement(
        sqlite: """
          SELECT 1 FROM pragma_table_info($1, 'main')
          WHERE lower(name) = 'password_reset_token' AND "notnull" = 0
          """,
        postgreSQL: """
          SELECT 1 FROM pg_catalog.pg_attribute
          WHERE attrelid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
            AND attname = 'password_reset_token' AND NOT attnotnull AND NOT attisdropped
          """), .text(mapping.table)
    ) { _ in true } ?? false
  }

  /// Throws if the application's reset links are configured and the table has no such column.
  package func requireApplicationResets(
    _ configuration: Configuration
  ) throws(RegctlError) {
    guard configuration.resetLink == .application, try !hasApplicationResets() else { return }
    throw .configuration(
      ConfigurationError(origin: configuration.origin(of: "reset_link"), fault: .noResetColumn))
  }

  /// Whether the application would accept a reset link of an account now.
  func hasApplicationReset(of id: AccountID) throws(RegctlError) -> Bool {
    try first(
      "SELECT password_reset_token IS NOT NULL FROM {table} WHERE {id} = $1",
      .integer(id.rawValue)
    ) { $0.boolean(0) } ?? false
  }

  /// Stores the token of a reset link, so that the application accepts it.
  func storeApplicationReset(_ token: String, of id: AccountID) throws(RegctlError) {
    try changeOne(
      of: mapping.table,
      "UPDATE {table} SET password_reset_token = $1 WHERE {id} = $2", .text(token),
      .integer(id.rawValue))
    guard try hasApplicationReset(of: id) else { throw ignoredChange(of: mapping.table) }
  }

  /// Voids the reset link that the application, or regctl for it, mailed. Has no effect if the
  /// table has no such column, or the column may not be empty.
  func voidApplicationReset(of id: AccountID) throws(RegctlError) {
    guard try hasApplicationResets() else { return }
    try run(
      """
      UPDATE {table} SET password_reset_token = NULL
      WHERE {id} = $1 AND password_reset_token IS NOT NULL
      """, .integer(id.rawValue))
  }
}
