internal import RegctlCore
internal import System

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
      Opens no database and prints no secret: secrets are named by file, and what
      may be one in the place of its file is not shown.
      """,
    options: ListOptions.usage,
    exitCodes: [.ok, .usage, .inputOutput, .noPermission, .configuration],
    examples: [
      Example("regctl config", "See what regctl works with"),
      Example("regctl config --config none", "See the built-in defaults"),
    ])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  /// What stands in the place of a value that is, or may be, a secret.
  static let hidden = "(not shown: a secret)"

  /// The value of a setting, unless it should name a file and may be the secret itself.
  private static func shown(_ setting: EffectiveSetting) -> String? {
    guard let value = setting.value, Setting.named(setting.key)?.namesSecretFile == true,
      SecretFile.mayBeSecret(value, ofSetting: setting.key)
    else { return setting.value }
    return hidden
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.settings()
    let owner = try core { () throws(RegctlError) in
      try context.identity.owner(of: configuration.db)
    }
    let salts = configuration.saltsThatAreKeys(uid: context.uid)
    let rows = configuration.effective.map { setting in
      [
        ReportValue.text(setting.key),
        salts.contains(setting.key) ? .text(Self.hidden) : ReportValue(Self.shown(setting)),
        .text(Diagnostic.words(for: setting.origin) ?? "default"),
      ]
    }
    var report = Report.list(.known("settings", Self.columns, rows))
    let user = owner?.user ?? User(uid: context.uid)
    report.fields = [ReportField("runs_as", .text(user.text))]
    if let owner {
      report.notes = [
        "regctl runs as user \(TerminalText.escape(user.text)), "
          + "the owner of \(TerminalText.quote(owner.path))"
      ]
    }
    return report
  }
}
