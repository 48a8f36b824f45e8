internal import RegctlCore
internal import System

/// The `deliver` command.
struct DeliverMail: Command {
  static let name = "deliver"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Send the mail that is due",
    description: """
      Makes one pass over the outbox and sends what is due by mail_transport: 'smtp'
      to mail_server, 'sendmail' through sendmail_path, 'maildir' into maildir_path,
      'stdout' as an mbox. The token of each mail is made at that moment and lives
      as long as token_max_age says. Mails of accounts that were confirmed, deleted
      or given another address meanwhile are cancelled.

      What the other side refuses for now is tried again after 1, 5, 15, 60 and 240
      minutes and then every 4 hours, until mail_lifetime is over. When the server
      itself is out of order, the pass ends and no mail is charged an attempt. A
      mail is lost at no instant; one that was being sent when regctl was killed may
      arrive twice. Ctrl-C ends after the mails under way; SIGUSR1 says how far it
      is. Run it every minute; with nothing to do it is silent. When --timeout is
      over, no further mail is begun, and those under way have mail_timeout to end.
      """,
    options: [
      OptionUsage("limit", ValueUsage("N", .number), "At most so many mails"),
      OptionUsage(
        "timeout", ValueUsage("DURATION", .duration), "Time limit of the whole pass"),
      OptionUsage("dry-run", short: "n", "Show what would be done, and do nothing"),
    ],
    exitCodes: [
      .ok, .usage, .noInput, .unavailable, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl deliver --quiet --timeout 10m", "From cron, every minute"),
      Example("regctl deliver --limit 1", "Send one mail and look at it"),
      Example("regctl deliver --dry-run", "What would be sent, and what not, and why"),
    ])

  private let limit: Int
  private let timeLimit: Duration?
  private let isDryRun: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    limit = try arguments.count("limit") ?? .max
    timeLimit = try arguments.timeLimit("timeout")
    isDryRun = arguments.has("dry-run")
  }

  static let columns = [
    Column("id"), Column("email"), Column("state"), Column("reply"),
  ]

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    try core { () throws(RegctlError) in try Courier.check(configuration, uid: context.uid) }
    return isDryRun
      ? try preview(configuration, in: context) : try deliver(configuration, in: context)
  }

  // MARK: Doing it

  private func deliver(
    _ configuration: Configuration, in context: Context
  ) throws(CommandError) -> Report {
    let printsMail = configuration.effectiveTransport == .stdout
    if printsMail, context.globals.format != .text {
      throw .usage(
        UsageError(
          .invalidValue(
            option: "--format", value: context.globals.format.rawValue,
            expected: .format("mail_transport is stdout, and the mails go there")),
          command: Self.name))
    }
    let store = try context.store(configuration, for: .writing)
    let output = context.output
    let watch = DeliveryProgress(context: context)
    let summary = try core { () throws(RegctlError) in
      // Most passes find nothing, and then need neither keys nor templates nor the lock.
      guard try Courier.hasWork(in: store, at: context.now) else { return DeliverySummary() }
      let courier = try Courier(
        store: store, configuration: configuration, uid: context.uid,
        output: { bytes throws(FileError) in try output.writeAtOnce(bytes) })
      defer { watch.erase() }
      return try courier.deliver(
        .due(limit: limit), within: timeLimit, watchedBy: watch.goesOn, clock: context.clock)
    }
    var report = Self.report(summary, in: store, now: context.now)
    report.conclusion = { Self.conclusion(of: summary, signal: watch.signal, now: context.now) }
    return printsMail ? report.besidePayload() : report
  }

  private static func report(
    _ summary: DeliverySummary, in store: Store, now: Instant
  ) -> Report {
    let counts = DeliveryProgress.counts(of: summary)
    let next = summary.nextAttempt.map { " Next try \(max($0, now).minuteText)." } ?? ""
    let sentence = DeliveryProgress.sentence(summary)
    let sentences = summary.outcomes.isEmpty ? [] : [sentence.capitalizedFirst + "." + next]
    var rest = summary.outcomes[...]
    let results = RowList(key: "results", columns: columns) { () throws(CommandError) in
      if rest.isEmpty { return nil }
      defer { rest = rest.dropFirst(batchSize) }
      return try core { () throws(RegctlError) in
        try rest.prefix(batchSize).map { outcome throws(RegctlError) in
          let mail = try store.mail(outcome.id)
          return [
            .integer(outcome.id.rawValue), ReportValue(mail?.email),
            .text(outcome.state.rawValue), ReportValue(mail?.lastReply),
          ]
        }
      }
    }
    return Report(
      fields: counts.map { ReportField($0.name, .integer(Int64($0.count))) }, list: results,
      prose: .sentences(sentences))
  }

  private static let batchSize = 1000

  private static func conclusion(
    of summary: DeliverySummary, signal: Int32?, now: Instant
  ) -> Report.Conclusion {
    if let fault = summary.stopped {
      var conclusion = Report.Conclusion.failure(
        Diagnostic(.delivery(fault), now: now, isVerbose: false))
      conclusion.signal = signal
      return conclusion
    }
    var failures: [Diagnostic] = []
    if summary.count(.queued) > 0 {
      failures.append(.mailDeferred(summary.count(.queued), next: summary.nextAttempt))
    }
    if summary.isOutOfTime { failures.append(.outOfTime) }
    return Report.Conclusion(
      failures: failures, exitCode: failures.first?.exitCode ?? .ok, signal: signal)
  }

  // MARK: Showing it

  private static let previewColumns = [
    Column("id"), Column("email"), Column("purpose"), Column("result"), Column("reason"),
  ]

  private func preview(
    _ configuration: Configuration, in context: Context
  ) throws(CommandError) -> Report {
    let store = try context.store(configuration, for: .strictlyReadOnly)
    let preview = try core { () throws(RegctlError) in
      try DeliveryPreview(store: store, configuration: configuration, uid: context.uid)
    }
    let now = context.now
    var last: DeliveryPreview.Mail?
    var remaining = limit
    var report = Report.list(
      RowList(
        key: "results", columns: Self.previewColumns,
        nextBatch: { () throws(CommandError) in
          guard remaining > 0 else { return nil }
          let mails = try core { () throws(RegctlError) in
            try preview.mails(after: last, at: now, limit: min(remaining, Self.batchSize))
          }
          if mails.isEmpty { return nil }
          last = mails.last
          remaining -= mails.count
          return mails.map { mail in
            [
              .integer(mail.entry.id.rawValue), .text(mail.entry.email),
              .text(mail.entry.purpose.rawValue), .text(mail.state.rawValue),
              ReportValue(mail.reason),
            ]
          }
        }, isCounted: true))
    report.fields = [ReportField("dry_run", .boolean(true))]
    return report
  }
}

extension String {
  /// The text with its first letter in upper case.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
