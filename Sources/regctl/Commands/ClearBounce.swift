internal import RegctlCore

/// The `clear-bounce` command.
struct ClearBounce: Command {
  static let name = "clear-bounce"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Allow mail to an address that bounced",
    description: """
      Allows further mail to accounts whose address gets none because a mail to it
      bounced: when the person says that the mailbox exists now. Nothing is mailed:
      see regctl resend. A confirmation and regctl change-email do the same. The
      reports stay in regctl list-bounces and regctl show.
      """,
    operands: [OperandUsage("EMAIL", .email, .any)],
    options: AccountOperands.declared + [StatedReason.option],
    forms: ["EMAIL... [--reason TEXT]", "--file FILE|- [--reason TEXT]"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example(
        "regctl clear-bounce bob@example.org --reason 'exists now, ticket 4720'",
        "The address was right after all")
    ])

  private let operands: AccountOperands

  init(_ arguments: ParsedArguments) throws(UsageError) {
    operands = try AccountOperands(arguments, named: "EMAIL")
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let words = try operands.words(in: context)
    let store = try context.store(context.configuration(), for: .writing)
    var summary = try sink.forEach(of: words, in: context, command: Self.name) {
      word throws(CommandError) in
      let done = try core(
        RegctlCore.ClearBounce.perform(word, in: store, at: context.now, by: context.actor))
      let email = TerminalText.escape(done.account.email)
      return AccountRow(
        done.account, result: done.isNew ? "cleared" : "not_suppressed",
        done.isNew ? "\(email) may get mail again." : "Mail to \(email) was not suppressed.")
    }
    if words.count == 1 { summary.next = ShellCommand("regctl resend", words[0]) }
    return summary
  }
}
