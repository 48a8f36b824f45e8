internal import RegctlCore

/// The `list-unconfirmed` command.
struct ListUnconfirmed: Command {
  static let columns = [
    Column("id", isUsual: false), Column("email"), Column("registered_on"), Column("age"),
    Column("mails"), Column("last_mail_state"), Column("last_mail_at"),
    Column("admin", isUsual: false),
  ]

  static let name = "list-unconfirmed"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List accounts that are not confirmed",
    description: """
      Lists the accounts whose address is not confirmed, oldest first, with what
      became of their mail. The list is read in small pieces: registering goes on
      while it is paged, and a list of any length needs little memory.
      """,
    options: [
      OptionUsage(
        "older-than", ValueUsage("DURATION", .duration), "Only those registered longer ago"),
      OptionUsage(
        "newer-than", ValueUsage("DURATION", .duration), "Only those registered since"),
      OptionUsage("domain", ValueUsage("DOMAIN"), "Only addresses of this domain"),
      OptionUsage(
        "mail-state", .choice(OutboxEntry.State.allCases.map(\.rawValue)),
        "Only those whose last mail is in this state"),
      OptionUsage(
        "sort", .choice(UnconfirmedFilter.Order.allCases.map(\.rawValue)),
        "The order (default registered)"),
      OptionUsage("limit", ValueUsage("N", .number), "At most so many"),
      OptionUsage("count", "Print only how many there are"),
    ] + ListOptions.usage,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [
      Example("regctl list-unconfirmed --older-than 7d", "Who has waited for a week"),
      Example(
        "regctl list-unconfirmed --format tsv --fields email --no-header",
        "Addresses for another program"),
    ])

  private let olderThan: TimeSpan?
  private let newerThan: TimeSpan?
  private let filter: UnconfirmedFilter
  private let limit: Int
  private let printsCount: Bool

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    olderThan = try arguments.timeSpan("older-than")
    newerThan = try arguments.timeSpan("newer-than")
    var filter = UnconfirmedFilter()
    filter.domain = try arguments.domain("domain")
    filter.mailState = try arguments.choice("mail-state", OutboxEntry.State.self)
    filter.order = try arguments.choice("sort", UnconfirmedFilter.Order.self) ?? .registered
    self.filter = filter
    limit = try arguments.count("limit") ?? .max
    printsCount = arguments.has("count")
    if printsCount, arguments.value("fields") != nil {
      throw arguments.error(.conflict("--count", "--fields"))
    }
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    let now = context.now
    let nextBatch = batches(of: store, at: now)
    guard printsCount else {
      return .list(
        RowList(
          key: "accounts", columns: Self.columns,
          nextBatch: { () throws(CommandError) in
            try nextBatch()?.map { Self.row($0, at: now) }
          }, isCounted: true))
    }
    var count: Int64 = 0
    while let batch = try nextBatch() { count += Int64(batch.count) }
    return Report(fields: [ReportField("count", .integer(count))], prose: .lines(["\(count)"]))
  }

  /// The accounts, a batch at a time; between batches the database is free.
  private func batches(
    of store: Store, at now: Instant
  ) -> () throws(CommandError) -> [UnconfirmedAccount]? {
    var filter = filter
    var isEmpty = false
    // Nothing is older than for ever, and nothing younger is left out by it.
    switch olderThan {
    case .finite(let span): filter.registeredBefore = now - span
    case .never: isEmpty = true
    case nil: break
    }
    if case .finite(let span) = newerThan { filter.registeredAfter = now - span }
    let chosen = filter
    var last: UnconfirmedAccount?
    var remaining = isEmpty ? 0 : limit
    return { () throws(CommandError) in
      guard remaining > 0 else { return nil }
      let size = min(Self.batchSize, remaining)
      let batch = try core { () throws(RegctlError) in
        try store.unconfirmedAccounts(after: last, matching: chosen, limit: size)
      }
      remaining = batch.count < size ? 0 : remaining - batch.count
      last = batch.last
      return batch.isEmpty ? nil : batch
    }
  }

  private static func row(_ account: UnconfirmedAccount, at now: Instant) -> [ReportValue] {
    let registered = account.registeredOn
    return [
      .integer(account.id.rawValue), .text(account.email),
      // What is no date is shown as it is stored, so that somebody can find and mend it.
      registered.map(ReportValue.instant) ?? .text(account.registeredText),
      registered.map { .duration(now - $0) } ?? .null, .integer(Int64(account.mails)),
      ReportValue(account.lastMailState?.rawValue), ReportValue(account.lastMailAt),
      .boolean(account.isAdmin),
    ]
  }
}
