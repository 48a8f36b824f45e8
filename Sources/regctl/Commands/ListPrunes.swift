internal import RegctlCore

/// The `list-prunes` command.
struct ListPrunes: Command {
  static let columns = Row.columns

  static let name = "list-prunes"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "List runs of prune",
    description: """
      Lists the runs of prune, newest first: when and by whom, how old accounts had
      to be, how many went, and how many came back.
      """,
    options: ListOptions.declared,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [Example("regctl list-prunes", "Which run was it?")])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    let runs = try core(store.pruneRuns())
    sink.list("prunes", of: Row.self, as: .table(), isCounted: true).push(runs.map(Row.init))
    return Summary()
  }

  /// A run of prune.
  private struct Row: ResultRow {
    static let columns = [
      Column("run"), Column("at"), Column("by"), Column("cutoff"), Column("pruned"),
      Column("restored"),
    ]

    let run: PruneRun

    var cells: [ReportValue] {
      [
        .integer(run.number), .instant(run.at), .text(run.actor), .instant(run.cutoff),
        ReportValue(run.pruned), ReportValue(run.restored),
      ]
    }
  }
}
