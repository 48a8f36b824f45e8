internal import Base
internal import RegctlCore

/// The `restore` command.
struct Restore: Command {
  private static let dryRun = Switch(
    "dry-run", short: "n", "Check the copy and say what would be replaced")
  private static let yes = Switch("yes", short: "y", "Do not ask")

  static let name = "restore"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Put a backup in the place of the database",
    description: """
      Replaces the database by a copy that 'regctl backup' made, after a check of
      its pages, its schema and its audit. The database has either the old content
      or the new one, also after an interruption, and the audit records the command.
      If the database has accounts, regctl asks unless --yes is given. A database on
      a server must be empty. Stop the application and the timers first.
      """,
    operands: [OperandUsage("FILE", .file)],
    options: [dryRun, yes, StatedReason.option],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .unavailable, .cannotCreate, .inputOutput, .temporary,
      .noPermission, .configuration,
    ],
    examples: [
      Example("regctl restore before-upgrade.db --dry-run", "Check a copy"),
      Example("regctl restore before-upgrade.db --yes", "Go back to the state of a copy"),
    ])

  private let path: String
  private let isDryRun: Bool
  private let isSure: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    path = arguments.onlyOperand
    isDryRun = arguments[Self.dryRun]
    isSure = arguments[Self.yes]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    // Before root works as another user, who may not read the password of a server.
    let settings = try context.settings()
    let restoration = try core(RestoreStore(into: settings))
    let configuration = try context.configuration()
    try core(context.identity.work(onCopy: path, of: configuration.db))
    let progress = WorkProgress(of: Self.name, counting: "page", in: context)
    defer { progress.end() }
    let copy = try core(restoration.open(path, reporting: progress.report))
    let present = try core(restoration.present())
    if !isDryRun {
      // A question follows.
      progress.end()
      try context.requireReason(by: configuration)
      let question = question(about: configuration, present, copy)
      if let question,
        try !context.confirm(question, isSure: isSure, command: Self.name)
      {
        throw .declined
      }
      try core(
        restoration.perform(
          copy, at: context.now, by: context.actor, reporting: progress.report))
    }
    return summary(of: configuration, present, copy)
  }

  /// `nil` when nothing is lost.
  private func question(
    about configuration: Configuration, _ present: RestoreStore.Present, _ copy: RestoreStore.Copy
  ) -> String? {
    guard case .accounts(let count) = present else { return nil }
    return "Replace \(TerminalText.escape(configuration.db.text)) "
      + "(\(Plural.count(count, "account"))) by \(TerminalText.escape(path)) "
      + "(\(Plural.count(copy.accounts, "account")))?"
  }

  private func summary(
    of configuration: Configuration, _ present: RestoreStore.Present, _ copy: RestoreStore.Copy
  ) -> Summary {
    let replaced: ReportValue =
      if case .accounts(let count) = present { .integer(Int64(count)) } else { .null }
    var summary = Summary(
      [
        ReportField("result", .text("restored")), ReportField("path", .text(configuration.db.text)),
        ReportField("dry_run", .boolean(isDryRun)), ReportField("file", .text(path)),
        ReportField("accounts", .integer(Int64(copy.accounts))),
        ReportField("replaced_accounts", replaced),
      ],
      "\(isDryRun ? "Would restore" : "Restored") \(TerminalText.escape(configuration.db.text)) from "
        + "\(TerminalText.escape(path)): \(Plural.count(copy.accounts, "account")).")
    if copy.isOutdated { summary.next = "regctl migrate-db" }
    return summary
  }
}
