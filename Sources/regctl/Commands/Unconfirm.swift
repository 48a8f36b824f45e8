internal import RegctlCore

/// The `unconfirm` command.
struct Unconfirm: Command {
  private static let reason = Option<String>.line(
    "reason", "TEXT", "Why, for the audit (required)")

  static let name = "unconfirm"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Take a confirmation back",
    description: """
      Makes confirmed accounts unconfirmed again and voids the links that were
      mailed before, and a change of address that waits. Who did it and why is
      written down.
      """,
    operands: [OperandUsage("EMAIL", .email, .oneOrMore)],
    options: [reason],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example(
        "regctl unconfirm ann@example.org --reason 'address bounced'", "Take it back")
    ])

  private let emails: [String]
  private let reason: String

  init(_ arguments: ParsedArguments) throws(UsageError) {
    emails = arguments.operands
    guard let reason = try arguments[Self.reason] else {
      throw arguments.error(.requires("unconfirm", "--reason"))
    }
    self.reason = reason
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    return try sink.forEach(of: emails, in: context) { email throws(CommandError) in
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
