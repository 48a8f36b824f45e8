internal import Base
internal import RegctlCore

/// The implementation of `resend --all-unconfirmed`.
struct ResendToAll: Sendable {
  private static let limit = Option<Int>.count("limit", "Send at most N mails")
  private static let campaign = Option<String>.line(
    "campaign", "NAME", "One mail to each account under this name")
  private static let rate = Option<BulkResend.Rate>.rate(
    "rate", "Send at most N mails per s, m, h or d")
  private static let dryRun = Switch(
    "dry-run", short: "n", "Say who would get a mail, and queue none")
  private static let yes = Switch("yes", short: "y", "Do not ask")

  static let options: [any OptionDeclaration] = [
    UnconfirmedSelection.olderThan, UnconfirmedSelection.newerThan, limit, campaign, rate, dryRun,
    yes,
  ]

  private let selection: UnconfirmedSelection
  private let campaign: String?
  private let rate: BulkResend.Rate?
  private let limit: Int
  private let isDryRun: Bool
  private let isSure: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    selection = try UnconfirmedSelection(arguments, UnconfirmedFilter(), limit: .max)
    limit = try arguments[Self.limit] ?? .max
    campaign = try arguments[Self.campaign]
    rate = try arguments[Self.rate]
    isDryRun = arguments[Self.dryRun]
    isSure = arguments[Self.yes]
  }

  func run(
    in context: Context, named command: String, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let now = context.now
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    func walk(batchSize: Int = 1000) -> Walk {
      let bulk = BulkResend(
        configuration, campaign: campaign, rate: rate, limit: limit, at: now, by: context.actor)
      return Walk(
        through: selection.batches(of: store, at: now, batchSize: batchSize), bulk, in: store)
    }
    if isDryRun { return try preview(walk(), to: sink) }
    let survey = try survey(walk())
    if survey.count > 0 {
      let question = Question.about("Mail", survey.count, survey.sample)
      guard try context.confirm(question, isSure: isSure, command: command) else {
        throw .declined
      }
    }
    return try perform(walk(batchSize: 200), to: sink)
  }

  /// Iterates over the accounts in batches.
  private final class Walk {
    private let batches: UnconfirmedBatches
    private let store: Store
    private var bulk: BulkResend
    private var pacer = BatchPacer()

    init(through batches: UnconfirmedBatches, _ bulk: BulkResend, in store: Store) {
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

  private func preview(_ walk: Walk, to sink: RowSink) throws(CommandError) -> Summary {
    let list = Self.list(isDryRun: true, as: .table(), to: sink)
    while let rows = try walk.preview(), list.push(rows) {}
    return Summary()
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

  private func survey(_ walk: Walk) throws(CommandError) -> Survey {
    var survey = Survey()
    while let rows = try walk.preview() {
      for row in rows where row.decision.skipReason == nil {
        survey.count += 1
        if survey.sample.count < 5 { survey.sample.append(row.account.email) }
      }
    }
    return survey
  }

  private func perform(_ walk: Walk, to sink: RowSink) throws(CommandError) -> Summary {
    var queued = 0
    var skipped = 0
    let list = Self.list(isDryRun: false, as: .none, to: sink)
    while let rows = try walk.perform() {
      let count = rows.count { $0.decision.skipReason == nil }
      queued += count
      skipped += rows.count - count
      list.push(rows)
    }
    var summary = Summary(
      [],
      "Queued \(queued) \(queued == 1 ? "mail" : "mails")"
        + (skipped == 0 ? "." : ", skipped \(skipped); --dry-run says why."))
    summary.next = "regctl deliver"
    return summary
  }

  /// An account with its result.
  private struct Row: ResultRow {
    static let columns = [
      Column("email"), Column("result"), Column("reason"), Column("mail"), Column("due"),
    ]

    let account: UnconfirmedAccount
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
