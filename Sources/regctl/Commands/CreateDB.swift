internal import RegctlCore

/// The `create-db` command.
struct CreateDB: Command {
  private static let ifNotExists = Switch(
    "if-not-exists", "Succeed if the database already exists")
  private static let journalMode = Option<JournalMode>.choice(
    "journal-mode", "wal (default), or truncate for read-only users")

  static let name = "create-db"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Create the database",
    description: """
      Creates the account database, readable by its owner only (mode 0600), and a
      random signing key in 'secret.key' beside it unless secret_key_file names
      another file. The table 'users' is that of the original Flask application.
      Existing files are never replaced.
      """,
    options: [ifNotExists, journalMode],
    exitCodes: [.ok, .usage, .cannotCreate, .inputOutput, .noPermission, .configuration],
    examples: [
      Example("regctl create-db", "Create the database in its default place"),
      Example("regctl create-db --db staging.db --if-not-exists", "In a script that may run again"),
    ])

  private let acceptsExisting: Bool
  private let journalMode: JournalMode

  init(_ arguments: ParsedArguments) throws(UsageError) {
    acceptsExisting = arguments[Self.ifNotExists]
    journalMode = try arguments[Self.journalMode] ?? .wal
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let created = try core(
      CreateStore(configuration, journalMode: journalMode, acceptsExisting: acceptsExisting)
        .perform(at: context.now, by: context.actor, uid: context.uid))
    let path = TerminalText.escape(configuration.db.text)
    var summary = Summary(
      [
        ReportField("result", .text(created.isNew ? "created" : "exists")),
        ReportField("path", .text(configuration.db.text)),
        ReportField("db_schema", .integer(created.schemaVersion)),
        ReportField("secret_key_file", .text(Self.shownKeyFile(configuration))),
      ],
      "\(created.isNew ? "Created" : "Found") \(path) (schema \(created.schemaVersion)).")
    if created.hasNewKey {
      summary.notes = [
        "a new signing key is in \(TerminalText.escape(configuration.effectiveSecretKeyFile))"
      ]
    }
    summary.next = "regctl create-admin EMAIL"
    return summary
  }

  /// The path of the key file, unless it may be the key itself.
  private static func shownKeyFile(_ configuration: Configuration) -> String {
    let path = configuration.effectiveSecretKeyFile
    return SecretFile.mayBeSecret(path, ofSetting: "secret_key_file")
      ? Config.hidden : path
  }
}
