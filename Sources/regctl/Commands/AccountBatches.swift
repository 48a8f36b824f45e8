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
  private var last: ListPlace?

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

  /// Pushes the accounts as rows, or as lines where the list has tab-separated columns and the accounts
  /// are plain.
  func push<Row: ResultRow>(
    to rows: RowList<Row>, withTabs names: [String]?, _ row: (ListedAccount) -> Row
  ) throws(CommandError) {
    let columns = names.flatMap(PlainAccounts.Column.all)
    while remaining > 0 {
      if let columns, let plain = try nextLines(of: columns) {
        guard plain.count > 0, rows.push(lines: plain.lines) else { return }
      } else {
        guard let accounts = try next(), rows.push(accounts.map(row)) else { return }
      }
    }
  }

  /// The next accounts as lines, if any; `nil` if one of them is not plain.
  private func nextLines(
    of columns: [PlainAccounts.Column]
  ) throws(CommandError) -> PlainAccounts? {
    let size = min(batchSize, remaining)
    let batch = try core(
      store.plainAccounts(columns, after: last, matching: filter, limit: size))
    guard let batch else { return nil }
    remaining = batch.count < size ? 0 : remaining - batch.count
    last = batch.place
    return batch
  }

  /// The next accounts, or `nil` after the last one.
  func next() throws(CommandError) -> [ListedAccount]? {
    guard remaining > 0 else { return nil }
    let size = min(batchSize, remaining)
    let batch = try core(
      store.accounts(after: last, matching: filter, with: details, limit: size))
    remaining = batch.count < size ? 0 : remaining - batch.count
    last = batch.last?.place
    return batch.isEmpty ? nil : batch
  }
}
