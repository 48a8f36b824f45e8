internal import RegctlCore

/// The `list-prunes` command.
struct ListPrunes: Command {
  static let columns = [
    Column("run"), Column("at"), Column("by"), Column("cutoff"), Column("pruned"),
    Column("restored"),
  ]

  static let name = "list-prunes"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "List runs of prune",
    description: """
      Lists the runs of prune, newest first: when and by whom, how old accounts had
      to be, how many went, and how many came back.
      """,
    options: ListOptions.usage,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [Example("regctl list-prunes", "Which run was it?")])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    let runs = try core { () throws(RegctlError) in try store.pruneRuns() }
    var list = RowList.known(
      "prunes", Self.columns,
      runs.map { run in
        [
          .integer(run.number), .instant(run.at), .text(run.actor), .instant(run.cutoff),
          .integer(Int64(run.pruned)), .integer(Int64(run.restored)),
        ]
      })
    list.isCounted = true
    return .list(list)
  }
}
