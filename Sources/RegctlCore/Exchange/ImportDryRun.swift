/// An import into a scratch database beside a store that is only read.
final class ImportDryRun {
  let scratch: Store
  private let store: Store
  private let now: Instant

  /// The number that the database would give an account without one follows the greatest of these.
  private let greatestInStore: Int64

  init(of store: Store, at now: Instant) throws(RegctlError) {
    scratch = try Store.scratch()
    self.store = store
    self.now = now
    greatestInStore = try store.greatestNumber()
  }

  /// What would become of an account.
  func add(_ account: ImportedAccount) throws(RegctlError) -> Store.ImportDecision {
    if let decision = try store.importDecision(of: account) { return decision }
    // A second line without a number is the same as the first if all else is.
    if account.id == nil, let decision = try scratch.importDecision(of: account) { return decision }
    var numbered = account
    if account.id == nil {
      let greatest = max(greatestInStore, try scratch.greatestNumber())
      let (next, overflow) = greatest.addingReportingOverflow(1)
      if !overflow { numbered.id = AccountID(rawValue: next) }
    }
    return try scratch.add(numbered, addressesAreUnique: true, at: now)
  }
}
