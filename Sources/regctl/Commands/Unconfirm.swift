internal import RegctlCore

/// The `unconfirm` command.
struct Unconfirm: Command {
  private static let reason = StatedReason.option("Reason, for the audit (required)")

  static let name = "unconfirm"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Make an account unconfirmed again",
    description: """
      Makes confirmed accounts unconfirmed again. Links mailed earlier and a pending
      change of address become invalid. The audit records who did it and why.
      """,
    operands: [OperandUsage("EMAIL", .email, .any)],
    options: [reason] + AccountOperands.declared,
    forms: ["EMAIL... --reason TEXT", "--file FILE|- --reason TEXT"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example(
        "regctl unconfirm ann@example.org --reason 'address bounced'", "Undo a confirmation")
    ])

  private let operands: AccountOperands
  private let reason: String

  init(_ arguments: ParsedArguments) throws(UsageError) {
    operands = try AccountOperands(arguments, named: "EMAIL")
    reason = try StatedReason.required(by: Self.name, in: arguments)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let emails = try operands.words(in: context)
    let store = try context.store(context.configuration(), for: .writing)
    return try sink.forEach(of: emails, in: context, command: Self.name) {
      email throws(CommandError) in
      let undone = try core(
        RegctlCore.Confirm.undo(
          email, reason: reason, in: store, at: context.now, by: context.actor))
      let escaped = TerminalText.escape(undone.account.email)
      return AccountRow(
        undone.account, result: undone.isNew ? "unconfirmed" : "not_confirmed",
        undone.isNew ? "\(escaped) is no longer confirmed." : "\(escaped) was not confirmed.")
    }
  }
}
