internal import RegctlCore

/// The `migrate-db` command.
struct MigrateDB: Command {
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show what would be done; change nothing")
  private static let uniqueEmail = Switch(
    "unique-email", "Forbid accounts whose addresses differ in case only")

  static let name = "migrate-db"
  static let usage = CommandUsage(
    name: name, group: .database,
    summary: "Adopt an application's database, or update an older one",
    description: """
      Brings the original application's database, or one of an older regctl, to the
      present schema in one transaction. Only tables, indexes and triggers named
      'regctl_...' are added: the application's table and its journal mode stay as
      they are, and the application goes on working.
      """,
    options: [dryRun, uniqueEmail],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl migrate-db --db dev.sqlite --dry-run", "See what regctl would add"),
      Example("regctl migrate-db --db dev.sqlite", "Adopt the application's database"),
    ])

  private let isDryRun: Bool
  private let wantsUniqueEmail: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    isDryRun = arguments[Self.dryRun]
    wantsUniqueEmail = arguments[Self.uniqueEmail]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let migration = try core(
      Store.migrate(
        configuration.db, uniqueEmail: wantsUniqueEmail, dryRun: isDryRun,
        busyTimeout: configuration.busyTimeout, at: context.now, by: context.actor))
    let path = TerminalText.escape(migration.path)
    let verb = isDryRun ? "Would add" : "Added"
    var lines = migration.steps.map { "\(verb) \($0)." }
    lines.append(
      migration.steps.isEmpty
        ? "\(path) is up to date (schema \(migration.to))."
        : "\(isDryRun ? "Would bring" : "Brought") \(path) to schema \(migration.to).")
    var summary = Summary(
      [
        ReportField("result", .text(migration.steps.isEmpty ? "up_to_date" : "migrated")),
        ReportField("path", .text(migration.path)), ReportField("dry_run", .boolean(isDryRun)),
        ReportField("from", migration.from.map(ReportValue.integer) ?? .null),
        ReportField("to", .integer(migration.to)),
        ReportField("steps", .list(migration.steps.map(ReportValue.text))),
        ReportField("duplicates", .list(migration.duplicates.map(ReportValue.text))),
      ])
    summary.sentences = lines
    summary.notes = migration.duplicates.map { group in
      "these accounts differ in case only, and stay as they are: \(TerminalText.escape(group))"
    }
    return summary
  }
}
