internal import RegctlCore

/// The `list-prunes` command.
struct ListPrunes: Command {
  static let columns = Row.columns

  static let name = "list-prunes"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "List prune runs",
    description: """
      Lists the prune runs, newest first: when and by whom, the age limit, and how
      many accounts were pruned and restored.
      """,
    options: ListOptions.declared,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [Example("regctl list-prunes", "Find a prune run")])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    let runs = try core(store.pruneRuns())
    sink.list("prunes", of: Row.self, as: .table(), isCounted: true).push(runs.map(Row.init))
    return Summary()
  }

  /// A prune run.
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
