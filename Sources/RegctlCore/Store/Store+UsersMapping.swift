internal import SQL

/// Applications that name their table and its columns otherwise than the original.
extension Store {
  /// Throws if the table does not have a column.
  func require(_ column: UsersMapping.Column) throws(RegctlError) {
    if mapping.name(of: column) == nil {
      throw .store(.columnMissing(column, table: mapping.table))
    }
  }

  /// Throws the mapping that seems to be right, if none is configured and one table looks like one
  /// of accounts.
  func proposeMapping() throws(RegctlError) {
    guard mapping.isOriginal, let proposed = UsersMappingProposal.mapping(for: try tables()),
      !proposed.isOriginal
    else { return }
    throw .store(
      .mappingProposed(path: location.text, proposed.withLanguage(of: mapping)))
  }

  /// The names of the application's tables.
  func tableNames() throws(RegctlError) -> [String] {
    try rows(
      Statement(
        sqlite: """
          SELECT name FROM sqlite_schema
          WHERE type = 'table' AND name NOT GLOB 'regctl_*' AND name NOT GLOB 'sqlite_*'
          """,
        postgreSQL: """
          SELECT c.relname FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind = 'r' AND pg_catalog.pg_table_is_visible(c.oid)
            AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'regctl')
          """)
    ) { $0.text(0) }
  }

  /// The application's tables.
  private func tables() throws(RegctlError) -> [UsersMappingProposal.Table] {
    let names = try tableNames()
    var tables: [UsersMappingProposal.Table] = []
    for name in names {
      let columns = try rows(
        Statement(
          sqlite: "SELECT name, pk FROM pragma_table_info($1, 'main')",
          postgreSQL: """
            SELECT a.attname, CASE WHEN a.attnum = ANY (i.indkey) THEN 1 ELSE 0 END
            FROM pg_catalog.pg_attribute a
            LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
            WHERE a.attrelid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
              AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """), .text(name)
      ) { (name: $0.text(0), isKey: $0.integer(1) != 0) }
      let keys = columns.filter(\.isKey)
      tables.append(
        UsersMappingProposal.Table(
          name: name, columns: columns.map(\.name), key: keys.count == 1 ? keys[0].name : nil))
    }
    return tables
  }
}
