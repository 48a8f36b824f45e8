internal import SQL

/// The application's own columns and tables, whose names are known only at run time: the only place
/// where SQL is assembled.
extension Store {
  /// The names of the application's own columns as declared, without generated ones.
  func furtherColumns() throws(RegctlError) -> [String] {
    try rows(Statement(sqlite: "SELECT name FROM pragma_table_info('users', 'main')")) {
      $0.text(0)
    }
    .filter { !Schema.userColumns.contains($0.lowercased()) }
  }

  /// Copies these columns of accounts that may be pruned to the archive of a run.
  func archiveFurtherColumns(of numbers: Value, run: Int64) throws(RegctlError) {
    for column in try furtherColumns() {
      var sql = SQLText("INSERT INTO regctl_archive_further SELECT $1, id, ")
      sql.append(literal: column)
      sql.append(", ")
      sql.append(name: column)
      sql.append(
        """
         FROM users
        WHERE id IN (SELECT value FROM json_each($2)) AND confirmed = FALSE AND admin = FALSE
        """)
      try forEach(sql, [.integer(run), numbers]) { _ in }
    }
  }

  /// Inserts an archived account with the archived values of these columns and returns its ID.
  func insertArchived(
    _ id: AccountID, of run: Int64, keepingNumber: Bool
  ) throws(RegctlError) -> Int64 {
    let columns = try archivedColumns(of: id, in: run)
    var sql = SQLText(
      """
      INSERT INTO main.users (id, email, password, registered_on, admin, confirmed, confirmed_on
      """)
    for column in columns {
      sql.append(", ")
      sql.append(name: column)
    }
    sql.append(
      """
      ) SELECT CASE WHEN $1 THEN account_id END, email, password, registered_on, admin, confirmed,
        confirmed_on
      """)
    for column in columns {
      sql.append(
        """
        , (SELECT value FROM regctl_archive_further WHERE run = $2 AND account_id = $3 AND name =
        """)
      sql.append(" ")
      sql.append(literal: column)
      sql.append(")")
    }
    sql.append(" FROM regctl_archive WHERE run = $2 AND account_id = $3 RETURNING id")
    var restored: Int64?
    try forEach(sql, [.boolean(keepingNumber), .integer(run), .integer(id.rawValue)]) {
      restored = $0.integer(0)
    }
    guard let restored else { throw ignoredChange(of: "users") }
    return restored
  }

  /// The application's own columns that are both in the archive and still in the table.
  private func archivedColumns(
    of id: AccountID, in run: Int64
  ) throws(RegctlError) -> [String] {
    let present = try furtherColumns()
    return try rows(
      "SELECT name FROM regctl_archive_further WHERE run = $1 AND account_id = $2",
      .integer(run), .integer(id.rawValue)
    ) { $0.text(0) }.filter(present.contains)
  }

  /// Values for the application's own columns of a reserved row that may not be empty: what the
  /// account has where a foreign key needs it, otherwise a value of the column's type that is not
  /// personal and that no other row has.
  func requiredValues(of number: Int64) throws(RegctlError) -> [(column: String, value: Value)] {
    let columns = try rows(
      Statement(
        sqlite: """
          SELECT name, type, EXISTS (
            SELECT 1 FROM pragma_foreign_key_list('users', 'main') WHERE lower("from") = lower(name))
          FROM pragma_table_info('users', 'main') WHERE "notnull" = 1 AND dflt_value IS NULL
          """)
    ) { (name: $0.text(0), type: $0.text(1), isReference: $0.boolean(2)) }
    .filter { !Schema.userColumns.contains($0.name.lowercased()) }
    var values: [(column: String, value: Value)] = []
    for column in columns {
      let value =
        try column.isReference
        ? self.value(of: column.name, in: number) : Self.filler(type: column.type, number)
      values.append((column: column.name, value: value))
    }
    return values
  }

  private func value(of column: String, in number: Int64) throws(RegctlError) -> Value {
    var sql = SQLText("SELECT ")
    sql.append(name: column)
    sql.append(" FROM main.users WHERE id = $1")
    var value = Value.null
    try forEach(sql, [.integer(number)]) { value = $0.value(0) }
    return value
  }

  /// A value of a declared type as SQLAlchemy reads it.
  private static func filler(type: String, _ number: Int64) -> Value {
    let type = type.uppercased()
    if type == "DATE" { return .text("1970-01-01") }
    if type.utf8.starts(with: "DATETIME".utf8) || type.utf8.starts(with: "TIMESTAMP".utf8) {
      return .text("1970-01-01 00:00:00.000000")
    }
    if type.utf8.starts(with: "BOOL".utf8) { return .boolean(false) }
    switch UsersTable.Affinity(ofType: type) {
    case .integer, .real, .numeric: return .integer(number)
    case .text, .blob: return .text("deleted-\(number)")
    }
  }

  /// Inserts the row that reserves the number of a deleted account.
  func insertReserved(
    _ number: Int64, address: String, values: [(column: String, value: Value)], at now: Instant
  ) throws(RegctlError) {
    var sql = SQLText(
      "INSERT INTO main.users (id, email, password, registered_on, admin, confirmed")
    for (column, _) in values {
      sql.append(", ")
      sql.append(name: column)
    }
    sql.append(") VALUES ($1, $2, $3, $4, FALSE, FALSE")
    for index in values.indices {
      sql.append(", ")
      sql.append(parameter: 5 + index)
    }
    sql.append(")")
    let account: [Value] = [
      .integer(number), .text(address), .text(PasswordHash.unmatchable(passwordScheme).text),
      .text(now.databaseText),
    ]
    try forEach(sql, account + values.map(\.value)) { _ in }
  }

  /// The accounts among these that rows of the application's own tables reference.
  func referenced(_ accounts: [AccountID]) throws(RegctlError) -> [AccountID] {
    let references = try rows(
      Statement(
        sqlite: """
          SELECT t.name, f."from", coalesce(f."to", 'id') FROM sqlite_schema t
          CROSS JOIN pragma_foreign_key_list(t.name) f
          WHERE t.type = 'table' AND lower(f."table") = 'users'
          """)
    ) { (table: $0.text(0), column: $0.text(1), target: $0.text(2)) }
    let numbers = Value.integers(accounts.map(\.rawValue))
    var found: [AccountID] = []
    for reference in references {
      var sql = SQLText(
        """
        SELECT u.id FROM users u WHERE u.id IN (SELECT value FROM json_each($1))
          AND EXISTS (SELECT 1 FROM
        """)
      sql.append(" ")
      sql.append(name: reference.table)
      sql.append(" t WHERE t.")
      sql.append(name: reference.column)
      sql.append(" = u.")
      sql.append(name: reference.target)
      sql.append(")")
      try forEach(sql, [numbers]) { found.append($0.account(0)) }
    }
    return found
  }
}
