internal import SQL

/// Copies accounts and all that regctl keeps from one database to another of which at least one is
/// on a server, and compares what was read back with what was copied.
///
/// Rows are read in pages in the order of their keys, so that memory does not grow with the tables.
/// The destination is filled in one transaction. The source must not change meanwhile: it is read in
/// a transaction of its own (`Store.inOneState`).
struct StoreCopy {
  /// The number of rows that are in memory at once.
  private static let pageSize = 2000

  private let source: Store
  private let destination: Store
  private let report: CopyProgress.Report?

  init(
    from source: Store, to destination: Store, reporting report: CopyProgress.Report? = nil
  ) {
    self.source = source
    self.destination = destination
    self.report = report
  }

  /// Fills the destination; call it in a transaction of it.
  func perform(at now: Instant) throws(RegctlError) -> CopyReport {
    try requireCurrentSchema()
    try createSchema()
    var accounts = try source.accountsTable()
    let isNew = try prepareAccounts(accounts)
    let changes = isNew ? changes(of: accounts) : []
    if case .server = destination.location { accounts = try typed(accounts) }
    if case (.file, .server) = (source.location, destination.location) {
      accounts.leavesOutReserved = true
    }
    let objects = destination.schemaObjects
    let isUnique = try source.emailIndex() == .unique
    for object in objects where object.kind == .table {
      try destination.execute(object.sql)
    }
    let tables = try [accounts] + sideTables()
    let progress = try report.map { report throws(RegctlError) in
      CopiedRowCount(of: try source.rowCount(of: tables), report)
    }
    var counts: [String: Int] = [:]
    for table in tables { counts[table.name] = try copy(table, progress) }
    counts[Store.archiveName] = try copyArchive(of: accounts, progress)
    let rest =
      objects.filter { $0.kind == .index || $0.kind == .trigger }
      + [isUnique ? Schema.uniqueEmail : Schema.plainEmail]
    for object in rest { try destination.execute(object.sql) }
    for table in tables { try compare(table, progress) }
    try compareArchive(of: accounts, progress)
    try continueNumbers(of: tables, at: now)
    return CopyReport(
      rows: counts, table: accounts.name, changes: changes,
      furtherTables: try source.furtherTables())
  }

  private func requireCurrentSchema() throws(RegctlError) {
    guard let version = try source.schemaVersion(), version == Schema.version else {
      throw .store(.schemaOutdated(path: source.location.text))
    }
  }

  /// Creates the schema of a server; another copy into the database waits for it.
  private func createSchema() throws(RegctlError) {
    for object in destination.schemaObjects where object.kind == .schema {
      do throws(RegctlError) {
        try destination.execute(object.sql)
      } catch {
        throw error.isOfARow ? .store(.exists(path: destination.location.text)) : error
      }
    }
  }

  // MARK: Tables

  /// Creates the application's table, or checks that the one that is there takes the accounts, and
  /// returns whether it is new.
  private func prepareAccounts(_ table: CopiedTable) throws(RegctlError) -> Bool {
    guard try destination.hasTable(destination.mapping.table) else {
      try destination.create(table.fitting(try source.greatestGivenNumber()))
      return true
    }
    try destination.requireRights(toCreate: destination.schemaObjects)
    try destination.execute(
      Statement(postgreSQL: "LOCK TABLE {users} IN SHARE ROW EXCLUSIVE MODE"))
    guard let users = try UsersTable(in: destination) else { return true }
    var faults = users.faults(makingEmailUnique: true)
    let present = try destination.accountsTable().columns.map(\.name)
    faults += table.columns.map(\.name).filter { !present.contains($0) }
      .map(UsersTableFault.missingColumn)
    guard faults.isEmpty else {
      throw .store(.foreignUsersTable(path: destination.location.text, faults: faults))
    }
    let isTaken = try destination.first("SELECT 1 FROM {table} LIMIT 1") { _ in true }
    if isTaken != nil { throw .store(.exists(path: destination.location.text)) }
    return false
  }

  /// The columns of the source with the types that they have at the destination.
  private func typed(_ table: CopiedTable) throws(RegctlError) -> CopiedTable {
    var table = table
    let columns = try destination.accountsTable().columns
    for position in table.columns.indices {
      let name = table.columns[position].name
      if let column = columns.first(where: { $0.name == name }) {
        table.columns[position].type = column.type
      }
    }
    return table
  }

  /// regctl's own tables but the archive, with the types of the server.
  private func sideTables() throws(RegctlError) -> [CopiedTable] {
    let server = if case .server = destination.location { destination } else { source }
    let archives = [Schema.archive, Schema.archiveFurther, Schema.turn].map(\.name)
    let objects = Schema.objects.filter { $0.kind == .table && !archives.contains($0.name) }
    return try objects.map { object throws(RegctlError) in try server.copiedTable(object) }
  }

  /// What the new table of accounts does not have of the old one.
  private func changes(of table: CopiedTable) -> [CopyReport.Change] {
    table.columns.compactMap { column in
      if column.isNumber { return nil }
      if column.initial == .other { return .default(column: column.name) }
      if case .foreign(let type) = column.type { return .type(column: column.name, type) }
      return nil
    }
  }

