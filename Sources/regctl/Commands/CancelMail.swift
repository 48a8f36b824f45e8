internal import RegctlCore

/// The `cancel-mail` command.
struct CancelMail: Command {
  static let name = "cancel-mail"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Call off a mail that waits",
    description: """
      Cancels mails that wait to be sent. The accounts stay as they are; a new mail
      is a matter of regctl resend.
      """,
    operands: [OperandUsage("ID", .mail, .oneOrMore)],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [Example("regctl cancel-mail 1", "Before the next deliver")])

  private let mails: [MailID]

  init(_ arguments: ParsedArguments) throws(UsageError) { mails = try arguments.mails() }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    let control = OutboxControl(in: store, at: context.now, by: context.actor)
    return try sink.forEach(of: mails, in: context) { id throws(CommandError) in
      let mail = try core(control.cancel(id))
      return MailRow(
        mail, result: "cancelled",
        "Mail \(id.rawValue) to \(TerminalText.escape(mail.email)) is cancelled.")
    }
  }
}
