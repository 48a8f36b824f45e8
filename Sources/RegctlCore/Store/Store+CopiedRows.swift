internal import Base
internal import SQL

/// The rows of tables that are copied to another database.
extension Store {
  /// The next rows of a table in the order of its key, in the form that both databases keep; throws
  /// for a row that cannot be copied.
  func page(
    of table: CopiedTable, after key: [Value]?, limit: Int
  ) throws(RegctlError) -> [[Value]] {
    let count = Int32(table.columns.count)
    var rows: [[Value]] = []
    try forEach(table.selection(continues: key != nil), (key ?? []) + [.integer(Int64(limit))]) {
      row in
      var values: [Value] = []
      values.reserveCapacity(Int(count))
      for column in 0..<count { values.append(row.value(column)) }
      rows.append(values)
    }
    return try rows.map { row throws(RegctlError) in try canonical(row, of: table) }
  }

  /// How many rows some tables and the archive have.
  func rowCount(of tables: [CopiedTable]) throws(RegctlError) -> Int {
    var count = try first("SELECT count(*) FROM regctl_archive") { $0.count(0) } ?? 0
    for table in tables {
      var sql = SQLText("SELECT count(*) FROM ")
      sql.append(table)
      try forEach(sql, []) { count += $0.count(0) }
    }
    return count
  }

  private func canonical(
    _ row: [Value], of table: CopiedTable
  ) throws(RegctlError) -> [Value] {
    var canonical = row
    for (position, column) in table.columns.enumerated() {
      if table.hasMissingDates, column.type == .timestamp {
        if row[position] == .text("-infinity") { canonical[position] = .text("") }
        if canonical[position] == .text("") { continue }
      }
      do throws(CopyRefusal.Reason) {
        canonical[position] = try column.type.canonical(row[position])
      } catch {
        throw .store(
          .notCopied(
            CopyRefusal(
              table: table.name, row: table.words(for: row), column: column.name, reason: error)))
      }
    }
    return canonical
  }

  /// Inserts rows of another database.
  func insert(
    _ rows: [[Value]], into table: CopiedTable, by insertion: AssembledStatement
  ) throws(RegctlError) {
    switch location {
    case .file:
      for row in rows {
        do throws(RegctlError) {
          guard try forEach(insertion, row) == 1 else { throw ignoredChange(of: table.name) }
        } catch {
          throw error.rejecting(table.words(for: row), of: table.name)
        }
      }
    case .server:
      try insertBatch(rows[...], into: table.name, words: table.words(for:)) {
        rows throws(RegctlError) in
        try forEach(insertion, [.text(table.document(of: rows))])
      }
    }
  }

  /// Inserts rows by one statement on a server. If the table rejects some, the halves are tried until
  /// the first of these is alone, which is thrown.
  func insertBatch<Element>(
    _ rows: ArraySlice<Element>, into table: String, words: (Element) -> String,
    by insert: (ArraySlice<Element>) throws(RegctlError) -> Int
  ) throws(RegctlError) {
    if rows.isEmpty { return }
    do throws(RegctlError) {
      let count = try undoingIfItFails { () throws(RegctlError) in try insert(rows) }
      guard count == rows.count else { throw ignoredChange(of: table) }
    } catch {
      guard let first = rows.first, error.isOfARow else { throw error }
      if rows.count == 1 { throw error.rejecting(words(first), of: table) }
      let middle = rows.startIndex + rows.count / 2
      try insertBatch(rows[..<middle], into: table, words: words, by: insert)
      try insertBatch(rows[middle...], into: table, words: words, by: insert)
    }
  }

  /// The greatest number that an account has or had.
  ///
  /// On a server the sequence knows it, if the user may read that.
  func greatestGivenNumber() throws(RegctlError) -> Int64 {
    let greatest = try greatestNumber()
    guard case .server = location else { return greatest }
    let given = try first(
      Statement(
        postgreSQL: """
          SELECT CASE WHEN pg_catalog.has_sequence_privilege(s.sequence, 'USAGE, SELECT')
            THEN pg_catalog.pg_sequence_last_value(s.sequence) END
          FROM (
            SELECT CAST(pg_catalog.pg_get_serial_sequence($1, $2) AS regclass) AS sequence
          ) s
          """), .text(Names.quoted(mapping.table)), Value(mapping.name(of: .id))
    ) { $0.optionalInteger(0) }
    return max(greatest, (given ?? nil) ?? 0)
  }

  /// Makes the numbers of a table of regctl's on a server continue after the greatest one.
  func continueNumbers(of table: CopiedTable) throws(RegctlError) {
    guard case .server = location, table.key.count == 1, let position = table.key.first,
      table.columns[position].type == .bigInteger
    else { return }
    let column = table.columns[position]
    var sql = SQLText("SELECT ")
    sql.append(
      Statement(postgreSQL: "pg_catalog.setval(s.sequence, s.greatest) FROM (SELECT max("))
    sql.append(name: column.name)
    sql.append(
      Statement(
        postgreSQL: """
          ) AS greatest, CAST(pg_catalog.pg_get_serial_sequence($1, $2) AS regclass) AS sequence FROM
          """))
    sql.append(" ")
    sql.append(table)
    sql.append(
      Statement(postgreSQL: ") s WHERE s.greatest > 0 AND s.sequence IS NOT NULL"))
    try forEach(sql, [.text("regctl.\(Names.quoted(table.name))"), .text(column.name)]) { _ in }
  }
}

