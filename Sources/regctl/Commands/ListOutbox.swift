internal import RegctlCore

/// The `list-outbox` command.
struct ListOutbox: Command {
  static let columns = [
    Column("id"), Column("email"), Column("purpose"), Column("state"), Column("attempts"),
    Column("next_attempt_at"), Column("last_reply"), Column("possible_duplicate", isUsual: false),
    Column("message_id", isUsual: false), Column("queued_at"), Column("sent_at"),
  ]

  static let name = "list-outbox"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "List mails that wait or were dealt with",
    description: """
      Lists the mails of the outbox, oldest first: whose, in which state, tried how
      often, and what the other side said last. A mail holds no token: that is made
      when it is sent.
      """,
    options: [
      OptionUsage(
        "state", .choice(OutboxEntry.State.allCases.map(\.rawValue)), "Only mails in this state"),
      OptionUsage("email", ValueUsage("EMAIL", .email), "Only mails of this account"),
      OptionUsage("limit", ValueUsage("N", .number), "At most so many"),
    ] + ListOptions.usage,
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl list-outbox --state queued", "What waits"),
      Example("regctl list-outbox --email ann@example.org", "What was sent to Ann"),
    ])

  private let state: OutboxEntry.State?
  private let email: String?
  private let limit: Int

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    state = try arguments.choice("state", OutboxEntry.State.self)
    email = arguments.value("email")
    limit = try arguments.count("limit") ?? .max
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    let filter = try core { () throws(RegctlError) in
      OutboxFilter(
        state: state,
        account: try email.map { email throws(RegctlError) in try store.account(email).id })
    }
    var last = MailID(rawValue: 0)
    var remaining = limit
    return .list(
      RowList(
        key: "mails", columns: Self.columns,
        nextBatch: { () throws(CommandError) in
          guard remaining > 0 else { return nil }
          let size = min(Self.batchSize, remaining)
          let mails = try core { () throws(RegctlError) in
            try store.mails(after: last, matching: filter, limit: size)
          }
          remaining = mails.count < size ? 0 : remaining - mails.count
          if let newest = mails.last { last = newest.id }
          return mails.isEmpty ? nil : mails.map(Self.row)
        }, isCounted: true))
  }

  /// A mail as a JSON object shows it.
  static func fields(of mail: OutboxEntry) -> [ReportField] {
    zip(columns, row(mail)).map { ReportField($0.name, $1) }
  }

  private static func row(_ mail: OutboxEntry) -> [ReportValue] {
    [
      .integer(mail.id.rawValue), .text(mail.email), .text(mail.purpose.rawValue),
      .text(mail.state.rawValue), .integer(Int64(mail.attempts)), ReportValue(mail.nextAttemptAt),
      ReportValue(mail.lastReply), .boolean(mail.isPossibleDuplicate), .text(mail.messageID),
      .instant(mail.queuedAt), ReportValue(mail.sentAt),
    ]
  }
}
