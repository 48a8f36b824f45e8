internal import SQL

/// The application's own columns and tables, whose names are known only at run time: the only place
/// where SQL is assembled.
extension Store {
  /// The names of the application's own columns as declared, without generated ones.
  func furtherColumns() throws(RegctlError) -> [String] {
    try rows(
      Statement(sqlite: "SELECT name FROM pragma_table_info($1, 'main')"), .text(mapping.table)
    ) { $0.text(0) }
    .filter { !mapping.hasColumn($0) }
  }

  /// The columns that export and import read and write: all but the token of a reset link, which is a
  /// secret of an hour.
  package func applicationColumns() throws(RegctlError) -> ApplicationColumns {
    let columns = try rows(
      Statement(
        sqlite: """
          SELECT name, type, "notnull", dflt_value IS NOT NULL FROM pragma_table_info($1, 'main')
          WHERE lower(name) <> 'password_reset_token'
          """), .text(mapping.table)
    ) { row in
      ApplicationColumn(
        name: row.text(0), conversion: Self.conversion(of: row.text(1)),
        isNullable: !row.boolean(2), hasDefault: row.boolean(3))
    }
    return ApplicationColumns(
      columns.filter { !mapping.hasColumn($0.name) }, fieldCount: mapping.written.count)
  }

  private static func conversion(of type: String) -> ApplicationColumn.Conversion {
    switch UsersTable.Affinity(ofType: type) {
    case .integer, .real, .numeric: .number
    case .text: .text
    case .blob: .none
    }
  }

  /// Adds columns that store values as these do to a scratch database, under names that are free.
  func addColumns(like columns: ApplicationColumns) throws(RegctlError) -> ApplicationColumns {
    var added: [ApplicationColumn] = []
    for (position, column) in columns.all.enumerated() {
      let copy = ApplicationColumn(
        name: "column \(position)", conversion: column.conversion, isNullable: column.isNullable,
        hasDefault: column.hasDefault)
      var sql = SQLText("ALTER TABLE {table} ADD COLUMN ")
      sql.append(name: copy.name)
      switch column.conversion {
      case .none: break
      case .number: sql.append(" NUMERIC")
      case .text: sql.append(" TEXT")
      }
      try forEach(sql, []) { _ in }
      added.append(copy)
    }
    return ApplicationColumns(added, fieldCount: mapping.written.count)
  }

  /// Copies these columns of accounts that may be pruned to the archive of a run.
  func archiveFurtherColumns(of numbers: Value, run: Int64) throws(RegctlError) {
    for column in try furtherColumns() {
      var sql = SQLText("INSERT INTO regctl_archive_further SELECT $1, {id}, ")
      sql.append(literal: column)
      sql.append(", ")
      sql.append(name: column)
      sql.append(
        """
         FROM {table}
        WHERE {id} IN (SELECT value FROM json_each($2)) AND {confirmed} = FALSE AND {admin} = FALSE
        """)
      try forEach(sql, [.integer(run), numbers]) { _ in }
    }
  }

  /// Inserts an archived account with the archived values of these columns and returns its ID.
  func insertArchived(
    _ id: AccountID, of run: Int64, keepingNumber: Bool
  ) throws(RegctlError) -> Int64 {
    let archived = try first(
      Statement(
        sqlite: """
          SELECT account_id, email, password, registered_on, admin, confirmed, confirmed_on
          FROM regctl_archive WHERE run = $1 AND account_id = $2
          """), .integer(run), .integer(id.rawValue)
    ) { row in
      UsersRow(
        id: keepingNumber ? row.value(0) : .null, email: row.value(1), password: row.value(2),
        registeredOn: row.value(3), admin: row.value(4), confirmed: row.value(5),
        confirmedOn: row.value(6))
    }
    guard let archived else { throw ignoredChange(of: "regctl_archive") }
    let present = try furtherColumns()
    let further = try rows(
      Statement(
        sqlite: "SELECT name, value FROM regctl_archive_further WHERE run = $1 AND account_id = $2"),
      .integer(run), .integer(id.rawValue)
    ) { (column: $0.text(0), value: $0.value(1)) }
    return try insert(archived, further: further.filter { present.contains($0.column) })
  }

