/// Reads the archived accounts of some runs that a filter includes, in batches; the database is not
/// locked between batches.
package final class ArchivedAccounts {
  private let store: Store
  private let filter: PruneFilter
  private let order: RowOrder

  /// The runs that are left, the next one last.
  private var runs: [Int64]
  private var last: ListPlace?
  private var remaining: Int

  /// The accounts of a prune run.
  package init(
    of run: Int64, in store: Store, matching filter: PruneFilter = PruneFilter(),
    order: RowOrder = .oldestFirst, limit: Int = .max
  ) {
    self.store = store
    self.filter = filter
    self.order = order
    runs = [run]
    remaining = limit
  }

  /// The accounts that were pruned or deleted, those of the oldest run or deletion first.
  package init(
    deleted areDeleted: Bool, in store: Store, matching filter: PruneFilter, order: RowOrder,
    limit: Int
  ) throws(RegctlError) {
    self.store = store
    self.filter = filter
    self.order = order
    let oldestFirst = try store.archiveRuns(ofDeletions: areDeleted)
    runs = order == .oldestFirst ? oldestFirst.reversed() : oldestFirst
    remaining = limit
  }

  /// The next accounts, of which there is at least one; `nil` after the last one.
  package func next() throws(RegctlError) -> [ListedAccount]? {
    while remaining > 0, let run = runs.last {
      let batch = try store.archived(in: run, after: last, order: order, limit: order.pageSize)
      last = batch.last.map(order.place)
      if batch.count < order.pageSize {
        runs.removeLast()
        last = nil
      }
      let found = batch.filter { filter.includes($0.id, $0.email, registeredOn: $0.registeredOn) }
        .prefix(remaining)
      remaining -= found.count
      if !found.isEmpty { return Array(found) }
    }
    return nil
  }
}
