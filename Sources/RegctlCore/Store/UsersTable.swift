internal import SMTP
internal import SQL

/// The structure of the application's table of accounts as SQLite reports it.
struct UsersTable {
  /// A column as reported by `PRAGMA table_xinfo`.
  private struct Column {
    /// In lower case, because SQLite compares names without case.
    let name: String
    let type: String
    let isPrimaryKey: Bool
    let isGenerated: Bool

    var affinity: Affinity { Affinity(ofType: type) }
  }

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
  }

  /// The affinities that preserve what regctl reads and writes, for each column except `id`.
  private static let allowed: [(column: UsersMapping.Column, affinities: [Affinity])] = [
    (.email, [.text, .blob, .numeric]), (.password, [.text, .blob, .numeric]),
    (.registeredOn, [.numeric, .text, .blob]), (.admin, [.numeric, .integer, .blob]),
    (.confirmed, [.numeric, .integer, .blob]), (.confirmedOn, [.numeric, .text, .blob]),
  ]

  private static let knownCollations = ["BINARY", "NOCASE"]

  private let mapping: UsersMapping
  private let kind: String
  private let hasRowID: Bool
  private let columns: [Column]

  /// Whether `id` is an alias of the rowid.
  private let isIdentityRowID: Bool

  /// The collation of a unique index on the address alone; `nil` when there is none.
  private let uniqueCollation: String?
  private var numbersBelowOne = 0

  /// The number of accounts with `NULL` where regctl needs a value, by column.
  private var nullValues: [(column: UsersMapping.Column, count: Int)] = []

  /// Reads the structure; `nil` when nothing has the name of the table.
  init?(in store: Store) throws(RegctlError) {
    mapping = store.mapping
    let table = Value.text(mapping.table)
    let found = try store.first(
      Statement(
        sqlite:
          "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower($1)"
      ),
      table
    ) { (kind: $0.text(0), hasRowID: !$0.boolean(1)) }
    guard let found else { return nil }
    (kind, hasRowID) = found
    columns = try store.rows(
      Statement(sqlite: "SELECT name, type, pk, hidden FROM pragma_table_xinfo($1, 'main')"), table
    ) { row in
      Column(
        name: row.text(0).lowercased(), type: row.text(1),
        isPrimaryKey: row.integer(2) != 0, isGenerated: row.integer(3) != 0)
    }
    guard kind == "table", hasRowID else {
      (isIdentityRowID, uniqueCollation) = (false, nil)
      return
    }
    // A primary key has a separate index unless it is the rowid.
    let hasKeyIndex = try store.first(
      Statement(sqlite: "SELECT 1 FROM pragma_index_list($1, 'main') WHERE origin = 'pk'"), table
    ) { _ in true }
    let keys = columns.filter(\.isPrimaryKey).map(\.name)
    isIdentityRowID = keys == [mapping.name(of: .id)?.lowercased()] && hasKeyIndex == nil
    uniqueCollation = try store.first(
      Statement(
        sqlite: """
          SELECT x.coll FROM pragma_index_list($1, 'main') l, pragma_index_xinfo(l.name, 'main') x
          WHERE l."unique" = 1 AND l.partial = 0 AND x.key = 1 AND lower(x.name) = lower($2)
            AND (SELECT count(*) FROM pragma_index_xinfo(l.name, 'main') WHERE key = 1) = 1
          LIMIT 1
          """), table, Value(mapping.name(of: .email))
    ) { $0.text(0) }
    guard missingColumns.isEmpty else { return }
    let counts =
      try store.first(
        """
        SELECT count(*) FILTER (WHERE {id} < 1), count(*) FILTER (WHERE {email} IS NULL),
          count(*) FILTER (WHERE {admin} IS NULL), count(*) FILTER (WHERE {confirmed} IS NULL)
        FROM {table}
        """
      ) { row in (0..<4).map { row.count($0) } } ?? [0, 0, 0, 0]
    numbersBelowOne = counts[0]
    nullValues = zip([.email, .admin, .confirmed], counts.dropFirst())
      .map { (column: $0, count: $1) }
  }

  /// The reasons why regctl cannot work with the table, optionally after a unique index is added.
  func faults(makingEmailUnique: Bool) -> [UsersTableFault] {
    guard kind == "table" else { return [.notATable(kind: kind)] }
    guard hasRowID else { return [.withoutRowID] }
    let missing = missingColumns
    if !missing.isEmpty { return missing.map(UsersTableFault.missingColumn) }
    var faults = columns.filter { $0.isGenerated && mapping.hasColumn($0.name) }
      .map { UsersTableFault.generatedColumn($0.name) }
    if !isIdentityRowID { faults.append(.identity(type: column(.id)?.type ?? "")) }
    for (name, affinities) in Self.allowed where mapping.written.contains(name) {
      guard let column = column(name) else { continue }
      if !affinities.contains(column.affinity) {
        faults.append(.type(column: column.name, type: column.type))
      }
    }
    if let uniqueCollation {
      if !Self.knownCollations.contains(uniqueCollation.uppercased()) {
        faults.append(.collation(column: self.name(of: .email), name: uniqueCollation))
      }
    } else if !makingEmailUnique {
      faults.append(.emailNotUnique)
    }
    for (column, count) in nullValues where count > 0 {
      faults.append(.nullValues(column: name(of: column), count: count))
    }
    if numbersBelowOne > 0 { faults.append(.numbersBelowOne(count: numbersBelowOne)) }
    return faults
  }

  /// The names of columns that the mapping requires and the table does not have.
  private var missingColumns: [String] {
    UsersMapping.Column.allCases.compactMap { mapping.name(of: $0) }
      .filter { name in !columns.contains { $0.name == name.lowercased() } }
  }

  private func column(_ column: UsersMapping.Column) -> Column? {
    columns.first { $0.name == name(of: column).lowercased() }
  }

  private func name(of column: UsersMapping.Column) -> String { mapping.name(of: column) ?? "" }
}
