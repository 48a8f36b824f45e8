internal import Base
internal import SQL

/// The tables that are copied to another database, as the catalogs describe them.
extension Store {
  /// The table of accounts.
  func accountsTable() throws(RegctlError) -> CopiedTable {
    var columns = try columns(of: mapping.table, isAccounts: true)
    let number = mapping.name(of: .id)
    for position in columns.indices where columns[position].name == number {
      columns[position].isNumber = true
    }
    guard let key = columns.firstIndex(where: \.isNumber) else {
      throw .store(
        .schemaMissing(path: location.text, table: mapping.table, hasUsers: false))
    }
    return CopiedTable(
      name: mapping.table, isAccounts: true, columns: columns, key: [key],
      unique: try uniqueColumns())
  }

  /// A table of regctl's.
  func copiedTable(_ object: SchemaObject) throws(RegctlError) -> CopiedTable {
    let columns = try columns(of: object.name, isAccounts: false)
    let key = try keyColumns(of: object.name)
    // The order in which its rows are read. Another program put a view in its place, for example.
    if key.isEmpty { throw .store(.schemaChanged(detail: "\(object.name) has no primary key")) }
    return CopiedTable(
      name: object.name, isAccounts: false, columns: columns,
      key: key.compactMap { name in columns.firstIndex { $0.name == name } })
  }

  /// The columns that can be written, in order.
  private func columns(
    of table: String, isAccounts: Bool
  ) throws(RegctlError) -> [CopiedTable.Column] {
    switch location {
    case .file:
      try rows(
        Statement(
          sqlite: "SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info($1, 'main')"),
        .text(table)
      ) { row in
        CopiedTable.Column(
          name: isAccounts ? mapping.spelling(of: row.text(0)) : row.text(0),
          type: CopiedType(declared: row.text(1)), isNullable: !row.boolean(2),
          initial: CopiedTable.Initial(row.optionalText(3)))
      }
    case .server:
      try rows(
        Statement(
          postgreSQL: """
            SELECT a.attname, coalesce(b.typname, t.typname),
              CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END, a.attnotnull,
              CASE WHEN a.attidentity = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = CAST($1 AS regclass) AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attgenerated = ''
            ORDER BY a.attnum
            """), catalogName(of: table, isAccounts: isAccounts)
      ) { row in
        CopiedTable.Column(
          name: row.text(0),
          type: CopiedType(catalogName: row.text(1), modifier: Int(row.integer(2))),
          isNullable: !row.boolean(3), initial: CopiedTable.Initial(row.optionalText(4)))
      }
    }
  }

  private func catalogName(of table: String, isAccounts: Bool) -> Value {
    .text((isAccounts ? "" : "regctl.") + Names.quoted(table))
  }

  /// The columns of the primary key of a table of regctl's, in order.
  private func keyColumns(of table: String) throws(RegctlError) -> [String] {
    try rows(
      Statement(
        sqlite: "SELECT name FROM pragma_table_info($1, 'main') WHERE pk > 0 ORDER BY pk",
        postgreSQL: """
          SELECT a.attname FROM pg_catalog.pg_index i
          CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, position)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
          WHERE i.indrelid = pg_catalog.to_regclass('regctl.' || pg_catalog.quote_ident($1))
            AND i.indisprimary
          ORDER BY k.position
          """), .text(table)
    ) { $0.text(0) }
  }

  /// The columns of the table of accounts that are unique together for all rows, but for the number.
  private func uniqueColumns() throws(RegctlError) -> [[String]] {
    let found = try rows(
      Statement(
        sqlite: """
          SELECT l.name, x.name FROM pragma_index_list($1, 'main') l
          JOIN pragma_index_xinfo(l.name, 'main') x
          WHERE l."unique" = 1 AND l.partial = 0 AND l.origin <> 'pk' AND x.key = 1
            AND l.name NOT GLOB 'regctl_*' AND NOT EXISTS (
              SELECT 1 FROM pragma_index_xinfo(l.name, 'main') e WHERE e.key = 1 AND e.cid < 0)
          ORDER BY l.seq DESC, x.seqno
          """,
        postgreSQL: """
          SELECT c.relname, a.attname FROM pg_catalog.pg_index i
          JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
          CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, position)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
          WHERE i.indrelid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
            AND i.indisunique AND i.indisvalid AND NOT i.indisprimary AND i.indpred IS NULL
            AND i.indexprs IS NULL AND k.position <= i.indnkeyatts
            AND NOT pg_catalog.starts_with(c.relname, 'regctl_')
          ORDER BY c.oid, k.position
          """), .text(mapping.table)
    ) { (index: $0.text(0), column: $0.text(1)) }
    var unique: [(index: String, columns: [String])] = []
    for (index, column) in found {
      if unique.last?.index != index { unique.append((index, [])) }
      unique[unique.count - 1].columns.append(mapping.spelling(of: column))
    }
    return unique.map(\.columns)
  }

