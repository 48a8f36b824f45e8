internal import Base
internal import RegctlCore

/// The implementation of `resend --all-unconfirmed`.
struct ResendToAll: Sendable {
  private static let campaign = Option<String>.line(
    "campaign", "NAME", "One mail to each account under this name")
  private static let rate = Option<BulkResend.Rate>.rate(
    "rate", "Send at most N mails per s, m, h or d")

  static let options: [any OptionDeclaration] =
    [AccountSelection.mailState] + Selection.ofAccounts + [campaign, rate] + Selection.ofChange

  private let kind: MailKind
  private let selection: AccountSelection
  private let campaign: String?
  private let rate: BulkResend.Rate?
  private let isDryRun: Bool
  private let isSure: Bool

  init(_ arguments: ParsedArguments, _ kind: MailKind) throws(UsageError) {
    self.kind = kind
    selection = try AccountSelection(unconfirmed: arguments)
    campaign = try arguments[Self.campaign]
    rate = try arguments[Self.rate]
    isDryRun = arguments[Selection.dryRun]
    isSure = arguments[Selection.yes]
  }

  func run(
    in context: Context, named command: String, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let addresses = try selection.addresses(in: context)
    let configuration = try context.configuration()
    let now = context.now
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    let found = try Found(named: addresses, in: store)
    func walk(batchSize: Int = 1000) -> Walk {
      let bulk = BulkResend(
        configuration, kind: kind, campaign: campaign, rate: rate, limit: selection.limit, at: now,
        by: context.actor)
      return Walk(
        through: selection.batches(
          of: found?.ids, in: store, at: context.local(now), batchSize: batchSize, limit: .max),
        bulk, in: store)
    }
    var summary = found?.summary(in: context) ?? Summary()
    if isDryRun {
      try preview(walk(), named: command, context, &summary, to: sink)
      return summary
    }
    let survey = try survey(walk(), named: command, context)
    if survey.count > 0 {
      let question = Question.about("Mail", survey.count, survey.sample)
      guard try context.confirm(question, isSure: isSure, command: command) else {
        throw .declined
      }
    }
    try perform(
      walk(batchSize: 200), of: survey.count, named: command, context, &summary, to: sink)
    return summary
  }

  /// Iterates over the accounts in batches.
  private final class Walk {
    private let batches: AccountBatches
    private let store: Store
    private var bulk: BulkResend
    private var pacer = BatchPacer()

    init(through batches: AccountBatches, _ bulk: BulkResend, in store: Store) {
      self.batches = batches
      self.bulk = bulk
      self.store = store
    }

    /// The results that the next accounts would have.
    func preview() throws(CommandError) -> [Row]? {
      guard !bulk.isFull, let accounts = try batches.next() else { return nil }
      return zip(accounts, try core(bulk.preview(accounts, in: store))).map(Row.init)
    }

    /// Queues mails for the next accounts.
    func perform() throws(CommandError) -> [Row]? {
      guard !bulk.isFull, let accounts = try batches.next() else { return nil }
      let decisions = try core(
        pacer.run(in: store) { _ throws(RegctlError) in
          try self.bulk.perform(accounts, in: self.store)
        })
      return zip(accounts, decisions).map(Row.init)
    }
  }

  private func preview(
    _ walk: Walk, named command: String, _ context: Context, _ summary: inout Summary,
    to sink: RowSink
  ) throws(CommandError) {
    var (queued, skipped) = (0, 0)
    let list = Self.list(isDryRun: true, as: .table(), to: sink)
    let progress = WorkProgress(of: command, counting: "account", in: context)
    defer { progress.end() }
    while let rows = try walk.preview() {
      let count = rows.count { $0.decision.skipReason == nil }
      queued += count
      skipped += rows.count - count
      if !list.push(rows) { break }
      // A terminal shows the accounts themselves.
      if !context.terminal.outputIsTerminal {
        progress.show(queued + skipped, in: .looking)
      }
    }
    summary.fields = Self.totals(queued, skipped)
    summary.sentences = [
      "\(queued) \(queued == 1 ? "mail" : "mails") would be queued"
        + (skipped == 0 ? "." : ", \(skipped) skipped.")
    ]
  }

  private static func totals(_ queued: Int, _ skipped: Int) -> [ReportField] {
    [
      ReportField("queued", ReportValue(queued)), ReportField("skipped", ReportValue(skipped)),
    ]
  }

  private static func list(
    isDryRun: Bool, as layout: TextLayout<Row>, to sink: RowSink
  ) -> RowList<Row> {
    sink.list(
      "results", of: Row.self, after: [ReportField("dry_run", .boolean(isDryRun))], as: layout,
      isCounted: true)
  }

  /// The number of accounts that would be mailed, and a sample of them.
  private struct Survey {
    var count = 0
    var sample: [String] = []
  }

  private func survey(
    _ walk: Walk, named command: String, _ context: Context
  ) throws(CommandError) -> Survey {
    var survey = Survey()
    var seen = 0
    let progress = WorkProgress(of: command, counting: "account", in: context)
    defer { progress.end() }
    while let rows = try walk.preview() {
      seen += rows.count
      progress.show(seen, in: .looking)
      for row in rows where row.decision.skipReason == nil {
        survey.count += 1
        if survey.sample.count < 5 { survey.sample.append(row.account.email) }
      }
    }
    return survey
  }

  private func perform(
    _ walk: Walk, of total: Int, named command: String, _ context: Context,
    _ summary: inout Summary, to sink: RowSink
  ) throws(CommandError) {
    var queued = 0
    var skipped = 0
    let list = Self.list(isDryRun: false, as: .none, to: sink)
    let progress = WorkProgress(of: command, counting: "mail", in: context)
    defer { progress.end() }
    while let rows = try walk.perform() {
      let count = rows.count { $0.decision.skipReason == nil }
      queued += count
      skipped += rows.count - count
      list.push(rows)
      progress.show(queued, of: total)
    }
    summary.fields = Self.totals(queued, skipped)
    summary.sentences = [
      "Queued \(queued) \(queued == 1 ? "mail" : "mails")"
        + (skipped == 0 ? "." : ", skipped \(skipped); --dry-run says why.")
    ]
    summary.next = "regctl deliver"
  }

  /// An account with its result.
  private struct Row: ResultRow {
    static let columns: [Column] = [
      .email, Column("result", rank: 0, isState: true), Column("reason", least: 12),
      Column("mail", rank: 2), Column("due", rank: 2),
    ]

    let account: ListedAccount
    let decision: BulkResend.Decision

    var cells: [ReportValue] {
      [
        .text(account.email), .text(decision.skipReason == nil ? "queued" : "skipped"),
        ReportValue(decision.skipReason?.rawValue),
        decision.mail.map { .integer($0.rawValue) } ?? .null,
        ReportValue(decision.due),
      ]
    }
  }
}

extension Option where Value == BulkResend.Rate {
  /// A rate per second, minute, hour or day: `600/h`.
  fileprivate static func rate(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("N/UNIT"), summary) { text throws(UsageError.Expectation) in
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      let seconds: [Substring: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
      guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count),
        parts[0].utf8.allSatisfy({ (48...57).contains($0) }), let period = seconds[parts[1]]
      else { throw .format("must be a rate such as 60/m or 1000/h") }
      return BulkResend.Rate(count, per: .seconds(period))
    }
  }
}
