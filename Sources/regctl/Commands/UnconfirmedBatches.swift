internal import RegctlCore

/// Reads the unconfirmed accounts of a store in batches.
///
/// A class, since an optimised build loses changes of captured variables in a closure with typed
/// throws (Swift 6.3).
final class UnconfirmedBatches {
  private let store: Store
  private let filter: UnconfirmedFilter
  private let batchSize: Int
  private var remaining: Int
  private var last: UnconfirmedAccount?

  init(of store: Store, matching filter: UnconfirmedFilter, limit: Int, batchSize: Int) {
    self.store = store
    self.filter = filter
    self.batchSize = batchSize
    remaining = limit
  }

  /// The next accounts, or `nil` after the last one.
  func next() throws(CommandError) -> [UnconfirmedAccount]? {
    guard remaining > 0 else { return nil }
    let size = min(batchSize, remaining)
    let batch = try core(store.unconfirmedAccounts(after: last, matching: filter, limit: size))
    remaining = batch.count < size ? 0 : remaining - batch.count
    last = batch.last
    return batch.isEmpty ? nil : batch
  }
}
