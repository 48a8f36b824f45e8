package import SQL

/// Checks of the whole database.
extension PostgreSQLDatabase {
  /// The first fault in an index, or in the table that it is compared with, by the extension
  /// `amcheck`; `nil` also where that is not installed, or not for this user.
  ///
  /// See <https://www.postgresql.org/docs/15/amcheck.html>.
  package func firstFault() throws(DatabaseError) -> String? {
    var schema: String?
    try ask(Self.amcheck, []) { row in
      schema = row.text(0)
      return true
    }
    guard let schema else { return nil }
    var indexes: [Int64] = []
    try ask(Self.indexes, []) { row in
      indexes.append(row.integer(0))
      return true
    }
    for index in indexes {
      observer?()
      let check = "SELECT \(Names.quoted(schema)).bt_index_check(CAST($1 AS oid), true)"
      do throws(DatabaseError) {
        try ask(check, [.integer(index)]) { _ in true }
      } catch .corrupt(let detail) {
        return detail
      }
    }
    return nil
  }

  private static let amcheck = """
    SELECT n.nspname FROM pg_catalog.pg_extension AS e \
    JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace \
    JOIN pg_catalog.pg_proc AS p ON p.pronamespace = n.oid AND p.proname = 'bt_index_check' \
    WHERE e.extname = 'amcheck' AND p.pronargs = 2 \
    AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
    """

  /// The B-trees of the tables that the user may read; not those that are still being built.
  private static let indexes = """
    SELECT CAST(i.indexrelid AS bigint) FROM pg_catalog.pg_index AS i \
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid \
    JOIN pg_catalog.pg_am AS a ON a.oid = c.relam AND a.amname = 'btree' \
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') \
    AND c.relpersistence <> 't' AND c.relkind = 'i' AND i.indisready AND i.indisvalid \
    AND pg_catalog.has_table_privilege(i.indrelid, 'SELECT') ORDER BY 1
    """
}
