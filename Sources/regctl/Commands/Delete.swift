internal import RegctlCore

/// The `delete` command.
struct Delete: Command {
  private static let reason = StatedReason.option("Reason, for the audit (required)")
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

      --state, --since, --until, --domain and --email select accounts; then --file
      and --stdin leave out others. --since and --until are about the time of
      registration, and --limit takes the oldest, or with --newest the newest.
      """,
    operands: [OperandUsage("EMAIL", .email, .any)],
    options: [reason] + AccountOperands.declared + ofSelection
      + [Selection.dryRun, Selection.yes, force],
    forms: [
      "EMAIL... --reason TEXT [options]", "--file FILE|- --reason TEXT [options]",
      "--domain DOMAIN --reason TEXT [options]",
    ],
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
      Example(
        "regctl delete --domain example.net --state unconfirmed --dry-run",
        "What a domain has registered and not confirmed"),
    ])

  /// The options that select accounts, besides those of operands.
  private static let ofSelection: [any OptionDeclaration] = [
    AccountSelection.stateInTable, Selection.since, Selection.until, Selection.domain,
    Selection.email, Selection.newest, Selection.limit,
  ]

  private enum Request {
    case named(AccountOperands)
    case selected(AccountSelection)
  }

  private let request: Request
  private let reason: String
  private let isDryRun: Bool
  private let isSure: Bool
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    if Self.ofSelection.contains(where: arguments.has) {
      try arguments.refuseOperands()
      request = .selected(try AccountSelection(changed: arguments))
    } else {
      request = .named(try AccountOperands(arguments, named: "EMAIL"))
    }
    isDryRun = arguments[Selection.dryRun]
    isSure = arguments[Selection.yes]
    force = arguments[Self.force]
    reason = try StatedReason.required(by: Self.name, isDryRun: isDryRun, in: arguments)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let words: [String]? =
      switch request {
      case .named(let operands): try operands.words(in: context)
      case .selected(let selection): try selection.addresses(in: context)
      }
    let store = try context.store(
      context.configuration(), for: isDryRun ? .strictlyReadOnly : .writing)
    guard case .selected(let selection) = request else {
      return try delete(words ?? [], in: store, context, to: sink)
    }
    let found = try Found(named: words, in: store)
    var emails: [String] = []
    let batches = selection.batches(of: found?.ids, in: store, at: context.localNow)
    while let batch = try batches.next() { emails += batch.map(\.email) }
    var summary = try delete(emails, in: store, context, to: sink)
    if emails.isEmpty { summary.sentences.append("Nothing to delete.") }
    if let missing = found?.summary(in: context), missing.exitCode != .ok {
      (summary.failures, summary.exitCode) = (missing.failures, missing.exitCode)
    }
    return summary
  }

  private func delete(
    _ emails: [String], in store: Store, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    if isDryRun { return try preview(of: emails, in: store, context, to: sink) }
    if let email = emails.first, emails.count == 1 {
      // Do not ask about an account that does not exist.
      _ = try core(store.account(named: email))
    }
    let question = Question.about("Delete", emails.count, emails)
    if !emails.isEmpty,
      try !context.confirm(question, isSure: isSure, command: Self.name)
    {
      throw .declined
    }
    return try sink.forEach(
      of: emails, in: context, command: Self.name, after: [ReportField("dry_run", .boolean(false))]
    ) { email throws(CommandError) in
      let account = try core(
        DeleteAccount.perform(
          email, reason: reason, force: force, in: store, at: context.now, by: context.actor))
      return AccountRow(
        account, result: "deleted", "\(TerminalText.escape(account.email)) is deleted.")
    }
  }

  private func preview(
    of emails: [String], in store: Store, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let preview = DeletionPreview()
    return try sink.forEach(
      of: emails, in: context, command: Self.name, after: [ReportField("dry_run", .boolean(true))]
    ) { email throws(CommandError) in
      let account = try core(preview.next(email, force: force, in: store))
      return AccountRow(
        account, result: "deleted", "\(TerminalText.escape(account.email)) would be deleted.")
    }
  }
}