  /// Inserts a row with values for the application's own columns, and returns its ID.
  func insert(
    _ row: UsersRow, further: [(column: String, value: Value)] = []
  ) throws(RegctlError) -> Int64 {
    if row.admin == .boolean(true) { try require(.admin) }
    let values = row.values(in: mapping)
    guard !further.isEmpty else {
      return try insert(
        into: mapping.table,
        "INSERT INTO {table} ({columns}) VALUES ({parameters}) RETURNING {id}", values)
    }
    var sql = ApplicationColumns.insertion(of: further.map(\.column), after: values.count)
    sql.append(" RETURNING {id}")
    var number: Int64?
    try forEach(sql, values + further.map(\.value)) { number = $0.integer(0) }
    guard let number else { throw ignoredChange(of: mapping.table) }
    return number
  }

  /// Values for the application's own columns of a reserved row that may not be empty: what the
  /// account has where a foreign key needs it, otherwise a value of the column's type that is not
  /// personal and that no other row has.
  func requiredValues(of number: Int64) throws(RegctlError) -> [(column: String, value: Value)] {
    let columns = try rows(
      Statement(
        sqlite: """
          SELECT name, type, EXISTS (
            SELECT 1 FROM pragma_foreign_key_list($1, 'main') WHERE lower("from") = lower(name))
          FROM pragma_table_info($1, 'main') WHERE "notnull" = 1 AND dflt_value IS NULL
          """), .text(mapping.table)
    ) { (name: $0.text(0), type: $0.text(1), isReference: $0.boolean(2)) }
    .filter { !mapping.hasColumn($0.name) }
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
    sql.append(" FROM {table} WHERE {id} = $1")
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
    _ = try insert(
      UsersRow(
        id: .integer(number), email: .text(address),
        password: .text(PasswordHash.unmatchable(passwordScheme).text),
        registeredOn: .text(now.databaseText), admin: .boolean(false), confirmed: .boolean(false),
        confirmedOn: .null),
      further: values)
  }

  /// The accounts among these that rows of the application's own tables reference.
  func referenced(_ accounts: [AccountID]) throws(RegctlError) -> [AccountID] {
    let references = try rows(
      Statement(
        sqlite: """
          SELECT t.name, f."from", coalesce(f."to", 'id') FROM sqlite_schema t
          CROSS JOIN pragma_foreign_key_list(t.name) f
          WHERE t.type = 'table' AND lower(f."table") = lower($1)
          """), .text(mapping.table)
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

extension ApplicationColumns {
  /// An insertion of an account with values for some columns after those of its fields.
  fileprivate static func insertion(of columns: [String], after fieldCount: Int) -> SQLText {
    var sql = SQLText("INSERT INTO {table} ({columns}")
    for column in columns {
      sql.append(", ")
      sql.append(name: column)
    }
    sql.append(") VALUES ({parameters}")
    for index in columns.indices {
      sql.append(", ")
      sql.append(parameter: fieldCount + 1 + index)
    }
    sql.append(")")
    return sql
  }

  func text(of purpose: Purpose, _ columns: [String]) -> SQLText {
    var sql = Self.insertion(of: columns, after: fieldCount)
    switch purpose {
    case .insertion: sql.append(" RETURNING {id}")
    case .insertionIfFree: sql.append(" ON CONFLICT DO NOTHING RETURNING {id}")
    case .insertionOfFreeNumber: sql.append(" ON CONFLICT DO NOTHING")
    case .comparison: return Self.comparison(of: columns)
    }
    return sql
  }

  private static func comparison(of columns: [String]) -> SQLText {
    var sql = SQLText("SELECT 1 FROM {table} WHERE {id} = $1")
    for (index, column) in columns.enumerated() {
      sql.append(" AND ")
      sql.append(name: column)
      sql.append(" IS NOT DISTINCT FROM ")
      sql.append(parameter: index + 2)
      // The column may have a collation by which different texts are equal.
      sql.append(" COLLATE BINARY")
    }
    return sql
  }

  /// Accounts with a number greater than `$1`, as `Store.storedAccounts` reads them, and all of the
  /// columns.
  static func selection(of columns: [ApplicationColumn]) -> SQLText {
    var sql = SQLText(
      """
      SELECT u.id, u.email,
        CASE WHEN u.password IN (SELECT hash FROM regctl_no_password) THEN '!' ELSE u.password END,
        nullif(u.registered_on, ''), u.admin, u.confirmed, u.confirmed_on
      """)
    for column in columns {
      sql.append(", t.")
      sql.append(name: column.name)
    }
    sql.append(
      """
       FROM users u CROSS JOIN {table} t
      WHERE t.{id} = u.id AND u.id > $1 ORDER BY u.id LIMIT $2
      """)
    return sql
  }
}
