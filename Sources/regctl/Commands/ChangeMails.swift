internal import RegctlCore

/// The implementation of `retry-mail`, `cancel-mail` and `release-held` for the mails of a selection.
struct ChangeMails: Sendable {
  private let kind: BulkMailChange.Kind
  private let selection: OutboxSelection
  private let isDryRun: Bool
  private let isSure: Bool

  /// A change of mails in some states, unless `--state` names others.
  init(
    _ kind: BulkMailChange.Kind, _ arguments: ParsedArguments, usually states: [OutboxEntry.State]
  ) throws(UsageError) {
    self.kind = kind
    selection = try OutboxSelection(arguments, usually: states)
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
    var summary = found?.summary(in: context) ?? Summary()
    let filter = selection.filter(of: found?.ids, at: context.local(now))
    func change(atMost limit: Int) -> BulkMailChange? {
      filter.map { BulkMailChange(kind, of: $0, limit: limit, at: now, by: context.actor) }
    }
    var count = 0
    if isDryRun {
      let list = list(to: sink, as: .table())
      let change = change(atMost: selection.limit)
      while let mails = try core(change?.preview(in: store)) {
        count += mails.count
        list.push(mails.map(row))
      }
    } else {
      let progress = WorkProgress(of: command, counting: "mail", in: context)
      defer { progress.end() }
      let survey = try survey(change(atMost: selection.limit), in: store) { seen in
        progress.show(seen, in: .looking)
      }
      progress.end()
      if survey.count > 0 {
        let question = Question.about(verb, survey.count, of: "mail", survey.sample)
        guard try context.confirm(question, isSure: isSure, command: command) else {
          throw .declined
        }
      }
      let list = list(to: sink, as: .none)
      // No more than the question was about.
      let change = change(atMost: survey.count)
      var pacer = BatchPacer()
      while let mails = try next(change, &pacer, in: store) {
        count += mails.count
        list.push(mails.map(row))
        progress.show(count, of: survey.count)
      }
    }
    summary.fields = [ReportField(result, ReportValue(count))]
    summary.sentences = [sentence(about: count)]
    if count > 0, !isDryRun, kind != .cancel { summary.next = "regctl deliver" }
    return summary
  }

  private func next(
    _ change: BulkMailChange?, _ pacer: inout BatchPacer, in store: Store
  ) throws(CommandError) -> [OutboxEntry]? {
    guard let change else { return nil }
    return try core(
      pacer.run(in: store) { batchSize throws(RegctlError) in
        try change.perform(atMost: batchSize, in: store)
      })
  }

  /// The number of mails that would be changed, and the recipients of some.
  private func survey(
    _ change: BulkMailChange?, in store: Store, reporting report: (_ seen: Int) -> Void
  ) throws(CommandError) -> (count: Int, sample: [String]) {
    var (count, sample) = (0, [String]())
    while let mails = try core(change?.preview(in: store)) {
      count += mails.count
      sample += mails.prefix(5 - sample.count).map(\.email)
      report(count)
    }
    return (count, sample)
  }

  // MARK: Output

  private var verb: String {
    switch kind {
    case .retry: "Retry"
    case .cancel: "Cancel"
    case .release: "Release"
    }
  }

  /// The state of the mails afterwards.
  private var result: String {
    switch kind {
    case .retry, .release: OutboxEntry.State.queued.rawValue
    case .cancel: OutboxEntry.State.cancelled.rawValue
    }
  }

  private func sentence(about count: Int) -> String {
    let subject = count == 1 ? "1 mail" : "\(count) mails"
    let state = kind == .cancel ? "cancelled" : "due now"
    if isDryRun { return "\(subject) would be \(state); nothing was changed." }
    return "\(subject) \(count == 1 ? "is" : "are") \(state)."
  }

  private func list(to sink: RowSink, as layout: TextLayout<Row>) -> RowList<Row> {
    sink.list(
      "results", of: Row.self, after: [ReportField("dry_run", .boolean(isDryRun))], as: layout,
      isCounted: true)
  }

  private func row(_ mail: OutboxEntry) -> Row { Row(mail: mail, result: result) }

  /// A mail with its result, as it was before.
  private struct Row: ResultRow {
    static let columns = [
      Column("mail"), Column("result"), Column("email"), Column("was"), Column("last_reply"),
    ]

    let mail: OutboxEntry
    let result: String

    var cells: [ReportValue] {
      [
        .integer(mail.id.rawValue), .text(result), .text(mail.email), .text(mail.state.rawValue),
        ReportValue(mail.lastReply),
      ]
    }
  }
}
