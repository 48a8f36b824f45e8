internal import RegctlCore

/// The `backup` command.
struct Backup: Command {
  static let name = "backup"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Copy the database while it is in use",
    description: """
      Writes a consistent copy of the database into a new file while the application
      and regctl keep running. The copy is complete or does not exist, and only its
      owner can read it. A database on a server becomes such a file too, with the
      accounts and all that regctl keeps. The signing keys are in another file: copy
      that file too, and store it separately. 'regctl restore' brings a copy back.
      """,
    operands: [OperandUsage("FILE", .file)],
    exitCodes: [
      .ok, .usage, .data, .noInput, .unavailable, .cannotCreate, .inputOutput, .temporary,
      .noPermission, .configuration,
    ],
    examples: [Example("regctl backup before-upgrade.db", "Before an upgrade")])

  private let path: String

  init(_ arguments: ParsedArguments) throws(UsageError) { path = arguments.onlyOperand }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    try core(context.identity.work(onCopy: path, of: store.location))
    let progress = WorkProgress(of: Self.name, counting: "page", in: context)
    defer { progress.end() }
    try core(store.backUp(to: path, at: context.now, reporting: progress.report))
    return Summary(
      [ReportField("result", .text("copied")), ReportField("path", .text(path))],
      "Copied \(TerminalText.escape(store.location.text)) to \(TerminalText.escape(path)).")
  }
}
