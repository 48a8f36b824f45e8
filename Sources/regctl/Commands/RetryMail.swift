internal import RegctlCore

/// The `retry-mail` command.
struct RetryMail: Command {
  private static let allFailed = Switch("all-failed", "Every mail that failed permanently")

  static let name = "retry-mail"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Make a mail due now",
    description: """
      Makes queued, failed, cancelled or expired mails due now, as if they were new.
      A mail that was sent is not sent again: see regctl resend. EMAIL means the
      only such mail of that account.

      With options, every failed mail that they select, or mails in the states of
      --state. --since and --until are about the time when a mail was queued.
      --reply takes the code of the server's last reply or its beginning: 550, or
      5.7 for a policy of the server. Without --yes, regctl asks.
      """,
    operands: [OperandUsage("ID|EMAIL", .mail, .any)],
    options: [allFailed] + OutboxSelection.declared + Selection.ofChange
      + [StatedReason.option],
    forms: ["ID|EMAIL...", "[options]"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl retry-mail ann@example.org", "After the server was repaired"),
      Example(
        "regctl retry-mail --reply 5.7 --since yesterday --dry-run",
        "Which mails did a policy refuse?"),
      Example(
        "regctl retry-mail --all-failed --yes && regctl deliver", "After an evening of refusals"),
    ])

  private enum Request {
    case mails([MailReference])
    case selection(ChangeMails)
  }

  private let request: Request

  init(_ arguments: ParsedArguments) throws(UsageError) {
    let isSelection = (OutboxSelection.declared + [Self.allFailed]).contains(where: arguments.has)
    guard isSelection else {
      let mails = try arguments.mails()
      if mails.isEmpty { throw arguments.error(.missingOperand("ID|EMAIL")) }
      try arguments.refuseSelectionOptions()
      request = .mails(mails)
      return
    }
    try arguments.refuseOperands()
    try arguments.refuse(OutboxSelection.state, with: Self.allFailed)
    request = .selection(try ChangeMails(.retry, arguments, usually: [.failed]))
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    switch request {
    case .selection(let change): return try change.run(in: context, named: Self.name, to: sink)
    case .mails(let mails):
      let store = try context.store(context.configuration(), for: .writing)
      let control = OutboxControl(in: store, at: context.now, by: context.actor)
      var summary = try sink.forEach(of: mails, in: context, command: Self.name) {
        reference throws(CommandError) in
        let mail = try core(control.retry(reference))
        return MailRow(
          mail, result: "queued",
          "Mail \(mail.id.rawValue) to \(TerminalText.escape(mail.email)) is due now.")
      }
      summary.next = "regctl deliver"
      return summary
    }
  }
}

extension ParsedArguments {
  /// Rejects options that only go with a selection.
  func refuseSelectionOptions() throws(UsageError) {
    guard let option = Selection.ofChange.first(where: has) else { return }
    throw error(.conflict(option.usage.flag, "ID|EMAIL"))
  }
}
