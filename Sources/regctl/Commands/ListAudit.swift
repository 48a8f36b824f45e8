internal import RegctlCore

/// The `audit` command.
struct ListAudit: Command {
  static let columns = [
    Column("at"), Column("by"), Column("uid", isUsual: false), Column("act"), Column("email"),
    Column("reason"),
  ]

  static let name = "audit"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List who did what, and why",
    description: """
      Lists what operators did, oldest first: when, who, what, to whom and why. An
      act on many accounts, such as issue-token --stdin, is one row without an
      address; --email finds those too.
      """,
    options: [
      OptionUsage("email", ValueUsage("EMAIL", .email), "Only what was done to this account"),
      OptionUsage("since", ValueUsage("DURATION", .duration), "Only what is not older"),
      OptionUsage("limit", ValueUsage("N", .number), "At most so many"),
    ] + ListOptions.usage,
    exitCodes: [.ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission],
    examples: [
      Example("regctl audit --since 1d", "What happened since yesterday"),
      Example("regctl audit --email ann@example.org", "What was done to Ann"),
    ])

  private let email: String?
  private let since: TimeSpan?
  private let limit: Int

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.value("email")
    since = try arguments.timeSpan("since")
    limit = try arguments.count("limit") ?? .max
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    var moment: Instant?
    if case .finite(let span) = since { moment = context.now - span }
    if let email {
      let entries = try core { () throws(RegctlError) in
        try store.auditEntries(ofAccount: email)
      }
      let recent = entries.filter { entry in moment.map { entry.at >= $0 } ?? true }
      return .list(.known("entries", Self.columns, recent.prefix(limit).map(Self.row)))
    }
    var last: Int64 = 0
    var remaining = limit
    return .list(
      RowList(key: "entries", columns: Self.columns) { () throws(CommandError) in
        guard remaining > 0 else { return nil }
        let batch = try core { () throws(RegctlError) in
          try store.auditEntries(
            after: last, since: moment, limit: min(remaining, Self.batchSize))
        }
        guard let newest = batch.last else { return nil }
        last = newest.number
        remaining -= batch.count
        return batch.map { Self.row($0.entry) }
      })
  }

  private static func row(_ entry: AuditEntry) -> [ReportValue] {
    [
      .instant(entry.at), .text(entry.actor.name), .integer(Int64(entry.actor.uid)),
      .text(entry.act.rawValue), ReportValue(entry.email), ReportValue(entry.reason),
    ]
  }
}