  /// Tables of the application's that regctl does not know, by name.
  func furtherTables() throws(RegctlError) -> [String] {
    try tableNames().filter { $0.lowercased() != mapping.table.lowercased() }.sorted()
  }

  /// Creates the application's table as it is in another database.
  func create(_ table: CopiedTable) throws(RegctlError) {
    var sql = SQLText("CREATE TABLE {table} (")
    for (index, column) in table.columns.enumerated() {
      if index > 0 { sql.append(", ") }
      sql.append(name: column.name)
      sql.append(" ")
      if column.isNumber {
        switch column.type {
        case .bigInteger:
          sql.append(
            Statement(sqlite: "INTEGER PRIMARY KEY", postgreSQL: "BIGSERIAL PRIMARY KEY"))
        default:
          sql.append(Statement(sqlite: "INTEGER PRIMARY KEY", postgreSQL: "SERIAL PRIMARY KEY"))
        }
        continue
      }
      sql.append(type: column.type)
      if !column.isNullable { sql.append(" NOT NULL") }
      sql.append(default: column.initial, of: column.type)
    }
    for columns in table.unique {
      sql.append(", UNIQUE (")
      sql.append(names: columns, of: nil)
      sql.append(")")
    }
    sql.append(")")
    try forEach(sql, []) { _ in }
  }
}

extension SQLText {
  /// Appends the default of a column.
  fileprivate mutating func append(default initial: CopiedTable.Initial, of type: CopiedType) {
    switch (initial, type) {
    case (.none, _), (.other, _): break
    case (.now, _): append(" DEFAULT CURRENT_TIMESTAMP")
    case (.constant("1"), .boolean), (.constant("true"), .boolean): append(" DEFAULT TRUE")
    case (.constant("0"), .boolean), (.constant("false"), .boolean): append(" DEFAULT FALSE")
    case (.constant(let text), _):
      // A column makes of the text what its type is.
      append(" DEFAULT ")
      append(literal: text)
    }
  }
}

extension CopiedTable.Initial {
  /// Reads the expression of a default: a constant, the time of the insertion, or another.
  init(_ expression: String?) {
    guard let expression else {
      self = .none
      return
    }
    let text = Self.withoutCast(Array(expression.utf8)[...])
    let word = String(decoding: text, as: UTF8.self)
    let quote = UInt8(ascii: "'")
    switch word.lowercased() {
    case "null": self = .none
    case "true", "false": self = .constant(word.lowercased())
    case "current_timestamp", "now()": self = .now
    default:
      let content = text.dropFirst().dropLast()
      if text.count > 1, text.first == quote, text.last == quote, !content.contains(quote) {
        self = .constant(String(decoding: content, as: UTF8.self))
      } else {
        self = Double(word) == nil ? .other : .constant(word)
      }
    }
  }

  /// The expression without the type that PostgreSQL adds to a constant: `'x'::character varying`.
  private static func withoutCast(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let colon = UInt8(ascii: ":")
    guard let end = text.lastIndex(of: colon), end > text.startIndex, text[end - 1] == colon,
      // The type is words, so that what is in quotes is not taken for one.
      text[end...].dropFirst().allSatisfy({ $0.isLetterOrDigit || " (),_".utf8.contains($0) })
    else { return text }
    return text[..<(end - 1)]
  }
}

extension UsersMapping {
  /// The name of a column as the settings spell it, where an engine ignores the case of names.
  func spelling(of name: String) -> String {
    Column.allCases.compactMap { self.name(of: $0) }
      .first { $0.lowercased() == name.lowercased() } ?? name
  }
}
