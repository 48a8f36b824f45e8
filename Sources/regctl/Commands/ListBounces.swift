internal import RegctlCore

/// The `list-bounces` command.
struct ListBounces: Command {
  static let columns = Row.columns

  private static let state = Option<[BounceRecord.Result]>.choices(
    "state", "Only reports with this result, or with several: A,B")
  private static let suppressed = Switch(
    "suppressed", "Only reports whose address gets no further mail")

  static let name = "list-bounces"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "List the reports of mail that was not delivered",
    description: """
      Lists the reports that regctl bounce recorded, oldest first: when a report was
      read, the address, what it says, and the words of the server. --since and
      --until are about the time when it was read.

      The result is 'bounced' for a mail that was not delivered, 'delayed' for one
      that was deferred or given up after a temporary failure, 'declined' for a
      refusal for a fault of the sender, and 'unverified' for a report that names a
      recipient and no mail. While 'suppressed' is true, the address gets no further
      mail: see regctl clear-bounce.
      """,
    options: [state, suppressed] + Selection.ofAccounts + [ListOrder.ofTimes]
      + Selection.ofList,
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl list-bounces --since 7d", "Reports of the last week"),
      Example("regctl list-bounces --suppressed", "Addresses that get no further mail"),
      Example(
        "regctl list-bounces --state declined --newest --limit 5", "Who refuses mail from here?"),
    ])

  private let selection: Selection
  private let results: [BounceRecord.Result]?
  private let isSuppressed: Bool
  private let order: RowOrder
  private let printsCount: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    selection = try Selection(arguments)
    results = try arguments[Self.state]
    isSuppressed = arguments[Self.suppressed]
    order = try RowOrder(byTime: arguments)
    printsCount = arguments[Selection.count]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let addresses = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let found = try Found(named: addresses, in: store)
    var summary = found?.summary(in: context) ?? Summary()
    let filter = filter(of: found?.ids, at: context.localNow)
    if printsCount {
      let all = try filter.map { filter throws(CommandError) in
        try core(store.bounceCount(matching: filter))
      }
      summary.set(count: min(all ?? 0, selection.limit))
      return summary
    }
    let rows = sink.list("bounces", of: Row.self, as: .table(), isCounted: true)
    guard let filter else { return summary }
    try rows.push(in: filter.order, atMost: selection.limit, as: Row.init) {
      last, size throws(RegctlError) in
      try store.bounces(after: last, matching: filter, limit: size)
    }
    return summary
  }

  /// The filter at a time, for the accounts that are named; `nil` if it selects nothing.
  private func filter(of accounts: [AccountID]?, at now: LocalNow) -> BounceFilter? {
    guard let interval = selection.interval(at: now) else { return nil }
    var filter = BounceFilter()
    filter.results = results
    filter.accounts = accounts
    filter.domain = selection.domain
    (filter.since, filter.before) = interval
    filter.isOnLedger = isSuppressed
    filter.order = order
    return filter
  }

  /// A report.
  private struct Row: ResultRow {
    static let columns: [Column] = [
      Column("id", isUsual: false), Column("at", rank: 2), .email,
      Column("result", rank: 0, isState: true), Column("status", rank: 3),
      Column("reply", least: 12), Column("suppressed", rank: 3), Column("mail", rank: 4),
      Column("reporter", isUsual: false, rank: 5, least: 8),
      Column("cleared_at", isUsual: false, rank: 5),
    ]

    let bounce: BounceRecord

    var cells: [ReportValue] {
      [
        .integer(bounce.id), .instant(bounce.at), .text(bounce.email),
        .text(bounce.result.rawValue), ReportValue(bounce.status), ReportValue(bounce.reply),
        .boolean(bounce.isOnLedger), bounce.mail.map { .integer($0.rawValue) } ?? .null,
        ReportValue(bounce.reporter), ReportValue(bounce.clearedAt),
      ]
    }
  }
}
