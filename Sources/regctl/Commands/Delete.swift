internal import RegctlCore

/// The `delete` command.
struct Delete: Command {
  private static let reason = StatedReason.option("Reason, for the audit (required)")
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show what would be done, change nothing")
  private static let yes = Switch("yes", short: "y", "Do not ask")
  private static let force = Switch("force", "Allow it for the last administrator")

  static let name = "delete"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Delete accounts",
    description: """
      Deletes accounts, confirmed or not, cancels their queued mails and makes their
      links invalid. Deleted accounts are moved to an archive, from which regctl
      undelete restores them. The audit records who did it and why, and regctl show
      tells. The last administrator is kept unless --force is given. Without --yes,
      regctl asks.
      """,
    operands: [OperandUsage("EMAIL", .email, .any)],
    options: [reason] + AccountOperands.declared + [dryRun, yes, force],
    forms: ["EMAIL... --reason TEXT [options]", "--file FILE|- --reason TEXT [options]"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example(
        "regctl delete bob@example.org --reason 'asked for it, ticket 4712' --yes",
        "At the owner's request"),
      Example(
        "regctl delete ann@example.org bob@example.org --reason left --dry-run",
        "What would be deleted"),
    ])

  private let operands: AccountOperands
  private let reason: String
  private let isDryRun: Bool
  private let isSure: Bool
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    operands = try AccountOperands(arguments, named: "EMAIL")
    isDryRun = arguments[Self.dryRun]
    isSure = arguments[Self.yes]
    force = arguments[Self.force]
    guard let reason = try arguments[Self.reason] else {
      throw arguments.error(.requires("delete", "--reason"))
    }
    self.reason = reason
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let emails = try operands.words(in: context)
    if isDryRun { return try preview(of: emails, in: context, to: sink) }
    let store = try context.store(context.configuration(), for: .writing)
    if let email = emails.first, emails.count == 1 {
      // Do not ask about an account that does not exist.
      _ = try core(store.account(named: email))
    }
    let question = Question.about("Delete", emails.count, emails)
    guard try context.confirm(question, isSure: isSure, command: Self.name) else {
      throw .declined
    }
    return try sink.forEach(
      of: emails, in: context, after: [ReportField("dry_run", .boolean(false))]
    ) { email throws(CommandError) in
      let account = try core(
        DeleteAccount.perform(
          email, reason: reason, force: force, in: store, at: context.now, by: context.actor))
      return AccountRow(
        account, result: "deleted", "\(TerminalText.escape(account.email)) is deleted.")
    }
  }

  private func preview(
    of emails: [String], in context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .strictlyReadOnly)
    let preview = DeletionPreview()
    return try sink.forEach(
      of: emails, in: context, after: [ReportField("dry_run", .boolean(true))]
    ) { email throws(CommandError) in
      let account = try core(preview.next(email, force: force, in: store))
      return AccountRow(
        account, result: "deleted", "\(TerminalText.escape(account.email)) would be deleted.")
    }
  }
}
