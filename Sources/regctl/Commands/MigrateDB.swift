internal import Base
internal import RegctlCore

/// The `migrate-db` command.
struct MigrateDB: Command {
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show what would be done, change nothing")
  private static let uniqueEmail = Switch(
    "unique-email", "Forbid addresses that differ only in case")
  private static let grant = Option<String>.line(
    "grant", "ROLE", "Grant a role of the server what commands need")
  private static let grantRead = Option<String>.line(
    "grant-read", "ROLE", "Grant a role what commands that only read need")

  static let name = "migrate-db"
  static let usage = CommandUsage(
    name: name, group: .database,
    summary: "Adopt an application's database, or update an old one",
    description: """
      Migrates the database of the original application, or of an older version of
      regctl, to the current schema in one transaction. It only adds tables, indexes
      and triggers named 'regctl_...': the application's table and its journal mode
      do not change, and the application keeps working. It restores objects that
      another program removed, such as a migration of the application. On a server
      it must run as the owner of the application's table; a role of regctl's own
      needs no more than what --grant gives it.
      """,
    options: [dryRun, uniqueEmail, grant, grantRead],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl migrate-db --db dev.sqlite --dry-run", "See what regctl would add"),
      Example("regctl migrate-db --db dev.sqlite", "Adopt the application's database"),
      Example("regctl migrate-db --grant regctl --dry-run", "See what a role would be granted"),
    ])

  private let isDryRun: Bool
  private let wantsUniqueEmail: Bool
  private let grants: [Grant]

  init(_ arguments: ParsedArguments) throws(UsageError) {
    isDryRun = arguments[Self.dryRun]
    wantsUniqueEmail = arguments[Self.uniqueEmail]
    grants = [
      try arguments[Self.grant].map { Grant(.writing, to: $0) },
      try arguments[Self.grantRead].map { Grant(.reading, to: $0) },
    ].compactMap(\.self)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    var mapping = configuration.users
    let migration = try migrate(configuration, with: &mapping, in: context)
    let path = TerminalText.escape(migration.path)
    let verb = isDryRun ? "Would add" : "Added"
    var lines = migration.steps.map { "\(verb) \($0)." }
    if migration.replacedPasswords > 0 {
      let accounts = Plural.count(migration.replacedPasswords, "account")
      lines.append(
        "\(isDryRun ? "Would replace" : "Replaced") the password ! of \(accounts) by a hash.")
    }
    lines.append(
      migration.isUpToDate
        ? "\(path) is up to date (schema \(migration.to))."
        : "\(isDryRun ? "Would bring" : "Brought") \(path) to schema \(migration.to).")
    lines += migration.grants.map { "\(TerminalText.escape($0));" }
    let zone = DatabaseZone.ofSystem(variable: context.environment["TZ"])?.name
    let settings = migration.hasUnknownZone ? zone.map { ["db_timezone = \($0)"] } ?? [] : []
    var summary = Summary(
      [
        ReportField("result", .text(migration.isUpToDate ? "up_to_date" : "migrated")),
        ReportField("path", .text(migration.path)), ReportField("dry_run", .boolean(isDryRun)),
        ReportField("from", migration.from.map(ReportValue.integer) ?? .null),
        ReportField("to", .integer(migration.to)),
        ReportField("steps", .list(migration.steps.map(ReportValue.text))),
        ReportField("replaced_passwords", .integer(Int64(migration.replacedPasswords))),
        ReportField("changed_audit_entry", ReportValue(migration.changedAuditEntry)),
        ReportField("duplicates", .list(migration.duplicates.map(ReportValue.text))),
        ReportField("grants", .list(migration.grants.map(ReportValue.text))),
        ReportField("settings", .list(settings.map(ReportValue.text))),
      ])
    summary.sentences = lines
    if mapping != configuration.users {
      let lines: Hint = "add to regctl.conf: \(lines: mapping)"
      summary.notes.append(lines.text)
    }
    if migration.usesAlembic {
      summary.notes.append("the application uses Alembic: \(DatabaseAdvice.alembic.text)")
    }
    if migration.hasUnknownZone {
      summary.notes.append(
        "the application's dates have no time zone; "
          + (settings.first.map { "if it is that of this system, add to regctl.conf: \($0)" }
            ?? "add its zone to regctl.conf, such as: db_timezone = Europe/Berlin"))
    }
    if migration.from == nil, !configuration.saysWhoMails {
      summary.notes.append(
        "if the application mails its links itself, set application_mails = yes: prune keeps accounts"
          + " that regctl did not mail")
    }
    summary.warnings = migration.duplicates.map { group in
      "these accounts differ only in case and were not changed: \(TerminalText.escape(group))"
    }
    if let number = migration.changedAuditEntry {
      summary.warnings.append(
        "audit entry \(number) was changed, or an entry before it was deleted; audit --verify reports"
          + " that after the migration too")
    }
    return summary
  }

  /// Migrates, and if the application names its table otherwise, asks whether to do so with the
  /// mapping that seems to be right.
  private func migrate(
    _ configuration: Configuration, with mapping: inout UsersMapping, in context: Context
  ) throws(CommandError) -> MigrationReport {
    do throws(RegctlError) {
      return try migrate(configuration, with: mapping, in: context)
    } catch {
      guard case .store(.mappingProposed(_, let proposed)) = error, !context.globals.noInput else {
        throw .core(error)
      }
      let lines: Hint = "\(lines: proposed)"
      guard let answer = context.terminal.confirm("Adopt with \(lines.text)?") else {
        throw .core(error)
      }
      guard answer else { throw .declined }
      mapping = proposed
    }
    return try core(migrate(configuration, with: mapping, in: context))
  }

  private func migrate(
    _ configuration: Configuration, with mapping: UsersMapping, in context: Context
  ) throws(RegctlError) -> MigrationReport {
    try Store.migrate(
      configuration.db, mapping: mapping, uniqueEmail: wantsUniqueEmail, grants: grants,
      dryRun: isDryRun, busyTimeout: configuration.busyTimeout, zone: configuration.databaseZone,
      at: context.now, by: context.actor)
  }
}
