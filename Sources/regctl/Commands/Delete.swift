internal import RegctlCore

/// The `delete` command.
struct Delete: Command {
  private static let reason = Option<String>.line(
    "reason", "TEXT", "Reason, for the audit (required)")
  private static let yes = Switch("yes", short: "y", "Do not ask")
  private static let force = Switch("force", "Allow it for the last administrator")

  static let name = "delete"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Delete accounts permanently",
    description: """
      Deletes accounts, confirmed or not, and cancels their queued mails. This
      cannot be undone, and the links of the accounts become invalid. The audit
      records who did it and why. The last administrator is kept unless --force is
      given. Without --yes, regctl asks.
      """,
    operands: [OperandUsage("EMAIL", .email, .oneOrMore)],
    options: [reason, yes, force],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example(
        "regctl delete bob@example.org --reason 'asked for it, ticket 4712' --yes",
        "At the owner's request")
    ])

  private let emails: [String]
  private let reason: String
  private let isSure: Bool
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    emails = arguments.operands
    isSure = arguments[Self.yes]
    force = arguments[Self.force]
    guard let reason = try arguments[Self.reason] else {
      throw arguments.error(.requires("delete", "--reason"))
    }
    self.reason = reason
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    if let email = emails.first, emails.count == 1 {
      // Do not ask about an account that does not exist.
      _ = try core(store.account(email))
    }
    let question = Question.about("Delete permanently", emails.count, emails)
    guard try context.confirm(question, isSure: isSure, command: Self.name) else {
      throw .declined
    }
    return try sink.forEach(of: emails, in: context) { email throws(CommandError) in
      let account = try core(
        DeleteAccount.perform(
          email, reason: reason, force: force, in: store, at: context.now, by: context.actor))
      return AccountRow(
        account, result: "deleted", "\(TerminalText.escape(account.email)) is deleted.")
    }
  }
}
