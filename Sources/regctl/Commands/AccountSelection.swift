internal import Base
internal import RegctlCore

/// The selection of accounts by the options of a command.
struct AccountSelection: Sendable {
  static let state = Option<AccountFilter.State>.choice("state", "Only accounts in this state")
  static let since = Option<TimeReference>.time("since", "Only accounts registered since then")
  static let until = Option<TimeReference>.time("until", "Only accounts registered until then")
  static let domain = Option<String>.domain("domain", "Only addresses of this domain")
  static let limit = Option<Int>.count("limit", "Print at most N")
  static let newest = Switch("newest", "Begin with the newest")
  static let declared: [any OptionDeclaration] = [state, since, until, domain, limit, newest]

  private let filter: AccountFilter
  private let since: TimeReference?
  private let until: TimeReference?
  private let limit: Int

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments, pattern: String?) throws(UsageError) {
    var filter = AccountFilter()
    filter.pattern = pattern
    filter.state = try arguments[Self.state]
    filter.domain = try arguments[Self.domain]
    filter.order = arguments[Self.newest] ? .newestFirst : .oldestFirst
    self.filter = filter
    since = try arguments[Self.since]
    until = try arguments[Self.until]
    limit = try arguments[Self.limit] ?? .max
  }

  /// The number of selected accounts.
  func count(in store: Store, at now: Instant) throws(CommandError) -> Int {
    guard let filter = resolved(at: now) else { return 0 }
    return min(try core(store.accountCount(matching: filter)), limit)
  }

  /// Calls `body` with the selected accounts in batches until it returns `false`; the database is
  /// not locked between batches.
  func forEachBatch(
    of store: Store, at now: Instant, _ body: ([Account]) -> Bool
  ) throws(CommandError) {
    guard let filter = resolved(at: now) else { return }
    var last: AccountID?
    var remaining = limit
    while remaining > 0 {
      let size = min(Self.batchSize, remaining)
      let batch = try core(store.accounts(after: last, matching: filter, limit: size))
      guard let newest = batch.last, body(batch) else { break }
      last = newest.id
      remaining = batch.count < size ? 0 : remaining - batch.count
    }
  }

  /// The filter with absolute times; `nil` if it selects nothing.
  private func resolved(at now: Instant) -> AccountFilter? {
    var filter = filter
    filter.registeredSince = since?.start(at: now)
    if let until {
      guard let end = until.end(at: now) else { return nil }
      filter.registeredBefore = end
    }
    return filter
  }
}
