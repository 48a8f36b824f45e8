internal import RegctlCore

/// The `retry-mail` command.
struct RetryMail: Command {
  private static let allFailed = Switch("all-failed", "Every mail that failed permanently")

  static let name = "retry-mail"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Make a mail due now",
    description: """
      Makes queued, failed, cancelled or expired mails due now, as if they were new.
      A mail that was sent is not sent again: see regctl resend.
      """,
    operands: [OperandUsage("ID", .mail, .any)],
    options: [allFailed],
    forms: ["ID...", "--all-failed"],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl retry-mail 1", "After the server was repaired"),
      Example("regctl retry-mail --all-failed && regctl deliver", "After an evening of refusals"),
    ])

  private let mails: [MailID]
  private let retriesAllFailed: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    mails = try arguments.mails()
    retriesAllFailed = arguments[Self.allFailed]
    if retriesAllFailed { try arguments.refuseOperands() }
    if !retriesAllFailed, mails.isEmpty { throw arguments.error(.missingOperand("ID")) }
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    let control = OutboxControl(in: store, at: context.now, by: context.actor)
    var summary = Summary()
    if retriesAllFailed {
      let count = try core(control.retryAllFailed())
      summary = Summary(
        [ReportField("queued", ReportValue(count))],
        count == 1 ? "1 mail is due now." : "\(count) mails are due now.")
    } else {
      summary = try sink.forEach(of: mails, in: context) { id throws(CommandError) in
        let mail = try core(control.retry(id))
        return MailRow(
          mail, result: "queued",
          "Mail \(id.rawValue) to \(TerminalText.escape(mail.email)) is due now.")
      }
    }
    summary.next = "regctl deliver"
    return summary
  }
}
