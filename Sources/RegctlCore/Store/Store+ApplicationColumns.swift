internal import SQL

/// The application's own columns and tables, whose names are known only at run time: the only place
/// where SQL is assembled.
extension Store {
  /// The table as the engine's catalog takes its name.
  private var catalogName: Value {
    switch location {
    case .file: .text(mapping.table)
    case .server: .text(Names.quoted(mapping.table))
    }
  }

  /// The names of the application's own columns as declared, without generated ones.
  func furtherColumns() throws(RegctlError) -> [String] {
    try rows(
      Statement(
        sqlite: "SELECT name FROM pragma_table_info($1, 'main')",
        postgreSQL: """
          SELECT attname FROM pg_catalog.pg_attribute
          WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped
            AND attgenerated = ''
          ORDER BY attnum
          """), catalogName
    ) { $0.text(0) }
    .filter { !mapping.hasColumn($0) }
  }

  /// The columns that export and import read and write: all but the token of a reset link, which is a
  /// secret of an hour.
  package func applicationColumns() throws(RegctlError) -> ApplicationColumns {
    let isOnServer = if case .server = location { true } else { false }
    let columns = try rows(
      Statement(
        sqlite: """
          SELECT name, type, "notnull", dflt_value IS NOT NULL FROM pragma_table_info($1, 'main')
          WHERE lower(name) <> 'password_reset_token'
          """,
        postgreSQL: """
          SELECT a.attname, coalesce(b.typname, t.typname), a.attnotnull,
            a.atthasdef OR a.attidentity <> ''
          FROM pg_catalog.pg_attribute a
          JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
          WHERE a.attrelid = CAST($1 AS regclass) AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attgenerated = '' AND a.attname <> 'password_reset_token'
          ORDER BY a.attnum
          """), catalogName
    ) { row in
      let type = row.text(1)
      return ApplicationColumn(
        name: row.text(0),
        conversion: isOnServer ? Self.conversion(ofTyped: type) : Self.conversion(of: type),
        isNullable: !row.boolean(2), hasDefault: row.boolean(3),
        form: isOnServer ? Self.form(of: type) : .value)
    }
    return ApplicationColumns(
      columns.filter { !mapping.hasColumn($0.name) }, fieldCount: mapping.written.count)
  }

  /// What a file's values become in a column of a type of PostgreSQL, where they are of that type or
  /// are refused: digits of a number stay text where it has more of them than a floating-point number.
  private static func conversion(ofTyped type: String) -> ApplicationColumn.Conversion {
    switch type {
    case "bool", "int2", "int4", "int8", "float4", "float8": .number
    case "bytea": .none
    default: .text
    }
  }

