internal import RegctlCore

/// What `resend --all-unconfirmed` asks for.
struct ResendToAll: Sendable {
  static let options = [
    UnconfirmedSelection.olderThan, UnconfirmedSelection.newerThan,
    OptionUsage("limit", ValueUsage("N", .number), "At most so many mails"),
    OptionUsage("campaign", ValueUsage("NAME"), "One mail to each account under this name"),
    OptionUsage("rate", ValueUsage("N/UNIT"), "At most so many per s, m, h or d"),
    OptionUsage("dry-run", short: "n", "Say who would get a mail, and queue none"),
    OptionUsage("yes", short: "y", "Do not ask"),
  ]

  private let selection: UnconfirmedSelection
  private let campaign: String?
  private let rate: BulkResend.Rate?
  private let limit: Int
  private let isDryRun: Bool
  private let isSure: Bool

  private static let columns = [
    Column("email"), Column("result"), Column("reason"), Column("mail"), Column("due"),
  ]

  init(_ arguments: ParsedArguments) throws(UsageError) {
    selection = try UnconfirmedSelection(arguments, UnconfirmedFilter(), limit: .max)
    limit = try arguments.count("limit") ?? .max
    campaign = try arguments.line("campaign")
    rate = try arguments.rate("rate")
    isDryRun = arguments.has("dry-run")
    isSure = arguments.has("yes")
  }

  func run(in context: Context, named command: String) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    let now = context.now
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    let bulk = BulkResend(
      configuration, campaign: campaign, rate: rate, limit: limit, at: now, by: context.actor)
    if isDryRun { return preview(bulk, store, at: now) }
    let survey = try survey(bulk, store, at: now)
    if survey.count > 0 {
      let question = Question.about("Mail", survey.count, survey.sample)
      guard try context.confirm(question, isSure: isSure, command: command) else {
        throw .declined
      }
    }
    return perform(bulk, store, at: now)
  }

  private func preview(_ bulk: BulkResend, _ store: Store, at now: Instant) -> Report {
    let next = fates(bulk, store, at: now)
    var report = Report.list(
      RowList(
        key: "results", columns: Self.columns,
        nextBatch: { () throws(CommandError) in try next()?.map(Self.row) }, isCounted: true))
    report.fields = [ReportField("dry_run", .boolean(true))]
    return report
  }

  /// What would become of every account, a batch at a time.
  private func fates(
    _ bulk: BulkResend, _ store: Store, at now: Instant
  ) -> () throws(CommandError) -> [(UnconfirmedAccount, BulkResend.Fate)]? {
    var bulk = bulk
    let next = selection.batches(of: store, at: now)
    return { () throws(CommandError) in
      guard !bulk.isFull, let accounts = try next() else { return nil }
      let fates = try core { () throws(RegctlError) in try bulk.preview(accounts, in: store) }
      return Array(zip(accounts, fates))
    }
  }

  /// How many would get a mail, and some of them.
  private struct Survey {
    var count = 0
    var sample: [String] = []
  }

  private func survey(
    _ bulk: BulkResend, _ store: Store, at now: Instant
  ) throws(CommandError) -> Survey {
    var survey = Survey()
    let next = fates(bulk, store, at: now)
    while let fates = try next() {
      for (account, fate) in fates where fate.skipReason == nil {
        survey.count += 1
        if survey.sample.count < 5 { survey.sample.append(account.email) }
      }
    }
    return survey
  }

  private func perform(_ bulk: BulkResend, _ store: Store, at now: Instant) -> Report {
    var bulk = bulk
    var pacer = BatchPacer()
    let next = selection.batches(of: store, at: now, batchSize: 200)
    var queued = 0
    var skipped = 0
    var list = RowList(
      key: "results", columns: Self.columns,
      nextBatch: { () throws(CommandError) in
        guard !bulk.isFull, let accounts = try next() else { return nil }
        let fates = try core { () throws(RegctlError) in
          try pacer.run { _ throws(RegctlError) in try bulk.perform(accounts, in: store) }
        }
        for fate in fates {
          if fate.skipReason == nil { queued += 1 } else { skipped += 1 }
        }
        return zip(accounts, fates).map(Self.row)
      }, isCounted: true)
    list.isWork = true
    var report = Report(
      fields: [ReportField("dry_run", .boolean(false))], list: list,
      prose: .conclusion {
        [
          "Queued \(queued) \(queued == 1 ? "mail" : "mails")"
            + (skipped == 0 ? "." : ", skipped \(skipped); --dry-run says why.")
        ]
      })
    report.next = "regctl deliver"
    return report
  }

  private static func row(
    _ account: UnconfirmedAccount, _ fate: BulkResend.Fate
  ) -> [ReportValue] {
    [
      .text(account.email), .text(fate.skipReason == nil ? "queued" : "skipped"),
      ReportValue(fate.skipReason?.rawValue), fate.mail.map { .integer($0.rawValue) } ?? .null,
      ReportValue(fate.due),
    ]
  }
}

extension ParsedArguments {
  /// So many in a second, minute, hour or day: `600/h`.
  fileprivate func rate(_ long: String) throws(UsageError) -> BulkResend.Rate? {
    guard let text = value(long) else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let seconds: [Substring: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count),
      parts[0].utf8.allSatisfy({ (48...57).contains($0) }), let period = seconds[parts[1]]
    else { throw invalid(long, text, .format("a rate is needed, such as 60/m or 1000/h")) }
    return BulkResend.Rate(count, per: .seconds(period))
  }
}