  // MARK: Rows

  private func copy(
    _ table: CopiedTable, _ progress: CopiedRowCount?
  ) throws(RegctlError) -> Int {
    let insertion =
      switch destination.location {
      case .file: AssembledStatement(table.insertionOfRow)
      case .server: AssembledStatement(table.insertionOfArray)
      }
    var count = 0
    var last: [Value]?
    while true {
      let rows = try source.page(of: table, after: last, limit: Self.pageSize)
      guard let end = rows.last else { return count }
      try destination.insert(rows, into: table, by: insertion)
      count += rows.count
      progress?.copy(rows.count)
      last = table.key.map { end[$0] }
    }
  }

  private func copyArchive(
    of accounts: CopiedTable, _ progress: CopiedRowCount?
  ) throws(RegctlError) -> Int {
    try source.requireArchivedAccounts()
    var count = 0
    var last: ArchivedAccount?
    while true {
      let page = try source.archivePage(after: last, limit: Self.pageSize, of: accounts)
      guard let end = page.last else { return count }
      try destination.insert(archived: page, of: accounts)
      count += page.count
      progress?.copy(page.count)
      last = end
    }
  }

  /// Throws for the first row that the destination does not have as it was read.
  private func compare(
    _ table: CopiedTable, _ progress: CopiedRowCount?
  ) throws(RegctlError) {
    var written = table
    // What must not be there is found if it is not left out.
    written.leavesOutReserved = false
    var last: [Value]?
    while true {
      let rows = try source.page(of: table, after: last, limit: Self.pageSize)
      let copies = try destination.page(of: written, after: last, limit: Self.pageSize)
      if !rows.elementsEqual(copies, by: { $0.isIdentical(to: $1) }) {
        throw difference(between: rows, and: copies, in: table)
      }
      progress?.compare(rows.count)
      guard let end = rows.last else { return }
      last = table.key.map { end[$0] }
    }
  }

  private func difference(
    between rows: [[Value]], and copies: [[Value]], in table: CopiedTable
  ) -> RegctlError {
    for (position, row) in rows.enumerated() {
      let copy = position < copies.count ? copies[position] : nil
      if let copy, copy.isIdentical(to: row) { continue }
      let hasSameKey = table.key.allSatisfy { copy?[$0].isIdentical(to: row[$0]) ?? false }
      let column =
        hasSameKey ? row.indices.first { !(copy?[$0].isIdentical(to: row[$0]) ?? false) } : nil
      return .store(
        .notCopied(
          CopyRefusal(
            table: table.name, row: table.words(for: row),
            column: column.map { table.columns[$0].name }, reason: .differs)))
    }
    let extra = copies.dropFirst(rows.count).first
    return .store(
      .notCopied(
        CopyRefusal(
          table: table.name, row: extra.map(table.words(for:)) ?? "", reason: .differs)))
  }

  private func compareArchive(
    of accounts: CopiedTable, _ progress: CopiedRowCount?
  ) throws(RegctlError) {
    var last: ArchivedAccount?
    while true {
      let page = try source.archivePage(after: last, limit: Self.pageSize, of: accounts)
      let copies = try destination.archivePage(after: last, limit: Self.pageSize, of: accounts)
      if !page.elementsEqual(copies, by: { $0.isIdentical(to: $1) }) {
        let position = page.indices.first {
          $0 >= copies.count || !page[$0].isIdentical(to: copies[$0])
        }
        let row = position.map { page[$0] } ?? copies.last
        throw .store(
          .notCopied(
            CopyRefusal(
              table: Store.archiveName, row: row?.words ?? "", reason: .differs)))
      }
      progress?.compare(page.count)
      guard let end = page.last else { return }
      last = end
    }
  }

  // MARK: Numbers

  /// Makes new rows of the destination get numbers that no row of the source had.
  private func continueNumbers(
    of tables: [CopiedTable], at now: Instant
  ) throws(RegctlError) {
    let greatest = try source.greatestGivenNumber()
    switch destination.location {
    case .server:
      if greatest > 0 { try destination.giveNumbers(past: AccountID(rawValue: greatest)) }
      for table in tables where !table.isAccounts { try destination.continueNumbers(of: table) }
    case .file:
      guard try destination.greatestNumber() < greatest else { return }
      try destination.insertReserved(
        greatest, address: Store.reservedAddress(greatest),
        values: destination.requiredValues(of: greatest), at: now)
    }
  }
}

extension Value {
  /// Whether two values are the same, texts byte for byte: Swift takes some different characters for
  /// equal.
  func isIdentical(to other: Value) -> Bool {
    if case .text(let one) = self, case .text(let two) = other {
      return one.utf8.elementsEqual(two.utf8)
    }
    return self == other
  }
}

extension [Value] {
  func isIdentical(to other: [Value]) -> Bool {
    elementsEqual(other) { $0.isIdentical(to: $1) }
  }
}

extension CopiedTable {
  /// The table with a column that takes the numbers of accounts.
  fileprivate func fitting(_ greatest: Int64) -> CopiedTable {
    var table = self
    if greatest > Int64(Int32.max), let position = key.first {
      table.columns[position].type = .bigInteger
    }
    return table
  }
}
