internal import SQL

/// The structure of a table on a PostgreSQL server.
extension UsersTable {
  /// The columns whose values, as regctl reads and writes them, a type preserves, by the name of the
  /// type in `pg_type`; for a domain, of the type that it restricts.
  ///
  /// `char(n)` adds blanks. `citext` compares without case, which is stricter than regctl.
  private static func preserves(_ type: String) -> Set<UsersMapping.Column> {
    switch type {
    case "int4", "int8": [.id]
    case "text", "varchar": [.email, .password]
    case "citext": [.email]
    case "timestamp": [.registeredOn, .confirmedOn]
    case "bool": [.admin, .confirmed]
    default: []
    }
  }

  /// A column as the catalog has it.
  private struct CatalogColumn {
    let column: Column
    /// Whether it is the only column of a unique index of all rows.
    let isUnique: Bool
    let isRequired: Bool
    /// Whether the table gives it a value.
    let hasDefault: Bool
    /// The name of a collation that does not compare byte by byte in the end.
    let collation: String?
  }

  static func structureOnServer(of store: Store) throws(RegctlError) -> Structure? {
    let mapping = store.mapping
    let table = Value.text(mapping.table)
    let found = try store.first(
      Statement(
        postgreSQL: """
          SELECT relkind, pg_catalog.row_security_active(oid) FROM pg_catalog.pg_class
          WHERE oid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
          """), table
    ) { (kind: $0.text(0), hidesRows: $0.boolean(1)) }
    guard let found else { return nil }
    var structure = Structure()
    guard found.kind == "r" else {
      structure.fault = .notATable(kind: name(ofKind: found.kind))
      return structure
    }
    guard !found.hidesRows else {
      structure.fault = .rowSecurity
      return structure
    }
    let columns = try catalogColumns(of: table, in: store)
    structure.columns = columns.map(\.column)
    if let id = columns.first(where: { $0.column.name == mapping.name(of: .id) }) {
      structure.identityFaults = identityFaults(of: id)
    }
    if let email = columns.first(where: { $0.column.name == mapping.name(of: .email) }) {
      structure.hasUniqueEmail = email.isUnique
      structure.comparisonFault = email.collation.map {
        .nondeterministicCollation(column: email.column.name, name: $0)
      }
    }
    return structure
  }

  private static func catalogColumns(
    of table: Value, in store: Store
  ) throws(RegctlError) -> [CatalogColumn] {
    try store.rows(
      Statement(
        postgreSQL: """
          SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (
              WITH RECURSIVE types AS (
                SELECT t.* FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
                UNION ALL
                SELECT t.* FROM types d JOIN pg_catalog.pg_type t ON t.oid = d.typbasetype)
              SELECT typname FROM types WHERE typtype <> 'd'),
            a.attgenerated <> '', EXISTS (
              SELECT FROM pg_catalog.pg_index i
              WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid
                AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum),
            a.attnotnull, a.atthasdef OR a.attidentity <> '',
            CASE WHEN NOT l.collisdeterministic THEN l.collname END
          FROM pg_catalog.pg_attribute a
          LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
          WHERE a.attrelid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
            AND a.attnum > 0 AND NOT a.attisdropped
          ORDER BY a.attnum
          """), table
    ) { row in
      CatalogColumn(
        column: Column(
          name: row.text(0), type: row.text(1), isGenerated: row.boolean(3),
          preserves: preserves(row.text(2))),
        isUnique: row.boolean(4), isRequired: row.boolean(5), hasDefault: row.boolean(6),
        collation: row.optionalText(7))
    }
  }

  private static func identityFaults(of id: CatalogColumn) -> [UsersTableFault] {
    let name = id.column.name
    guard id.column.preserves.contains(.id) else {
      return [.type(column: name, type: id.column.type)]
    }
    var faults: [UsersTableFault] = []
    if !id.isUnique || !id.isRequired { faults.append(.notAKey(column: name)) }
    // A generated column has a default, and its own fault.
    if !id.hasDefault { faults.append(.noNumbers(column: name)) }
    return faults
  }

  /// The words for a `relkind` of `pg_class`.
  ///
  /// A partitioned table cannot keep both the number and the address unique: an index of it has the
  /// columns of the partitions.
  private static func name(ofKind kind: String) -> String {
    switch kind {
    case "p": "partitioned table"
    case "v": "view"
    case "m": "materialized view"
    case "f": "foreign table"
    default: kind
    }
  }
}
