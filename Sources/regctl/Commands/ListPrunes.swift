internal import Base
internal import RegctlCore

/// The `list-prunes` command.
struct ListPrunes: Command {
  static let columns = Row.columns + AccountRow.columns

  static func columns(of arguments: ParsedArguments) -> [Column] {
    arguments.operands.isEmpty ? Row.columns : AccountRow.columns
  }

  static let name = "list-prunes"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "List prune runs, or the accounts of one",
    description: """
      Lists the prune runs, newest first: when and by whom, the age limit, and how
      many accounts were pruned and restored. With a run, lists its accounts that
      the archive has: address, registration and id. Those that were restored are no
      longer in the archive. --sort is the order of these accounts.

      --since and --until are about the time of the run, or with a run about the
      time of registration. --domain, --email, --file and --stdin select accounts of
      the archive, and without a run the runs that took one of them.
      """,
    operands: [OperandUsage("RUN", .number, .optional)],
    options: Selection.ofAccounts + [ListOrder.ofNumbers] + Selection.ofList,
    exitCodes: [
      .ok, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl list-prunes", "Find a prune run"),
      Example("regctl list-prunes 1", "Who was in run 1"),
      Example("regctl list-prunes --email ann@example.org", "Which run took an account"),
    ])

  private let run: Int64?
  private let selection: Selection
  private let order: RowOrder
  private let printsCount: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    run = try arguments.operands.first.map { word throws(UsageError) in
      try arguments.number(word, named: "RUN")
    }
    selection = try Selection(arguments)
    order = try RowOrder(byNumber: arguments)
    if run == nil, arguments.has(ListOrder.ofNumbers) {
      throw arguments.error(.requires(ListOrder.ofNumbers.usage.flag, "RUN"))
    }
    printsCount = arguments[Selection.count]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let words = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let interval = selection.interval(at: context.localNow)
    guard let run else {
      let runs = try interval.map { interval throws(CommandError) in
        try self.runs(
          in: ReportInterval(since: interval.since, before: interval.before), words, store)
      }
      return summary(of: runs ?? [], to: sink)
    }
    guard try core(store.pruneRuns()).contains(where: { $0.number == run }) else {
      throw .core(.prune(.unknownRun(run, email: nil)))
    }
    let filter = try core(
      PruneFilter(
        named: interval == nil ? [] : words, domain: selection.domain, since: interval?.since,
        before: interval?.before))
    return try listAccounts(of: run, matching: filter, in: store, to: sink)
  }

  // MARK: Runs

  /// The selected runs, newest first.
  private func runs(
    in interval: ReportInterval, _ words: [String]?, _ store: Store
  ) throws(CommandError) -> [PruneRun] {
    let runs = try core(store.pruneRuns()).filter { interval.contains($0.at) }
    if words == nil, selection.domain == nil { return Array(runs.prefix(selection.limit)) }
    let filter = try core(
      PruneFilter(named: words, domain: selection.domain, since: nil, before: nil))
    var found: [PruneRun] = []
    for run in runs where found.count < selection.limit {
      let accounts = ArchivedAccounts(of: run.number, in: store, matching: filter, limit: 1)
      if try core(accounts.next()) != nil { found.append(run) }
    }
    return found
  }

  private func summary(of runs: [PruneRun], to sink: RowSink) -> Summary {
    var summary = Summary()
    if printsCount {
      summary.set(count: runs.count)
    } else {
      sink.list("prunes", of: Row.self, as: .table(), isCounted: true).push(runs.map(Row.init))
    }
    return summary
  }

  // MARK: Accounts

  private func listAccounts(
    of run: Int64, matching filter: PruneFilter, in store: Store, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let accounts = ArchivedAccounts(
      of: run, in: store, matching: filter, order: order, limit: selection.limit)
    var summary = Summary()
    if printsCount {
      var count = 0
      while let batch = try core(accounts.next()) { count += batch.count }
      summary.set(count: count)
      return summary
    }
    let rows = sink.list(
      "accounts", of: AccountRow.self, after: [ReportField("run", .integer(run))], as: .table(),
      isCounted: true)
    while rows.isWanted, let batch = try core(accounts.next()) {
      rows.push(
        batch.map { AccountRow(id: $0.id, email: $0.email, registeredOn: $0.registeredOn) })
    }
    return summary
  }

  /// A prune run.
  private struct Row: ResultRow {
    static let columns = [
      Column("run", rank: 0), Column("at", rank: 0), Column("by", rank: 2, least: 8),
      Column("cutoff", rank: 3), Column("pruned"), Column("restored", rank: 2),
    ]

    let run: PruneRun

    var cells: [ReportValue] {
      [
        .integer(run.number), .instant(run.at), .text(run.actor), .instant(run.cutoff),
        ReportValue(run.pruned), ReportValue(run.restored),
      ]
    }
  }

  /// A pruned account.
  private struct AccountRow: ResultRow {
    static let columns = [Column("email"), Column("registered_on"), Column("id")]

    let id: AccountID
    let email: String
    let registeredOn: AccountDate?

    var cells: [ReportValue] {
      [.text(email), ReportValue(registeredOn), .integer(id.rawValue)]
    }
  }
}
