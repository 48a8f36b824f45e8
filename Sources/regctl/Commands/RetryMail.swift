internal import RegctlCore

/// The `retry-mail` command.
struct RetryMail: Command {
  static let name = "retry-mail"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Make a mail due now",
    description: """
      Makes mails that wait, were refused, cancelled or given up due now, as if they
      were new. A mail that was sent is not sent again: see regctl resend.
      """,
    operands: [OperandUsage("ID", .mail, .any)],
    options: [OptionUsage("all-failed", "Every mail that was refused for good")],
    forms: ["ID...", "--all-failed"],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl retry-mail 1", "Once the server's fault is mended"),
      Example("regctl retry-mail --all-failed && regctl deliver", "After an evening of refusals"),
    ])

  private let mails: [MailID]
  private let retriesAllFailed: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    mails = try arguments.mails()
    retriesAllFailed = arguments.has("all-failed")
    if retriesAllFailed, let extra = arguments.operands.first {
      throw arguments.error(.unexpectedOperand(extra))
    }
    if !retriesAllFailed, mails.isEmpty { throw arguments.error(.missingOperand("ID")) }
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .writing)
    let steering = Steering(in: store, at: context.now, by: context.actor)
    var report = try retriesAllFailed ? allFailed(steering) : each(steering, in: context)
    report.next = "regctl deliver"
    return report
  }

  private func each(_ steering: Steering, in context: Context) throws(CommandError) -> Report {
    try AccountResults.of(mails, in: context) { id throws(RegctlError) in
      let mail = try steering.retry(id)
      return AccountResults.Success(
        mail: mail, result: "queued",
        sentence: "Mail \(id.rawValue) to \(TerminalText.escape(mail.email)) is due now.")
    }
  }

  private func allFailed(_ steering: Steering) throws(CommandError) -> Report {
    let count = try core { () throws(RegctlError) in try steering.retryAllFailed() }
    return .summary(
      [ReportField("queued", .integer(Int64(count)))],
      count == 1 ? "1 mail is due now." : "\(count) mails are due now.")
  }
}
