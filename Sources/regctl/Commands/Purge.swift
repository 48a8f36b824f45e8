internal import Base
internal import RegctlCore

/// The `purge` command.
struct Purge: Command {
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show what would be purged, change nothing")

  static let name = "purge"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "Remove what is kept no longer, for good",
    description: """
      Removes accounts that were pruned or deleted longer ago than archive_keep (90
      days), which cannot be restored any more, with their withheld passwords and
      locks; and mails with their attempts that were sent or given up longer ago
      than outbox_keep (52 weeks), with requested changes of address of that age.
      Reports keep their figures, and the audit is not changed: regctl erase removes
      a person from it. What is deleted from a file is overwritten.

      Rows are removed in small batches, so that others hardly wait. A run that was
      stopped is continued by the next one.
      """,
    options: [dryRun, StatedReason.option],
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [
      Example("regctl purge --dry-run", "How much would be purged"),
      Example("regctl purge --quiet", "From cron, once a day"),
    ])

  private let isDryRun: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) { isDryRun = arguments[Self.dryRun] }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let purge = try core(RegctlCore.Purge(configuration, at: context.now))
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    if isDryRun {
      return summary(of: purge, try core(purge.survey(store)), "Would purge")
    }
    let progress = WorkProgress(of: Self.name, counting: "row", in: context)
    defer { progress.end() }
    let expected = progress.isShown ? try core(purge.survey(store)).sum : nil
    let totals = try core(
      purge.perform(in: store, at: context.now, by: context.actor) { totals in
        progress.show(totals.sum, of: expected)
      })
    return summary(of: purge, totals, "Purged")
  }

  private func summary(
    of purge: RegctlCore.Purge, _ totals: RegctlCore.Purge.Totals, _ verb: String
  ) -> Summary {
    Summary(
      [
        ReportField("dry_run", .boolean(isDryRun)),
        ReportField("archive_cutoff", ReportValue(purge.archiveCutoff)),
        ReportField("outbox_cutoff", ReportValue(purge.outboxCutoff)),
        ReportField("accounts", ReportValue(totals.accounts)),
        ReportField("mails", ReportValue(totals.mails)),
        ReportField("changes", ReportValue(totals.changes)),
      ], Self.sentence(on: totals, verb))
  }

  private static func sentence(on totals: RegctlCore.Purge.Totals, _ verb: String) -> String {
    if totals.isEmpty { return "Nothing to purge." }
    let counts = [
      (totals.accounts, "archived account"), (totals.mails, "mail"),
      (totals.changes, "change of address"),
    ].filter { $0.0 > 0 }
    let parts = counts.map { count, noun in
      Plural.count(count, noun, noun == "change of address" ? "changes of address" : nil)
    }
    return "\(verb) \(parts.joined(separator: ", "))."
  }
}
