internal import RegctlCore

/// Reads the accounts of a selection in batches; the database is not locked between batches.
///
/// A class, since an optimised build loses changes of captured variables in a closure with typed
/// throws (Swift 6.3).
final class AccountBatches {
  private let store: Store
  private let filter: AccountFilter
  private let details: AccountDetails
  private let batchSize: Int
  private var remaining: Int
  private var last: ListedAccount?

  init(
    of store: Store, matching filter: AccountFilter, with details: AccountDetails, limit: Int,
    batchSize: Int
  ) {
    self.store = store
    self.filter = filter
    self.details = details
    self.batchSize = batchSize
    remaining = limit
  }

  /// The next accounts, or `nil` after the last one.
  func next() throws(CommandError) -> [ListedAccount]? {
    guard remaining > 0 else { return nil }
    let size = min(batchSize, remaining)
    let batch = try core(
      store.accounts(after: last, matching: filter, with: details, limit: size))
    remaining = batch.count < size ? 0 : remaining - batch.count
    last = batch.last
    return batch.isEmpty ? nil : batch
  }
}
