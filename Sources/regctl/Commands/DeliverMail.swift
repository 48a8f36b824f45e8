internal import RegctlCore

/// The `deliver` command.
struct DeliverMail: Command {
  static let name = "deliver"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Send the mail that is due",
    description: """
      Makes one pass over the outbox and sends what is due by mail_transport:
      'maildir' writes into maildir_path, 'stdout' prints an mbox. The token of each
      mail is made at that moment and lives as long as token_max_age says. Mails of
      accounts that were confirmed, deleted or given another address meanwhile are
      cancelled. A mail is lost at no instant; one that was being sent when regctl
      was killed may arrive twice. Run it every minute; with nothing to do it is
      silent.
      """,
    options: [OptionUsage("limit", ValueUsage("N", .number), "At most so many mails")],
    exitCodes: [
      .ok, .usage, .noInput, .unavailable, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl deliver --quiet", "From cron, every minute"),
      Example("regctl deliver --limit 1", "Send one mail and look at it"),
    ])

  private let limit: Int

  init(_ arguments: ParsedArguments) throws(UsageError) {
    limit = try arguments.count("limit") ?? .max
  }

  static let columns = [
    Column("id"), Column("email"), Column("state"), Column("reply"),
  ]

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    try core { () throws(RegctlError) in try Courier.check(configuration) }
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
    let summary = try core { () throws(RegctlError) in
      // Most passes find nothing, and then need neither keys nor templates nor the lock.
      guard try Courier.hasWork(in: store, at: context.now) else { return DeliverySummary() }
      var courier = try Courier(
        store: store, configuration: configuration, uid: context.uid,
        output: { bytes throws(FileError) in try output.writeAtOnce(bytes) })
      return try courier.deliver(limit: limit, clock: context.clock)
    }
    return Self.report(summary, onStandardError: printsMail, now: context.now)
  }

  private static func report(
    _ summary: DeliverySummary, onStandardError: Bool, now: Instant
  ) -> Report {
    let counts: [(String, Int)] = [
      ("sent", summary.count(.sent)), ("deferred", summary.count(.queued)),
      ("failed", summary.count(.failed)), ("cancelled", summary.count(.cancelled)),
      ("expired", summary.count(.expired)),
    ]
    let rows = summary.results.map { result in
      [
        ReportValue.integer(result.id.rawValue), .text(result.email),
        .text(result.state.rawValue), ReportValue(result.reply),
      ]
    }
    let shown = counts.filter { $0.0 == "sent" || $0.0 == "failed" || $0.1 > 0 }
    let next = summary.nextAttempt.map { " Next try \($0.minuteText)." } ?? ""
    let sentence = shown.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    let sentences = summary.results.isEmpty ? [] : [sentence.capitalizedFirst + "." + next]
    var report = Report(
      fields: counts.map { ReportField($0.0, .integer(Int64($0.1))) },
      list: .known("results", columns, rows), prose: .sentences(sentences))
    if onStandardError { report = report.besidePayload() }
    if let fault = summary.stopped {
      let diagnostic = Diagnostic(.delivery(fault), now: now, isVerbose: false)
      report.conclusion = { .failure(diagnostic) }
    }
    return report
  }
}

extension String {
  /// The text with its first letter in upper case.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
