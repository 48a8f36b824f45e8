internal import SMTP
internal import SQL

/// The structure of a table in SQLite.
extension UsersTable {
  /// The affinity of a column type; see <https://www.sqlite.org/datatype3.html>, section 3.1.
  enum Affinity {
    case integer, text, blob, real, numeric

    init(ofType type: String) {
      let name = Array(type.uppercased().utf8)
      func has(_ parts: String...) -> Bool {
        parts.contains { name.contains(sequence: $0.utf8) }
      }
      self =
        if has("INT") {
          .integer
        } else if has("CHAR", "CLOB", "TEXT") {
          .text
        } else if name.isEmpty || has("BLOB") {
          .blob
        } else if has("REAL", "FLOA", "DOUB") {
          .real
        } else {
          .numeric
        }
    }

    /// The columns whose values, as regctl reads and writes them, the affinity preserves.
    var preserves: Set<UsersMapping.Column> {
      switch self {
      case .integer: [.admin, .confirmed]
      case .text: [.email, .password, .registeredOn, .confirmedOn]
      case .blob, .numeric:
        [.email, .password, .registeredOn, .admin, .confirmed, .confirmedOn]
      case .real: []
      }
    }
  }

  private static let knownCollations = ["BINARY", "NOCASE"]

  static func structureInFile(of store: Store) throws(RegctlError) -> Structure? {
    let mapping = store.mapping
    let table = Value.text(mapping.table)
    let found = try store.first(
      Statement(
        sqlite:
          "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower($1)"
      ),
      table
    ) { (kind: $0.text(0), hasRowID: !$0.boolean(1)) }
    guard let found else { return nil }
    var structure = Structure(ignoresCase: true)
    guard found.kind == "table" else {
      structure.fault = .notATable(kind: found.kind)
      return structure
    }
    guard found.hasRowID else {
      structure.fault = .withoutRowID
      return structure
    }
    structure.columns = try store.rows(
      Statement(sqlite: "SELECT name, type, pk, hidden FROM pragma_table_xinfo($1, 'main')"), table
    ) { row in
      // SQLite compares names without case.
      Column(
        name: row.text(0).lowercased(), type: row.text(1), isPrimaryKey: row.integer(2) != 0,
        isGenerated: row.integer(3) != 0, preserves: Affinity(ofType: row.text(1)).preserves)
    }
    structure.identityFaults = try identityFaults(among: structure.columns, in: store)
    let collation = try store.first(
      Statement(
        sqlite: """
          SELECT x.coll FROM pragma_index_list($1, 'main') l, pragma_index_xinfo(l.name, 'main') x
          WHERE l."unique" = 1 AND l.partial = 0 AND x.key = 1 AND lower(x.name) = lower($2)
            AND (SELECT count(*) FROM pragma_index_xinfo(l.name, 'main') WHERE key = 1) = 1
          LIMIT 1
          """), table, Value(mapping.name(of: .email))
    ) { $0.text(0) }
    structure.hasUniqueEmail = collation != nil
    if let collation, !knownCollations.contains(collation.uppercased()) {
      let column = mapping.name(of: .email) ?? ""
      structure.comparisonFault = .collation(column: column, name: collation)
    }
    return structure
  }

  /// Whether `id` is an alias of the rowid: the only primary key, which has no index of its own.
  private static func identityFaults(
    among columns: [Column], in store: Store
  ) throws(RegctlError) -> [UsersTableFault] {
    let hasKeyIndex = try store.first(
      Statement(sqlite: "SELECT 1 FROM pragma_index_list($1, 'main') WHERE origin = 'pk'"),
      .text(store.mapping.table)
    ) { _ in true }
    let id = store.mapping.name(of: .id)?.lowercased()
    if columns.filter(\.isPrimaryKey).map(\.name) == [id], hasKeyIndex == nil { return [] }
    return [.identity(type: columns.first { $0.name == id }?.type ?? "")]
  }
}
