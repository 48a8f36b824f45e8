internal import RegctlCore

/// The `list-unconfirmed` command.
struct ListUnconfirmed: Command {
  static let columns = [
    Column("id", isUsual: false), Column("email"), Column("registered_on"), Column("age"),
    Column("mails"), Column("last_mail_state"), Column("last_mail_at"),
    Column("admin", isUsual: false), Column("suggestion", isUsual: false),
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
      UnconfirmedSelection.olderThan, UnconfirmedSelection.newerThan,
      OptionUsage("domain", ValueUsage("DOMAIN"), "Only addresses of this domain"),
      OptionUsage(
        "mail-state", .choice(OutboxEntry.State.allCases.map(\.rawValue)),
        "Only those whose last mail is in this state"),
      OptionUsage(
        "sort", .choice(UnconfirmedFilter.Order.allCases.map(\.rawValue)),
        "The order (default registered)"),
      OptionUsage("suspect-typo", "Only domains that look like one whose people confirm"),
      OptionUsage("limit", ValueUsage("N", .number), "At most so many"),
      OptionUsage("count", "Print only how many there are"),
    ] + ListOptions.usage,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [
      Example("regctl list-unconfirmed --older-than 7d", "Who has waited for a week"),
      Example("regctl list-unconfirmed --suspect-typo", "Who mistyped his provider's name?"),
      Example(
        "regctl list-unconfirmed --format tsv --fields email --no-header",
        "Addresses for another program"),
    ])

  private let selection: UnconfirmedSelection
  private let printsCount: Bool
  private let suspectsTypo: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    var filter = UnconfirmedFilter()
    filter.domain = try arguments.domain("domain")
    filter.mailState = try arguments.choice("mail-state", OutboxEntry.State.self)
    filter.order = try arguments.choice("sort", UnconfirmedFilter.Order.self) ?? .registered
    selection = try UnconfirmedSelection(
      arguments, filter, limit: arguments.count("limit") ?? .max)
    printsCount = arguments.has("count")
    if printsCount, arguments.value("fields") != nil {
      throw arguments.error(.conflict("--count", "--fields"))
    }
    suspectsTypo = arguments.has("suspect-typo")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    let now = context.now
    let nextBatch = try suspects(among: selection.batches(of: store, at: now), in: store)
    guard printsCount else {
      let columns = Self.columns.map { column in
        suspectsTypo && column.name == "suggestion" ? Column(column.name) : column
      }
      return .list(
        RowList(
          key: "accounts", columns: columns,
          nextBatch: { () throws(CommandError) in
            try nextBatch()?.map { Self.row($0.account, suggestion: $0.suggestion, at: now) }
          }, isCounted: true))
    }
    var count: Int64 = 0
    while let batch = try nextBatch() { count += Int64(batch.count) }
    return Report(fields: [ReportField("count", .integer(count))], prose: .lines(["\(count)"]))
  }

  private typealias Suspect = (account: UnconfirmedAccount, suggestion: String?)

  /// With `--suspect-typo`, those whose domain looks like another, with what was probably meant.
  private func suspects(
    among nextBatch: @escaping () throws(CommandError) -> [UnconfirmedAccount]?, in store: Store
  ) throws(CommandError) -> () throws(CommandError) -> [Suspect]? {
    guard suspectsTypo else {
      return { () throws(CommandError) in try nextBatch()?.map { ($0, nil) } }
    }
    let typo = try core { () throws(RegctlError) in try store.domainTypo() }
    return { () throws(CommandError) in
      try nextBatch()?.compactMap { account in
        typo.correction(of: account.email).map { (account, $0) }
      }
    }
  }

  private static func row(
    _ account: UnconfirmedAccount, suggestion: String?, at now: Instant
  ) -> [ReportValue] {
    let registered = account.registeredOn
    return [
      .integer(account.id.rawValue), .text(account.email),
      // What is no date is shown as it is stored, so that somebody can find and mend it.
      registered.map(ReportValue.instant) ?? .text(account.registeredText),
      registered.map { .duration(now - $0) } ?? .null, .integer(Int64(account.mails)),
      ReportValue(account.lastMailState?.rawValue), ReportValue(account.lastMailAt),
      .boolean(account.isAdmin), ReportValue(suggestion),
    ]
  }
}
