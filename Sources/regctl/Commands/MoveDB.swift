internal import Base
internal import RegctlCore

/// The `move-db` command.
struct MoveDB: Command {
  static let name = "move-db"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Copy everything into an empty database elsewhere",
    description: """
      Copies the accounts, mails, archive and audit from a file to a server, from a
      server to a file, or between servers, compares every row, and says which
      setting to change. URI is what 'db' will be. The copy is complete or does not
      exist; the present database is not changed and remains in use. Stop the
      application and the timers first: what they write later is not in the copy.
      Other commands that write wait, or end with exit code 75.
      """,
    operands: [OperandUsage("URI", .file)],
    exitCodes: [
      .ok, .usage, .data, .noInput, .unavailable, .cannotCreate, .inputOutput, .temporary,
      .noPermission, .configuration,
    ],
    examples: [
      Example(
        "regctl move-db postgresql://owner@db.example/app", "From a file to a server, as its owner"),
      Example(
        "regctl move-db dev.db --db postgresql://regctl@db.example/app",
        "From a server to a new file"),
    ])

  private let uri: String

  init(_ arguments: ParsedArguments) throws(UsageError) { uri = arguments.onlyOperand }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let settings = try context.settings()
    let destination = try location(settings, uid: context.uid)
    // Before root works as the owner of the database, who may not read the password.
    let move = try core(MoveStore(to: destination, settings))
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .writing, writesAudit: false)
    try core(context.identity.work(at: destination))
    let progress = WorkProgress(of: Self.name, counting: "row", in: context)
    defer { progress.end() }
    let report = try core(
      move.perform(from: store, at: context.now, reporting: progress.report))
    return summary(of: report, from: configuration, to: destination)
  }

  private func location(
    _ settings: Configuration, uid: UInt32
  ) throws(CommandError) -> DatabaseLocation {
    do throws(ConfigurationError.ValueFault) {
      return try settings.location(uri, uid: uid)
    } catch {
      throw .core(
        .configuration(
          ConfigurationError(
            origin: .option("URI"), fault: .value(setting: "db", value: uri, fault: error))))
    }
  }

  private func summary(
    of report: CopyReport, from configuration: Configuration, to destination: DatabaseLocation
  ) -> Summary {
    let counts = [
      Plural.count(report.accounts, "account"), Plural.count(report.mails, "mail"),
      Plural.count(report.archived, "pruned account"),
      Plural.count(report.auditEntries, "audit entry", "audit entries"),
    ].joined(separator: ", ")
    let (source, target) = (
      TerminalText.escape(configuration.db.text), TerminalText.escape(destination.text)
    )
    var summary = Summary(
      [
        ReportField("result", .text("moved")), ReportField("path", .text(configuration.db.text)),
        ReportField("destination", .text(destination.text)),
        ReportField("accounts", .integer(Int64(report.accounts))),
        ReportField("mails", .integer(Int64(report.mails))),
        ReportField("archived", .integer(Int64(report.archived))),
        ReportField("audit_entries", .integer(Int64(report.auditEntries))),
        ReportField("tables_left", .list(report.furtherTables.map(ReportValue.text))),
      ], "Copied \(source) to \(target) and compared every row: \(counts).")
    summary.notes = [
      "\(source) is still in use; set in regctl.conf: db = \(TerminalText.escape(uri))"
    ]
    let key = configuration.effectiveSecretKeyFile
    if configuration.secretKeyFile(for: destination) != key,
      !SecretFile.mayBeSecret(key, ofSetting: "secret_key_file")
    {
      summary.notes.append(
        "the signing key is not moved; set: secret_key_file = \(TerminalText.escape(key))")
    }
    summary.warnings = Self.warnings(about: report)
    return summary
  }

  /// What the copy does not have.
  private static func warnings(about report: CopyReport) -> [String] {
    var warnings = report.changes.map { change in
      switch change {
      case .default(let column):
        "the default of the column \(TerminalText.escape(column)) is not copied"
      case .type(let column, let type):
        "the column \(TerminalText.escape(column)) has texts in place of \(TerminalText.escape(type))"
      }
    }
    if !report.furtherTables.isEmpty {
      let names = report.furtherTables.map(TerminalText.escape).joined(separator: ", ")
      warnings.append("other tables of the application are not copied: \(names)")
    }
    return warnings
  }
}
