internal import RegctlCore

/// The `cancel-mail` command.
struct CancelMail: Command {
  static let name = "cancel-mail"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Call off a mail that waits",
    description: """
      Cancels mails that wait to be sent. The accounts stay as they are; a new mail
      is a matter of regctl resend. EMAIL means the only such mail of that account.

      With options, every queued mail that they select; --state queued selects all,
      and --state held those that deliver holds because of a flood.
      --since and --until are about the time when a mail was queued. Without --yes,
      regctl asks.
      """,
    operands: [OperandUsage("ID|EMAIL", .mail, .any)],
    options: OutboxSelection.declared + Selection.ofChange + [StatedReason.option],
    forms: ["ID|EMAIL...", "[options]"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl cancel-mail ann@example.org", "Before the next deliver"),
      Example(
        "regctl cancel-mail --domain example.net --dry-run", "Which mails to a domain wait?"),
    ])

  private enum Request {
    case mails([MailReference])
    case selection(ChangeMails)
  }

  private let request: Request

  init(_ arguments: ParsedArguments) throws(UsageError) {
    guard OutboxSelection.declared.contains(where: arguments.has) else {
      let mails = try arguments.mails()
      if mails.isEmpty { throw arguments.error(.missingOperand("ID|EMAIL")) }
      try arguments.refuseSelectionOptions()
      request = .mails(mails)
      return
    }
    try arguments.refuseOperands()
    request = .selection(try ChangeMails(.cancel, arguments, usually: [.queued]))
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    switch request {
    case .selection(let change): return try change.run(in: context, named: Self.name, to: sink)
    case .mails(let mails):
      let store = try context.store(context.configuration(), for: .writing)
      let control = OutboxControl(in: store, at: context.now, by: context.actor)
      return try sink.forEach(of: mails, in: context, command: Self.name) {
        reference throws(CommandError) in
        let mail = try core(control.cancel(reference))
        return MailRow(
          mail, result: "cancelled",
          "Mail \(mail.id.rawValue) to \(TerminalText.escape(mail.email)) is cancelled.")
      }
    }
  }
}