  /// How values of a type of PostgreSQL are exchanged: as they are where the seam reads the type.
  private static func form(of type: String) -> ApplicationColumn.Form {
    switch type {
    case "bool", "int2", "int4", "int8", "float4", "float8", "bytea", "text", "varchar", "bpchar",
      "timestamp", "date":
      .value
    case "timestamptz": .zonedTime
    case "json", "jsonb": .document
    default: .text
    }
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

  /// Copies accounts that may be pruned to the archive of a run, and returns how many.
  func archive(_ numbers: Value, in run: Int64) throws(RegctlError) -> Int {
    switch location {
    case .file:
      let archived = try archiveColumns(of: numbers, run: run)
      try archiveFurtherColumns(of: numbers, run: run)
      return archived
    case .server:
      return try archiveRows(
        of: numbers, run: run, where: "{confirmed} = FALSE AND {admin} = FALSE")
    }
  }

  private func archiveColumns(of numbers: Value, run: Int64) throws(RegctlError) -> Int {
    try self.run(
      Statement(
        sqlite: """
          INSERT INTO regctl_archive (run, account_id, email, password, registered_on, admin,
            confirmed, confirmed_on, registered_at, not_before)
          SELECT $1, u.id, u.email, u.password, u.registered_on, u.admin, u.confirmed,
            u.confirmed_on, a.registered_at, a.not_before
          FROM users u LEFT JOIN regctl_accounts a ON a.account_id = u.id
          WHERE u.id IN (SELECT value FROM json_each($2))
            AND u.confirmed = FALSE AND u.admin = FALSE
          """), .integer(run), numbers)
  }

  /// Copies these columns of the accounts among these that the archive of a file has under a run.
  func archiveFurtherColumns(of numbers: Value, run: Int64) throws(RegctlError) {
    for column in try furtherColumns() {
      var sql = SQLText("INSERT INTO regctl_archive_further SELECT $1, {id}, ")
      sql.append(literal: column)
      sql.append(", ")
      sql.append(name: column)
      sql.append(
        """
         FROM {table}
        WHERE {id} IN (SELECT value FROM json_each($2)) AND EXISTS (
          SELECT 1 FROM regctl_archive WHERE run = $1 AND account_id = {id})
        """)
      try forEach(sql, [.integer(run), numbers]) { _ in }
    }
  }

  /// Copies the accounts among these for which a condition holds to the archive of a server, and
  /// returns how many.
  func archiveRows(
    of numbers: Value, run: Int64, where condition: Statement
  ) throws(RegctlError) -> Int {
    var sql = SQLText(
      """
      INSERT INTO regctl_archive (run, account_id, email, account, registered_at, not_before)
      SELECT $1, t.{id}, t.{email}, to_jsonb(t)
      """)
    let columns = try columnsArchivedAsText()
    if !columns.isEmpty {
      sql.append(" || jsonb_object(ARRAY[")
      for (index, column) in columns.enumerated() {
        if index > 0 { sql.append(", ") }
        sql.append(literal: column.name)
      }
      sql.append("], ARRAY[")
      for (index, column) in columns.enumerated() {
        sql.append(index > 0 ? ", CAST(t." : "CAST(t.")
        sql.append(name: column.name)
        sql.append(" AS TEXT)")
      }
      sql.append("])")
    }
    sql.append(
      """
      , a.registered_at, a.not_before
      FROM {table} t LEFT JOIN regctl_accounts a ON a.account_id = t.{id}
      WHERE t.{id} = ANY ($2)
      """)
    sql.append(" AND ")
    sql.append(condition)
    return try forEach(sql, [.integer(run), numbers]) { _ in }
  }

  /// The columns on a server whose values the archive has as text, because a row in JSON does not
  /// keep them as they are: it has no -0, and of a document neither the order of its keys nor whether
  /// it is `null` or missing.
  func columnsArchivedAsText() throws(RegctlError) -> [(name: String, isDocument: Bool)] {
    let columns = try rows(
      Statement(
        postgreSQL: """
          SELECT a.attname, coalesce(b.typname, t.typname)
          FROM pg_catalog.pg_attribute a
          JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
          WHERE a.attrelid = CAST($1 AS regclass) AND a.attnum > 0 AND NOT a.attisdropped
          ORDER BY a.attnum
          """), catalogName
    ) { (name: $0.text(0), type: CopiedType(catalogName: $0.text(1), modifier: -1)) }
    var found: [(name: String, isDocument: Bool)] = []
    for (name, type) in columns {
      let isDocument = type.form == .document
      if isDocument || type == .real { found.append((name, isDocument)) }
    }
    return found
  }

  /// Removes what the archive has of these columns apart from the account itself.
  func removeArchivedColumns(of number: Value, in run: Value) throws(RegctlError) {
    if case .server = location { return }
    try self.run(
      Statement(sqlite: "DELETE FROM regctl_archive_further WHERE run = $1 AND account_id = $2"),
      run, number)
  }

  /// Inserts an archived account with the archived values of these columns and returns its ID.
  func insertArchived(
    _ id: AccountID, of run: Int64, keepingNumber: Bool
  ) throws(RegctlError) -> Int64 {
    switch location {
    case .file: try insertArchivedColumns(id, of: run, keepingNumber: keepingNumber)
    case .server: try insertArchivedRow(id, of: run, keepingNumber: keepingNumber)
    }
  }

  private func insertArchivedColumns(
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

  /// Inserts an account from an archived row: with the columns that the table still has, and with
  /// their types.
  private func insertArchivedRow(
    _ id: AccountID, of run: Int64, keepingNumber: Bool
  ) throws(RegctlError) -> Int64 {
    let columns = try rows(
      Statement(
        postgreSQL: """
          SELECT a.attname FROM regctl_archive r CROSS JOIN pg_catalog.pg_attribute a
          WHERE r.run = $1 AND r.account_id = $2 AND a.attrelid = CAST($3 AS regclass)
            AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            AND r.account -> CAST(a.attname AS TEXT) IS NOT NULL
          ORDER BY a.attnum
          """), .integer(run), .integer(id.rawValue), catalogName
    ) { $0.text(0) }
    .filter { keepingNumber || $0 != mapping.name(of: .id) }
    guard !columns.isEmpty else { throw ignoredChange(of: "regctl_archive") }
    let documents = Set(try columnsArchivedAsText().filter(\.isDocument).map(\.name))
    var sql = SQLText("INSERT INTO {table} (")
    sql.append(names: columns, of: nil)
    sql.append(") OVERRIDING SYSTEM VALUE SELECT ")
    for (index, column) in columns.enumerated() {
      if index > 0 { sql.append(", ") }
      if documents.contains(column) {
        sql.append(archivedDocument: column)
      } else {
        sql.append("p.")
        sql.append(name: column)
      }
    }
    sql.append(
      """
       FROM regctl_archive r
      CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS {table}), r.account) p
      WHERE r.run = $1 AND r.account_id = $2 RETURNING {id}
      """)
    var number: Int64?
    try forEach(sql, [.integer(run), .integer(id.rawValue)]) { number = $0.integer(0) }
    guard let number else { throw ignoredChange(of: mapping.table) }
    return number
  }

  /// Inserts a row with values for the application's own columns, and returns its ID.
  func insert(
    _ row: UsersRow, further: [(column: String, value: Value)] = []
  ) throws(RegctlError) -> Int64 {
    if row.admin == .boolean(true) { try require(.admin) }
    let values = row.values(in: mapping)
    if further.isEmpty, row.id == .null {
      return try insert(
        into: mapping.table,
        """
        INSERT INTO {table} ({unnumbered_columns}) VALUES ({unnumbered_parameters}) RETURNING {id}
        """, Array(values.dropFirst()))
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
          SELECT 'main', t.name, f."from", coalesce(f."to", 'id') FROM sqlite_schema t
          CROSS JOIN pragma_foreign_key_list(t.name) f
          WHERE t.type = 'table' AND lower(f."table") = lower($1)
          """,
        postgreSQL: """
          SELECT n.nspname, c.relname, a.attname, b.attname
          FROM pg_catalog.pg_constraint k
          JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS w (source, target)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = w.source
          JOIN pg_catalog.pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = w.target
          WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = CAST($1 AS regclass)
          """), catalogName
    ) { (schema: $0.text(0), table: $0.text(1), column: $0.text(2), target: $0.text(3)) }
    let numbers = Value.integers(accounts.map(\.rawValue))
    var found: [AccountID] = []
    for reference in references {
      var sql = SQLText("SELECT u.id FROM users u WHERE u.id ")
      sql.append(
        Statement(sqlite: "IN (SELECT value FROM json_each($1))", postgreSQL: "= ANY ($1)"))
      sql.append(" AND EXISTS (SELECT 1 FROM ")
      sql.append(name: reference.schema)
      sql.append(".")
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
    sql.append(
      Statement(
        sqlite: ") VALUES ({parameters}",
        postgreSQL: ") OVERRIDING SYSTEM VALUE VALUES ({parameters}"))
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
    var sql = SQLText("SELECT ")
    sql.append(
      Statement(
        sqlite: """
          u.id, u.email,
          CASE WHEN u.password IN (SELECT hash FROM regctl_no_password) THEN '!'
            ELSE u.password END,
          nullif(u.registered_on, ''), u.admin, u.confirmed, u.confirmed_on
          """,
        postgreSQL: """
          {id}, {email},
          CASE WHEN {password} IN (SELECT hash FROM regctl_no_password) THEN '!'
            ELSE {password} END,
          nullif({registered_on}, '-infinity'), {admin}, {confirmed}, {confirmed_on}
          """))
    for column in columns {
      sql.append(", ")
      sql.append(valueOf: column)
    }
    sql.append(
      Statement(
        sqlite: """
           FROM users u CROSS JOIN {table} t
          WHERE t.{id} = u.id AND u.id > $1 ORDER BY u.id LIMIT $2
          """,
        postgreSQL: " FROM {table} t WHERE {id} > $1 ORDER BY {id} LIMIT $2"))
    return sql
  }
}

extension SQLText {
  /// Appends a document of the archive `r` on a server, with the text that it has there.
  mutating func append(archivedDocument column: String) {
    append("CAST(r.account ->> ")
    append(literal: column)
    append(" AS JSON)")
  }

  /// Appends quoted identifiers, separated by commas and each behind a qualifier.
  mutating func append(names: [String], of qualifier: Statement?) {
    for (index, name) in names.enumerated() {
      if index > 0 { append(", ") }
      if let qualifier { append(qualifier) }
      append(name: name)
    }
  }

  /// Appends a column of the table `t` in the form in which its values are exchanged.
  fileprivate mutating func append(valueOf column: ApplicationColumn) {
    switch column.form {
    case .value:
      append("t.")
      append(name: column.name)
    case .text, .document:
      append("CAST(t.")
      append(name: column.name)
      append(" AS TEXT)")
    case .zonedTime:
      // The text of a cast depends on the setting DateStyle; JSON's does not.
      append(Statement(postgreSQL: "(to_jsonb(t."))
      append(name: column.name)
      append(Statement(postgreSQL: ") #>> CAST(ARRAY[] AS TEXT[]))"))
    }
  }
}
