internal import SQL

/// The structure of the application's table of accounts as the database reports it.
struct UsersTable {
  /// A column of the table.
  struct Column {
    /// In lower case where the engine compares names without case.
    let name: String
    let type: String
    var isPrimaryKey = false
    let isGenerated: Bool

    /// The columns of the original application whose values the type preserves.
    let preserves: Set<UsersMapping.Column>
  }

  /// What an engine reports of a table.
  struct Structure {
    /// Why nothing else is known of it: it is no table that can be used.
    var fault: UsersTableFault?
    var columns: [Column] = []
    /// Why the IDs of accounts are not suitable.
    var identityFaults: [UsersTableFault] = []
    /// Whether the table itself lets only one account have an address.
    var hasUniqueEmail = false
    /// Why the addresses are not compared as regctl compares them.
    var comparisonFault: UsersTableFault?
    /// Whether a name in any case is that of a column.
    var ignoresCase = false
  }

  private let mapping: UsersMapping
  private let structure: Structure
  private var numbersBelowOne = 0

  /// The number of accounts with `NULL` where regctl needs a value, by column.
  private var nullValues: [(column: UsersMapping.Column, count: Int)] = []

  /// Reads the structure; `nil` when nothing has the name of the table.
  init?(in store: Store) throws(RegctlError) {
    mapping = store.mapping
    let found =
      switch store.location {
      case .file: try Self.structureInFile(of: store)
      case .server: try Self.structureOnServer(of: store)
      }
    guard let found else { return nil }
    structure = found
    guard structure.fault == nil, missingColumns.isEmpty, !hasIDsOfAnotherType else { return }
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
    if let fault = structure.fault { return [fault] }
    let missing = missingColumns
    if !missing.isEmpty { return missing }
    let known = Set(UsersMapping.Column.allCases.map(name(of:)))
    var faults = structure.columns.filter { $0.isGenerated && known.contains($0.name) }
      .map { UsersTableFault.generatedColumn($0.name) }
    faults += structure.identityFaults
    for name in mapping.written where name != .id {
      guard let column = column(name), !column.preserves.contains(name) else { continue }
      faults.append(.type(column: column.name, type: column.type))
    }
    if let fault = structure.comparisonFault {
      faults.append(fault)
    } else if !structure.hasUniqueEmail, !makingEmailUnique {
      faults.append(.emailNotUnique)
    }
    for (column, count) in nullValues where count > 0 {
      faults.append(.nullValues(column: mapping.name(of: column) ?? "", count: count))
    }
    if numbersBelowOne > 0 { faults.append(.numbersBelowOne(count: numbersBelowOne)) }
    return faults
  }

  private var hasIDsOfAnotherType: Bool {
    structure.identityFaults.contains { if case .type = $0 { true } else { false } }
  }

  /// The columns that the mapping requires and the table does not have.
  private var missingColumns: [UsersTableFault] {
    let missing = UsersMapping.Column.allCases.compactMap { mapping.name(of: $0) }
      .filter { column(named: $0) == nil }.map(UsersTableFault.missingColumn)
    guard let language = mapping.language, column(named: language) == nil else { return missing }
    return missing + [.missingLanguage(language)]
  }

  private func column(_ column: UsersMapping.Column) -> Column? {
    self.column(named: mapping.name(of: column) ?? "")
  }

  private func column(named name: String) -> Column? {
    structure.columns.first { $0.name == spelling(of: name) }
  }

  private func name(of column: UsersMapping.Column) -> String {
    spelling(of: mapping.name(of: column) ?? "")
  }

  /// A name as the structure has it.
  private func spelling(of name: String) -> String {
    structure.ignoresCase ? name.lowercased() : name
  }
}
