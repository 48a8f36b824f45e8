internal import Base
internal import RegctlCore

/// The `lock` command.
struct Lock: Command {
  private static let reason = StatedReason.option("Reason, for the audit (required)")
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show what would be done, change nothing")
  private static let yes = Switch("yes", short: "y", "Do not ask about a domain")
  private static let force = Switch("force", "Allow it for the last administrator")

  static let name = "lock"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Lock accounts, or all accounts of a domain",
    description: """
      Locks accounts: regctl check does not let them in, their links and resets are
      refused, nothing is mailed to them, and prune keeps them. In the application
      their password is unusable until regctl unlock restores it.

      @DOMAIN locks every account with exactly this domain, not those of its
      subdomains, and no account can be registered or imported there. Accounts that
      the application registers in a locked domain are locked too, but can use their
      password in the application until the domain is locked once more. Without
      --yes, regctl asks before it locks a domain with accounts.
      """,
    operands: [OperandUsage("EMAIL|@DOMAIN", .email, .any)],
    options: [reason] + AccountOperands.declared + [dryRun, yes, force],
    forms: [
      "EMAIL|@DOMAIN... --reason TEXT [options]", "--file FILE|- --reason TEXT [options]",
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl lock bob@example.org --reason 'sends spam, ticket 4713'", "Lock an abuser"),
      Example("regctl lock @spam.example --reason 'throw-away addresses' --yes", "And a domain"),
    ])

  private let operands: AccountOperands
  private let reason: String
  private let isDryRun: Bool
  private let isSure: Bool
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    operands = try AccountOperands(arguments, named: "EMAIL|@DOMAIN")
    isDryRun = arguments[Self.dryRun]
    isSure = arguments[Self.yes]
    force = arguments[Self.force]
    reason = try StatedReason.required(by: Self.name, isDryRun: isDryRun, in: arguments)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let words = try operands.words(in: context)
    let store = try context.store(
      context.configuration(), for: isDryRun ? .strictlyReadOnly : .writing)
    if !isDryRun { try ask(about: words, store, context) }
    return try sink.forEach(
      of: words, in: context, command: Self.name,
      after: [ReportField("dry_run", .boolean(isDryRun))]
    ) { word throws(CommandError) in
      let target = try core(LockTarget(word))
      if isDryRun { return try preview(target, store) }
      let done = try core(
        LockAccounts.lock(
          target, reason: reason, force: force, in: store, at: context.now, by: context.actor))
      let subject = LockRow.subject(of: done)
      let isDone = done.isNew || done.accounts > 0
      let count = done.domain == nil ? "" : ", with \(Plural.count(done.accounts, "account"))"
      return LockRow(
        done, result: isDone ? "locked" : "already_locked",
        isDone ? "\(subject) is locked\(count)." : "\(subject) is locked already.")
    }
  }

  /// Asks about the domains that have accounts.
  private func ask(
    about words: [String], _ store: Store, _ context: Context
  ) throws(CommandError) {
    var count = 0
    var domains: [String] = []
    for word in words where word.utf8.first == UInt8(ascii: "@") {
      guard case .domain(let domain) = try core(LockTarget(word)) else { continue }
      let found = try core(LockAccounts.count(in: domain, in: store))
      if found > 0 { domains.append(TerminalText.escape("@\(domain.name)")) }
      count += found
    }
    if domains.isEmpty { return }
    let question =
      "Lock \(Plural.count(count, "account")) (\(domains.joined(separator: ", ")))?"
    guard try context.confirm(question, isSure: isSure, command: Self.name) else {
      throw .declined
    }
  }

  private func preview(_ target: LockTarget, _ store: Store) throws(CommandError) -> LockRow {
    let done = try core(LockAccounts.preview(target, force: force, in: store))
    let subject = LockRow.subject(of: done)
    let count = done.domain == nil ? "" : ", with \(Plural.count(done.accounts, "account"))"
    return LockRow(
      done, result: done.isNew ? "locked" : "already_locked",
      done.isNew ? "\(subject) would be locked\(count)." : "\(subject) is locked already.")
  }
}
