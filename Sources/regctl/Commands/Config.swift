internal import RegctlCore
internal import System

/// The `config` command.
struct Config: Command {
  static let columns = Row.columns

  static let name = "config"
  static let usage = CommandUsage(
    name: name, group: .database,
    summary: "Show every setting and its origin",
    description: """
      Shows each setting of regctl.conf with its value and its origin: an option, an
      environment variable, a systemd credential, a line of a file, or the built-in
      default. Shows which user regctl runs as when root works on the database of
      another user. It opens no database and prints no secret: secrets are shown by
      file name, and a value that may be a secret itself is hidden.
      """,
    options: ListOptions.declared,
    exitCodes: [.ok, .usage, .inputOutput, .noPermission, .configuration],
    examples: [
      Example("regctl config", "Show the settings in effect"),
      Example("regctl config --config none", "Show the built-in defaults"),
    ])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  /// The replacement for a value that is, or may be, a secret.
  static let hidden = "(not shown: a secret)"

  /// The value of a setting, unless it should name a file and may be the secret itself.
  private static func shown(_ setting: EffectiveSetting) -> String? {
    guard let value = setting.value, Setting.named(setting.key)?.namesSecretFile == true,
      SecretFile.mayBeSecret(value, ofSetting: setting.key)
    else { return setting.value }
    return hidden
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.settings()
    let owner = try core(context.identity.owner(of: configuration.db))
    let salts = configuration.hiddenSalts(uid: context.uid)
    let user = owner?.user ?? User(uid: context.uid)
    sink.list(
      "settings", of: Row.self, after: [ReportField("runs_as", .text(user.text))], as: .records
    ).push(
      configuration.effective.map { setting in
        Row(
          key: setting.key,
          value: salts.contains(setting.key) ? Self.hidden : Self.shown(setting),
          origin: Diagnostic.words(for: setting.origin) ?? "default")
      })
    var summary = Summary()
    if let owner {
      summary.notes = [
        "regctl runs as user \(TerminalText.escape(user.text)), "
          + "the owner of \(TerminalText.quote(owner.path))"
      ]
    }
    return summary
  }

  /// An effective setting.
  private struct Row: ResultRow {
    static let columns = [
      Column("key", rank: 0), Column("value", least: 8), Column("origin", least: 8),
    ]

    let key: String
    let value: String?
    let origin: String

    var cells: [ReportValue] { [.text(key), ReportValue(value), .text(origin)] }
  }
}
