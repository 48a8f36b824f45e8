internal import RegctlCore

/// The `config` command.
struct ShowConfiguration: Command {
  static let columns = [Column("key"), Column("value"), Column("origin")]

  static let name = "config"
  static let usage = CommandUsage(
    name: name, group: .database,
    summary: "Show every setting in force and where it came from",
    description: """
      Shows each setting of regctl.conf with its value and its origin: an option, an
      environment variable, a systemd credential, a line of a file, or the built-in
      default. Says as which user root would work on the database, if not as root.
      Opens no database and prints no secret: secrets are named by file.
      """,
    options: ListOptions.usage,
    exitCodes: [.ok, .usage, .inputOutput, .noPermission, .configuration],
    examples: [
      Example("regctl config", "See what regctl works with"),
      Example("regctl config --config none", "See the built-in defaults"),
    ])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.settings()
    let owner = try core { () throws(RegctlError) in
      try context.identity.owner(of: configuration.db)
    }
    let rows = configuration.effective.map { setting in
      [
        ReportValue.text(setting.key), ReportValue(setting.value),
        .text(Diagnostic.words(for: setting.origin) ?? "default"),
      ]
    }
    var report = Report.list(.known("settings", Self.columns, rows))
    let user = owner?.user ?? User(uid: context.uid)
    report.fields = [ReportField("runs_as", .text(user.text))]
    if let owner {
      report.notes = [
        "regctl works as user \(TerminalText.escape(user.text)), "
          + "to whom \(TerminalText.quote(owner.path)) belongs"
      ]
    }
    return report
  }
}
