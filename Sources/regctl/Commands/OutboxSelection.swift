internal import RegctlCore

/// The selection of mails by the options of a command.
struct OutboxSelection: Sendable {
  static let state = Option<[OutboxEntry.State]>.choices(
    "state", "Only mails in this state, or in several: A,B")
  static let reply = Option<ReplyPrefix>.reply(
    "reply", "Only mails whose last reply has this code: 550, 5.7")
  static let declared: [any OptionDeclaration] = [state, reply] + Selection.ofAccounts

  let limit: Int
  private let selection: Selection
  private let states: [OutboxEntry.State]?
  private let reply: ReplyPrefix?
  private let order: RowOrder

  /// Reads the options; without `--state`, mails in some states, or in every state.
  init(_ arguments: ParsedArguments, usually states: [OutboxEntry.State]?) throws(UsageError) {
    selection = try Selection(arguments)
    limit = selection.limit
    self.states = try arguments[Self.state] ?? states
    reply = try arguments[Self.reply]
    order = try RowOrder(byNumber: arguments)
  }

  /// The addresses that name the accounts; see `Selection`.
  func addresses(in context: Context) throws(CommandError) -> [String]? {
    try selection.addresses(in: context)
  }

  /// The filter at a time, for the accounts that are named; `nil` if it selects nothing.
  func filter(of accounts: [AccountID]?, at now: LocalNow) -> OutboxFilter? {
    guard let interval = selection.interval(at: now) else { return nil }
    var filter = OutboxFilter(states: states, accounts: accounts)
    filter.queuedSince = interval.since
    filter.queuedBefore = interval.before
    filter.domain = selection.domain
    filter.reply = reply
    filter.order = order
    return filter
  }
}

extension Option where Value == ReplyPrefix {
  /// The beginning of the code of a server's reply.
  fileprivate static func reply(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("CODE"), summary) { text throws(UsageError.Expectation) in
      guard let prefix = ReplyPrefix(text) else {
        throw .format("must be a code or its beginning, such as 550 or 5.7")
      }
      return prefix
    }
  }
}
