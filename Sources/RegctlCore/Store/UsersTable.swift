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
  private static let allowed: [(column: String, affinities: [Affinity])] = [
    ("email", [.text, .blob, .numeric]), ("password", [.text, .blob, .numeric]),
    ("registered_on", [.numeric, .text, .blob]), ("admin", [.numeric, .integer, .blob]),
    ("confirmed", [.numeric, .integer, .blob]), ("confirmed_on", [.numeric, .text, .blob]),
  ]

  private static let knownCollations = ["BINARY", "NOCASE"]

  private let kind: String
  private let hasRowID: Bool
  private let columns: [Column]

  /// Whether `id` is an alias of the rowid.
  private let isIdentityRowID: Bool

  /// The collation of a unique index on the address alone; `nil` when there is none.
  private let uniqueCollation: String?
  private let numbersBelowOne: Int

  /// The number of accounts with `NULL` where regctl needs a value, by column.
  private let nullValues: [(column: String, count: Int)]

  /// Reads the structure; `nil` when nothing is named `users`.
  init?(in store: Store) throws(RegctlError) {
    let found = try store.first(
      Statement(
        sqlite:
          "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = 'users'")
    ) { (kind: $0.text(0), hasRowID: !$0.boolean(1)) }
    guard let found else { return nil }
    (kind, hasRowID) = found
    columns = try store.rows(
      Statement(sqlite: "SELECT name, type, pk, hidden FROM pragma_table_xinfo('users', 'main')")
    ) {
      row in
      Column(
        name: row.text(0).lowercased(), type: row.text(1),
        isPrimaryKey: row.integer(2) != 0, isGenerated: row.integer(3) != 0)
    }
    guard kind == "table", hasRowID else {
      (isIdentityRowID, uniqueCollation, numbersBelowOne, nullValues) = (false, nil, 0, [])
      return
    }
    // A primary key has a separate index unless it is the rowid.
    let hasKeyIndex = try store.first(
      Statement(sqlite: "SELECT 1 FROM pragma_index_list('users', 'main') WHERE origin = 'pk'")
    ) { _ in
      true
    }
    let keys = columns.filter(\.isPrimaryKey).map(\.name)
    isIdentityRowID = keys == ["id"] && hasKeyIndex == nil
    uniqueCollation = try store.first(
      Statement(
        sqlite: """
          SELECT x.coll FROM pragma_index_list('users', 'main') l, pragma_index_xinfo(l.name, 'main') x
          WHERE l."unique" = 1 AND l.partial = 0 AND x.key = 1 AND lower(x.name) = 'email'
            AND (SELECT count(*) FROM pragma_index_xinfo(l.name, 'main') WHERE key = 1) = 1
          LIMIT 1
          """)
    ) { $0.text(0) }
    let names = columns.map(\.name)
    guard Schema.userColumns.allSatisfy(names.contains) else {
      (numbersBelowOne, nullValues) = (0, [])
      return
    }
    let counts =
      try store.first(
        """
        SELECT count(*) FILTER (WHERE id < 1), count(*) FILTER (WHERE email IS NULL),
          count(*) FILTER (WHERE admin IS NULL), count(*) FILTER (WHERE confirmed IS NULL)
        FROM users
        """
      ) { row in (0..<4).map { row.count($0) } } ?? [0, 0, 0, 0]
    numbersBelowOne = counts[0]
    nullValues = zip(["email", "admin", "confirmed"], counts.dropFirst())
      .map { (column: $0, count: $1) }
  }

  /// The reasons why regctl cannot work with the table, optionally after a unique index is added.
  func faults(makingEmailUnique: Bool) -> [UsersTableFault] {
    guard kind == "table" else { return [.notATable(kind: kind)] }
    guard hasRowID else { return [.withoutRowID] }
    let missing = Schema.userColumns.filter { name in !columns.contains { $0.name == name } }
    if !missing.isEmpty { return missing.map(UsersTableFault.missingColumn) }
    var faults = columns.filter { $0.isGenerated && Schema.userColumns.contains($0.name) }
      .map { UsersTableFault.generatedColumn($0.name) }
    if !isIdentityRowID { faults.append(.identity(type: column("id")?.type ?? "")) }
    for (name, affinities) in Self.allowed {
      guard let column = column(name) else { continue }
      if !affinities.contains(column.affinity) {
        faults.append(.type(column: name, type: column.type))
      }
    }
    if let uniqueCollation {
      if !Self.knownCollations.contains(uniqueCollation.uppercased()) {
        faults.append(.collation(column: "email", name: uniqueCollation))
      }
    } else if !makingEmailUnique {
      faults.append(.emailNotUnique)
    }
    for (column, count) in nullValues where count > 0 {
      faults.append(.nullValues(column: column, count: count))
    }
    if numbersBelowOne > 0 { faults.append(.numbersBelowOne(count: numbersBelowOne)) }
    return faults
  }

  private func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}
