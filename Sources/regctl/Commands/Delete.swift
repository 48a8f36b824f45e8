internal import RegctlCore

/// The `delete` command.
struct Delete: Command {
  static let name = "delete"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Delete accounts for good",
    description: """
      Deletes accounts, confirmed or not, and cancels their mails that wait. Nothing
      brings them back, and their links die with them. Who did it and why is
      written down. The last administrator is kept unless --force is given. Without
      --yes it asks.
      """,
    operands: [OperandUsage("EMAIL", .email, .oneOrMore)],
    options: [
      OptionUsage("reason", ValueUsage("TEXT"), "Why, for the audit (required)"),
      OptionUsage("yes", short: "y", "Do not ask"),
      OptionUsage("force", "Even the last administrator"),
    ],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example(
        "regctl delete bob@example.org --reason 'asked for it, ticket 4712' --yes",
        "At his own wish")
    ])

  private let emails: [String]
  private let reason: String
  private let isSure: Bool
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    emails = arguments.operands
    isSure = arguments.has("yes")
    force = arguments.has("force")
    guard let reason = try arguments.line("reason") else {
      throw arguments.error(.requires("delete", "--reason"))
    }
    self.reason = reason
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .writing)
    if let email = emails.first, emails.count == 1 {
      // Nobody is asked about an account that is not there.
      _ = try core { () throws(RegctlError) in try store.account(email) }
    }
    let question = Question.about("Delete for good", emails.count, emails)
    guard try context.confirm(question, isSure: isSure, command: Self.name) else {
      throw .declined
    }
    return try AccountResults.of(emails, in: context) { email throws(CommandError) in
      let account = try core { () throws(RegctlError) in
        try DeleteAccount.perform(
          email, reason: reason, force: force, in: store, at: context.now, by: context.actor)
      }
      return AccountResults.Success(
        email: account.email, result: "deleted",
        sentence: "\(TerminalText.escape(account.email)) is deleted.")
    }
  }
}
