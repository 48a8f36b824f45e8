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
      default. Opens no database and prints no secret: secrets are named by file.
      """,
    options: ListOptions.usage,
    exitCodes: [.ok, .usage, .inputOutput, .noPermission, .configuration],
    examples: [
      Example("regctl config", "See what regctl works with"),
      Example("regctl config --config none", "See the built-in defaults"),
    ])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context) throws(CommandError) -> Report {
    let rows = try context.configuration().effective.map { setting in
      [
        ReportValue.text(setting.key), ReportValue(setting.value),
        .text(Diagnostic.words(for: setting.origin) ?? "default"),
      ]
    }
    return .list(.known("settings", Self.columns, rows))
  }
}
