internal import RegctlCore
internal import System

/// The `deliver` command.
struct Deliver: Command {
  private static let limit = Option<Int>.count("limit", "Send at most N mails")
  private static let timeout = Option<Duration>.timeLimit(
    "timeout", "Time limit of the whole pass")
  private static let waitFor = Option<Duration>.timeLimit(
    "wait-for", "Go on for so long, and send each mail as it is queued")
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show what would be done, change nothing")

  static let name = "deliver"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Send the mail that is due",
    description: """
      Makes one pass over the outbox and sends the mails that are due, including
      those that fall due within the next second, through mail_transport: 'smtp' to
      mail_server, 'sendmail' through sendmail_path, 'maildir' into maildir_path,
      'stdout' as an mbox. The token of a mail is issued when the mail is sent, and
      is valid for token_max_age. Mails of accounts that were confirmed, deleted or
      given another address are cancelled.

      A mail that is deferred is tried again after 1, 5, 15, 60 and 240 minutes and
      then every 4 hours, until mail_lifetime is over. If the server itself fails,
      the pass ends and no attempt is counted. No mail is ever lost; one that was
      being sent when regctl was killed may arrive twice. Ctrl-C ends the pass after
      the mails in progress; SIGUSR1 prints the progress. Run it every minute; with
      nothing to do it prints nothing. After --timeout no further mail is started,
      and the mails in progress have mail_timeout to finish.

      With --quiet it speaks only when mail does not go as it should, and says each
      thing once an hour: the server cannot be used, mail has been due for longer
      than mail_alarm_after, mails expired, or more than mail_alarm_refused of them
      were refused.

      With --wait-for it does not end after the pass: until that time has passed, a
      mail is sent when it is queued or falls due. A database server announces new
      mails, so that they leave at once; without that, and for a file, regctl looks
      for them.
      """,
    options: [limit, timeout, waitFor, dryRun],
    exitCodes: [
      .ok, .usage, .noInput, .unavailable, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl deliver --quiet --timeout 10m", "From cron, every minute"),
      Example(
        "regctl deliver --quiet --wait-for 58s", "The same, and new mails are sent at once"),
      Example("regctl deliver --limit 1", "Send one mail and look at it"),
      Example("regctl deliver --dry-run", "What would be sent or not, and why"),
    ])

  private let limit: Int
  private let timeLimit: Duration?
  private let waitingTime: Duration?
  private let isDryRun: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    limit = try arguments[Self.limit] ?? .max
    timeLimit = try arguments[Self.timeout]
    waitingTime = try arguments[Self.waitFor]
    isDryRun = arguments[Self.dryRun]
    if isDryRun, waitingTime != nil {
      throw arguments.error(.conflict("--wait-for", "--dry-run"))
    }
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    try core(Deliverer.check(configuration, uid: context.uid))
    if isDryRun { return try preview(configuration, in: context, to: sink) }
    if configuration.effectiveTransport == .stdout {
      try sink.reserve(for: "mail_transport = stdout prints the mails there", command: Self.name)
    }
    // Most passes find no mail, and then do not need OpenSSL, which takes a millisecond to load.
    let store = try context.store(configuration, for: .writing, writesAudit: false)
    let progress = DeliveryProgress(context: context)
    if context.globals.quiet {
      let result = try core(deliverUnlessRunning(configuration, in: store, progress, context))
      let report = try core(
        DeliveryAlarm.report(after: result, in: store, configuration, at: context.now))
      let summary = try print(
        result ?? DeliverySummary(), in: store, signal: progress.signal, context, to: sink)
      return raise(report, after: result, summary, at: context.now)
    }
    let result = try core(deliver(configuration, in: store, progress, context))
    var summary = try print(result, in: store, signal: progress.signal, context, to: sink)
    if let fault = result.stopped {
      summary.fail(Diagnostic(.delivery(fault), now: context.now, isVerbose: false))
    } else {
      // All have the exit code for temporary failures.
      if result.count(.queued) > 0 {
        summary.fail(.mailDeferred(result.count(.queued), next: result.nextAttempt))
      }
      if result.isOutOfTime { summary.fail(.outOfTime) }
      if result.isPaced { summary.fail(.paced) }
      if result.held > 0 { summary.fail(.held(result.held)) }
    }
    summary.warnings += context.redirectionWarning(by: configuration)
    return summary
  }

  /// The summary of a quiet run: it fails only for what is not part of usual operation.
  private func raise(
    _ report: DeliveryAlarm.Report, after result: DeliverySummary?, _ summary: Summary,
    at now: Instant
  ) -> Summary {
    var summary = summary
    for alarm in report.raised { summary.fail(Diagnostic(alarm, at: now)) }
    let isIncomplete = result.map { $0.isOutOfTime || $0.isPaced } ?? false
    if summary.failures.isEmpty, report.hasMuted || isIncomplete { summary.exitCode = .temporary }
    return summary
  }

  // MARK: Delivery

  /// `nil` if another process delivers.
  private func deliverUnlessRunning(
    _ configuration: Configuration, in store: Store, _ progress: DeliveryProgress,
    _ context: Context
  ) throws(RegctlError) -> DeliverySummary? {
    do throws(RegctlError) {
      return try deliver(configuration, in: store, progress, context)
    } catch .delivery(.running) {
      return nil
    }
  }

  private func deliver(
    _ configuration: Configuration, in store: Store, _ progress: DeliveryProgress,
    _ context: Context
  ) throws(RegctlError) -> DeliverySummary {
    let output = context.output
    if let waitingTime {
      defer { progress.erase() }
      return try WaitingDelivery(
        store: store, configuration: configuration, uid: context.uid,
        output: { bytes throws(FileError) in try output.writeAtOnce(bytes) }
      ).run(
        limit: limit, for: waitingTime, within: timeLimit, watchedBy: progress.goesOn,
        clock: context.clock)
    }
    // Most passes find no mail, and then need neither keys nor templates nor the lock.
    guard try Deliverer.hasWork(in: store, at: context.now) else { return DeliverySummary() }
    let deliverer = try Deliverer(
      store: store, configuration: configuration, uid: context.uid,
      output: { bytes throws(FileError) in try output.writeAtOnce(bytes) })
    defer { progress.erase() }
    return try deliverer.deliver(
      .due(limit: limit), within: timeLimit, watchedBy: progress.goesOn, clock: context.clock)
  }

  private func print(
    _ result: DeliverySummary, in store: Store, signal: Int32?, _ context: Context,
    to sink: RowSink
  ) throws(CommandError) -> Summary {
    let now = context.now
    var summary = Summary()
    if !result.results.isEmpty {
      let next = result.nextAttempt.map { " Next try \(max($0, now).displayText)." } ?? ""
      summary.sentences = [
        DeliveryProgress.sentence(result).capitalizedFirst + "." + next
      ]
    }
    summary.signal = signal
    let rows = sink.list(
      "results", of: Row.self,
      after: DeliveryProgress.counts(of: result).map {
        ReportField($0.name, ReportValue($0.count))
      },
      as: .none)
    var rest = result.results[...]
    while rows.isWanted, !rest.isEmpty {
      rows.push(
        try rest.prefix(Self.batchSize).map { mailResult throws(CommandError) in
          let mail = try core(store.mail(mailResult.id))
          return Row(
            id: mailResult.id, email: mail?.email, state: mailResult.state, reply: mail?.lastReply)
        })
      rest = rest.dropFirst(Self.batchSize)
    }
    return summary
  }

  /// A mail that the pass processed.
  private struct Row: ResultRow {
    static let columns = [Column("id"), Column("email"), Column("state"), Column("reply")]

    let id: MailID
    let email: String?
    let state: OutboxEntry.State
    let reply: String?

    var cells: [ReportValue] {
      [.integer(id.rawValue), ReportValue(email), .text(state.rawValue), ReportValue(reply)]
    }
  }

  private static let batchSize = 1000

  // MARK: Dry run

  private func preview(
    _ configuration: Configuration, in context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let store = try context.store(configuration, for: .strictlyReadOnly)
    let preview = try core(
      DeliveryPreview(store: store, configuration: configuration, uid: context.uid))
    let now = context.now
    let rows = sink.list(
      "results", of: PreviewRow.self, after: [ReportField("dry_run", .boolean(true))],
      as: .table(), isCounted: true)
    var last: DeliveryPreview.Mail?
    var remaining = limit
    while remaining > 0 {
      let mails = try core(
        preview.mails(after: last, at: now, limit: min(remaining, Self.batchSize)))
      if mails.isEmpty { break }
      last = mails.last
      remaining -= mails.count
      guard rows.push(mails.map(PreviewRow.init)) else { break }
    }
    var summary = Summary()
    summary.warnings = context.redirectionWarning(by: configuration)
    return summary
  }

  /// A mail that would be processed.
  private struct PreviewRow: ResultRow {
    static let columns: [Column] = [
      Column("id", rank: 0), .email, Column("purpose", rank: 2),
      Column("result", rank: 0, isState: true), Column("reason", least: 12),
    ]

    let mail: DeliveryPreview.Mail

    var cells: [ReportValue] {
      [
        .integer(mail.entry.id.rawValue), .text(mail.entry.email),
        .text(mail.entry.purpose.rawValue), .text(mail.state.rawValue), ReportValue(mail.reason),
      ]
    }
  }
}

extension Context {
  /// The warning that mails do not go to their recipients, for people at a terminal: a cron job of a
  /// staging system would repeat it every minute.
  fileprivate func redirectionWarning(by configuration: Configuration) -> [String] {
    guard let address = configuration.mailRedirectAll, terminal.errorIsTerminal else { return [] }
    return ["mail_redirect_all sends every mail to \(TerminalText.escape(address))"]
  }
}

extension String {
  /// The text with its first letter in upper case.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
