internal import RegctlCore

/// The `unconfirm` command.
struct Unconfirm: Command {
  static let name = "unconfirm"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Take a confirmation back",
    description: """
      Makes confirmed accounts unconfirmed again and voids the links that were
      mailed before, and a change of address that waits. Who did it and why is
      written down.
      """,
    operands: [OperandUsage("EMAIL", .email, .oneOrMore)],
    options: [OptionUsage("reason", ValueUsage("TEXT"), "Why, for the audit (required)")],
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
    guard let reason = try arguments.line("reason") else {
      throw arguments.error(.requires("unconfirm", "--reason"))
    }
    self.reason = reason
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .writing)
    return try AccountResults.of(emails, in: context) { email throws(CommandError) in
      let undone = try core { () throws(RegctlError) in
        try RegctlCore.Confirm.undo(
          email, reason: reason, in: store, at: context.now, by: context.actor)
      }
      let escaped = TerminalText.escape(undone.account.email)
      return AccountResults.Success(
        email: undone.account.email, result: undone.isNew ? "unconfirmed" : "not_confirmed",
        sentence: undone.isNew
          ? "\(escaped) is no longer confirmed." : "\(escaped) was not confirmed.")
    }
  }
}
