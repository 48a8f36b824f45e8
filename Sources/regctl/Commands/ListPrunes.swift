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
      longer in the archive.
      """,
    operands: [OperandUsage("RUN", .number, .optional)],
    options: ListOptions.declared,
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl list-prunes", "Find a prune run"),
      Example("regctl list-prunes 1", "Who was in run 1"),
    ])

  private let run: Int64?

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    run = try arguments.operands.first.map { word throws(UsageError) in
      try arguments.number(word, named: "RUN")
    }
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    let runs = try core(store.pruneRuns())
    if let run {
      guard runs.contains(where: { $0.number == run }) else {
        throw .core(.prune(.unknownRun(run, email: nil)))
      }
      return try listAccounts(of: run, in: store, to: sink)
    }
    sink.list("prunes", of: Row.self, as: .table(), isCounted: true).push(runs.map(Row.init))
    return Summary()
  }

  private func listAccounts(
    of run: Int64, in store: Store, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let rows = sink.list(
      "accounts", of: AccountRow.self, after: [ReportField("run", .integer(run))], as: .table(),
      isCounted: true)
    var last = AccountID(rawValue: .min)
    while rows.isWanted {
      let batch = try core(store.archived(in: run, after: last, limit: Self.batchSize))
      guard let newest = batch.last else { break }
      last = newest.id
      rows.push(
        batch.map { AccountRow(id: $0.id, email: $0.email, registeredOn: $0.registeredOn) })
    }
    return Summary()
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
