internal import RegctlCore

/// The selection of accounts by the options of a command.
struct AccountSelection: Sendable {
  static let state = Option<[State]>.choices(
    "state", "Only accounts in this state, or in one of several: A,B")

  /// The state of accounts that can be changed.
  static let stateInTable = Option<[AccountFilter.State]>.choices(
    "state", "Only accounts in this state, or in one of several: A,B")

  /// The state of the last mail, where all accounts are unconfirmed.
  static let mailState = Option<[OutboxEntry.State]>.choices(
    "state", synonyms: ["--mail-state"], "Only accounts whose last mail is in this state, or A,B")
  static let sortByAddress = Option<ListOrder.ByNumber>.choice(
    "sort", "The order (default email)")
  static let sortByDate = Option<DateOrder>.choice("sort", "The order (default registered)")

  enum State: String, CaseIterable, Sendable {
    case unconfirmed, confirmed, admin, locked, bounced, pruned, deleted

    /// The state of an account in the table; `nil` for one in the archive.
    fileprivate var inTable: AccountFilter.State? { AccountFilter.State(rawValue: rawValue) }
  }

  enum DateOrder: String, CaseIterable, Sendable { case registered, email }

  let limit: Int
  private let selection: Selection
  private let filter: AccountFilter

  private static let batchSize = 1000

  private init(
    _ arguments: ParsedArguments, _ filter: AccountFilter, by order: AccountFilter.Order,
    newestFirst: AccountFilter.Order
  ) throws(UsageError) {
    selection = try Selection(arguments)
    limit = selection.limit
    var filter = filter
    filter.domain = selection.domain
    filter.order = selection.isNewestFirst ? newestFirst : order
    if order == .email, arguments.has(ListOrder.ofNumbers) { try arguments.refuseNewest() }
    self.filter = filter
  }

  /// All accounts in the states of `--state`, or those that `filter` selects besides.
  init(
    all arguments: ParsedArguments, matching filter: AccountFilter,
    usually usual: ListOrder.ByNumber = .id
  ) throws(UsageError) {
    var filter = filter
    let states = try arguments[Self.state]
    if filter.states == nil { filter.states = states?.compactMap(\.inTable) }
    let order = try arguments[ListOrder.ofNumbers] ?? usual
    try self.init(
      arguments, filter, by: order == .id ? .id : .email, newestFirst: .idDescending)
  }

  /// The accounts to change, in the states of `--state`, by their numbers.
  init(changed arguments: ParsedArguments) throws(UsageError) {
    var filter = AccountFilter()
    filter.states = try arguments[Self.stateInTable]
    try self.init(arguments, filter, by: .id, newestFirst: .idDescending)
  }

  /// The unconfirmed accounts whose last mail is in a state of `--state`.
  init(unconfirmed arguments: ParsedArguments) throws(UsageError) {
    var filter = AccountFilter()
    filter.mailStates = try arguments[Self.mailState]
    try self.init(waiting: arguments, matching: filter)
  }

  /// The unconfirmed accounts.
  init(waiting arguments: ParsedArguments) throws(UsageError) {
    try self.init(waiting: arguments, matching: AccountFilter())
  }

  private init(
    waiting arguments: ParsedArguments, matching filter: AccountFilter
  ) throws(UsageError) {
    var filter = filter
    filter.states = [.unconfirmed]
    let order = try arguments[Self.sortByDate] ?? .registered
    try self.init(
      arguments, filter, by: order == .registered ? .registered : .email,
      newestFirst: .registeredDescending)
  }

  /// The addresses that name the accounts; see `Selection`.
  func addresses(in context: Context) throws(CommandError) -> [String]? {
    try selection.addresses(in: context)
  }

  /// The number of selected accounts, of those that are named.
  func count(
    of ids: [AccountID]?, in store: Store, at now: LocalNow
  ) throws(CommandError) -> Int {
    guard let filter = resolved(ids, at: now) else { return 0 }
    return min(try core(store.accountCount(matching: filter)), limit)
  }

  /// The selected accounts, of those that are named, up to the limit of the selection or another.
  func batches(
    of ids: [AccountID]?, in store: Store, with details: AccountDetails = [], at now: LocalNow,
    batchSize: Int = Self.batchSize, limit: Int? = nil
  ) -> AccountBatches {
    let filter = resolved(ids, at: now)
    return AccountBatches(
      of: store, matching: filter ?? AccountFilter(), with: details,
      limit: filter == nil ? 0 : limit ?? self.limit, batchSize: batchSize)
  }

  /// The filter with absolute times; `nil` if it selects nothing.
  private func resolved(_ ids: [AccountID]?, at now: LocalNow) -> AccountFilter? {
    guard let interval = selection.interval(at: now) else { return nil }
    var filter = filter
    filter.ids = ids
    (filter.registeredSince, filter.registeredBefore) = interval
    return filter
  }
}
