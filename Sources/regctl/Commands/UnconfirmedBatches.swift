internal import RegctlCore

/// Reads unconfirmed accounts of a store, a batch at a time.
///
/// A class, since an optimised build forgets what a closure has captured and changed where its
/// errors have a type (Swift 6.3).
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

  /// The next accounts, or `nil` behind the last.
  func next() throws(CommandError) -> [UnconfirmedAccount]? {
    guard remaining > 0 else { return nil }
    let size = min(batchSize, remaining)
    let batch = try core(store.unconfirmedAccounts(after: last, matching: filter, limit: size))
    remaining = batch.count < size ? 0 : remaining - batch.count
    last = batch.last
    return batch.isEmpty ? nil : batch
  }
}
