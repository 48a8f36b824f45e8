/// A dry run of an import: into a scratch database, with a store that is only read.
final class ImportDryRun {
  let scratch: Store
  private let scratchColumns: ApplicationColumns
  private let store: Store
  private let columns: ApplicationColumns
  private let now: Instant

  /// The greatest ID in the store; the database assigns the next one to an account without an ID.
  private let greatestInStore: Int64

  init(of store: Store, _ columns: ApplicationColumns, at now: Instant) throws(RegctlError) {
    scratch = try Store.scratch()
    scratchColumns = try scratch.addColumns(like: columns)
    self.columns = columns
    // What is written in an unknown zone is UTC.
    scratch.zone = try store.accountDates().zone ?? .utc
    self.store = store
    self.now = now
    greatestInStore = try store.greatestNumber()
  }

  /// The result that importing an account would have.
  func add(_ account: ImportedAccount) throws(RegctlError) -> Store.ImportDecision {
    if account.language != nil { try store.requireLanguages() }
    do throws(RegctlError) {
      if let decision = try store.importDecision(of: account, columns) { return decision }
    } catch .store(.schemaChanged(let detail)) where !account.columns.isEmpty {
      // A value does not fit the type of its column.
      return .constraint(detail)
    } catch .store(.constraint(let detail)) where !account.columns.isEmpty {
      return .constraint(detail)
    }
    // A second line without an ID is a duplicate of the first if everything else is equal.
    if account.id == nil,
      let decision = try scratch.importDecision(of: account, scratchColumns)
    {
      return decision
    }
    if let missing = columns.missing(in: account) { return .columnMissing(missing) }
    var numbered = account
    if account.id == nil {
      let greatest = max(greatestInStore, try scratch.greatestNumber())
      let (next, overflow) = greatest.addingReportingOverflow(1)
      if !overflow { numbered.id = AccountID(rawValue: next) }
    }
    return try scratch.add(numbered, scratchColumns, addressesAreUnique: true, at: now)
  }
}