extension RegctlError {
  /// Whether an insertion failed because of a value of a row.
  var isOfARow: Bool {
    switch self {
    case .store(.constraint), .store(.schemaChanged), .store(.ignored): true
    default: false
    }
  }

  /// The error for the row that was alone in a failed insertion.
  func rejecting(_ row: String, of table: String) -> RegctlError {
    switch self {
    case .store(.constraint(let detail)), .store(.schemaChanged(let detail)):
      .store(
        .notCopied(CopyRefusal(table: table, row: row, reason: .rejected(detail: detail))))
    default: self
    }
  }
}

extension CopiedTable {
  /// The statement that reads rows in the order of the key: `$1` and so on are the key of the last
  /// row before them if it continues, and the last parameter is the greatest number of rows.
  func selection(continues: Bool) -> SQLText {
    var sql = SQLText("SELECT ")
    for (index, column) in columns.enumerated() {
      if index > 0 { sql.append(", ") }
      sql.append(valueOf: column)
    }
    sql.append(" FROM ")
    sql.append(self)
    sql.append(" t WHERE TRUE")
    if leavesOutReserved {
      sql.append(
        Statement(
          sqlite: """
             AND NOT ({email} = 'deleted-' || {id} || '@invalid' AND {confirmed} = FALSE
              AND {admin} = FALSE)
            """))
    }
    if continues {
      sql.append(" AND (")
      sql.append(key: self)
      sql.append(") > (")
      for index in key.indices {
        if index > 0 { sql.append(", ") }
        sql.append(parameter: index + 1)
      }
      sql.append(")")
    }
    sql.append(" ORDER BY ")
    sql.append(key: self)
    sql.append(" LIMIT ")
    sql.append(parameter: continues ? key.count + 1 : 1)
    return sql
  }

  /// The statement that inserts a row, each of whose values is a parameter.
  var insertionOfRow: SQLText {
    var sql = insertionHead
    sql.append(") VALUES (")
    for index in columns.indices {
      if index > 0 { sql.append(", ") }
      sql.append(parameter: index + 1)
    }
    sql.append(")")
    return sql
  }

  /// The statement that inserts the rows of a JSON array into a table on a server, each value read by
  /// its column's type.
  var insertionOfArray: SQLText {
    var sql = insertionHead
    sql.append(Statement(postgreSQL: ") OVERRIDING SYSTEM VALUE SELECT "))
    for (index, column) in columns.enumerated() {
      if index > 0 { sql.append(", ") }
      if column.type.form == .document {
        // The record has the document as a JSON string.
        sql.append(Statement(postgreSQL: "CAST(r."))
        sql.append(name: column.name)
        sql.append(Statement(postgreSQL: " #>> CAST(ARRAY[] AS TEXT[]) AS JSON)"))
      } else {
        sql.append("r.")
        sql.append(name: column.name)
      }
    }
    sql.append(Statement(postgreSQL: " FROM json_populate_recordset(CAST(NULL AS "))
    sql.append(self)
    sql.append(Statement(postgreSQL: "), $1) r"))
    return sql
  }

  private var insertionHead: SQLText {
    var sql = SQLText("INSERT INTO ")
    sql.append(self)
    sql.append(" (")
    sql.append(names: columns.map(\.name), of: nil)
    return sql
  }

  /// A JSON array of rows.
  func document(of rows: ArraySlice<[Value]>) -> String {
    var json = JSONWriter(.minimal)
    json.bytes.reserveCapacity(256 * rows.count)
    json.beginArray()
    for row in rows {
      json.beginObject()
      for (column, value) in zip(columns, row) {
        json.name(column.name)
        // A table on a server has a date in place of a missing one.
        let isMissing = hasMissingDates && column.type == .timestamp && value == .text("")
        json.value(ColumnValue(isMissing ? .text("-infinity") : value))
      }
      json.endObject()
    }
    json.endArray()
    return json.text
  }
}

extension SQLText {
  /// Appends a column of the table `t` in the form in which its values are copied.
  mutating func append(valueOf column: CopiedTable.Column) {
    switch column.type.form {
    case .value:
      append("t.")
      append(name: column.name)
    case .text, .document:
      append(Statement(sqlite: "t.", postgreSQL: "CAST(t."))
      append(name: column.name)
      append(Statement(sqlite: "", postgreSQL: " AS TEXT)"))
    case .zonedTime:
      // The text of a cast depends on the setting DateStyle; JSON's does not.
      append(Statement(sqlite: "t.", postgreSQL: "(to_jsonb(t."))
      append(name: column.name)
      append(Statement(sqlite: "", postgreSQL: ") #>> CAST(ARRAY[] AS TEXT[]))"))
    }
  }

  /// Appends the columns of a key; texts in the order of their bytes in both engines.
  fileprivate mutating func append(key table: CopiedTable) {
    for (index, position) in table.key.enumerated() {
      if index > 0 { append(", ") }
      append("t.")
      append(name: table.columns[position].name)
      if table.columns[position].type == .text {
        append(Statement(sqlite: "", postgreSQL: " COLLATE \"C\""))
      }
    }
  }
}
