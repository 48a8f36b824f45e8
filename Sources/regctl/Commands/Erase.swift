internal import Base
internal import RegctlCore

/// The `erase` command.
struct Erase: Command {
  private static let reason = StatedReason.option(
    "Reason, for the audit, without address (required)")
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show what would be done, change nothing")
  private static let yes = Switch("yes", short: "y", "Do not ask")
  private static let force = Switch("force", "Allow it for the last administrator")

  static let name = "erase"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Erase a person, for good",
    description: """
      Erases a person who asks to be forgotten: the account, or what was archived of
      it when it was deleted or pruned, its mails and requests, and the addresses
      and reasons in the audit, of former addresses too. The audit still says when
      something was done and by whom, and audit --verify still works. Nothing brings
      the account back. In a file, all that was ever deleted is overwritten; a
      server keeps it until it vacuums, and in its log. Without --yes, regctl asks.
      A number is the id of an account.
      """,
    operands: [OperandUsage("EMAIL|ID", .email)],
    options: [reason, dryRun, yes, force],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl erase bob@example.org --reason 'ticket 4714' --dry-run", "What is known"),
      Example("regctl erase bob@example.org --reason 'ticket 4714' --yes", "Forget Bob"),
    ])

  private let word: String
  private let reason: String
  private let isDryRun: Bool
  private let isSure: Bool
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    word = arguments.onlyOperand
    isDryRun = arguments[Self.dryRun]
    isSure = arguments[Self.yes]
    force = arguments[Self.force]
    reason = try StatedReason.required(by: Self.name, isDryRun: isDryRun, in: arguments)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(
      context.configuration(), for: isDryRun ? .strictlyReadOnly : .writing)
    // Do not ask about a person who is not known.
    let known = try core(RegctlCore.Erase.preview(word, force: force, in: store))
    if isDryRun { return Self.summary(of: known, isDryRun: true) }
    let question = "Erase \(TerminalText.escape(known.email)) for good?"
    guard try context.confirm(question, isSure: isSure, command: Self.name) else {
      throw .declined
    }
    let erased = try core(
      RegctlCore.Erase.perform(
        word, reason: reason, force: force, in: store, at: context.now, by: context.actor))
    var summary = Self.summary(of: erased, isDryRun: false)
    do throws(RegctlError) {
      if try !store.overwriteDeleted() {
        summary.notes.append(DatabaseAdvice.keptByServer.text)
      }
    } catch {
      // What was erased stays erased.
      let cause = context.diagnostic(.core(error))
      summary.fail(
        Diagnostic(
          cause.code, cause.exitCode, "erased, but not yet overwritten: \(cause.message)",
          hint: DatabaseAdvice.overwrite))
    }
    return summary
  }

  private static func summary(
    of traces: RegctlCore.Erase.Traces, isDryRun: Bool
  ) -> Summary {
    let parts = [
      (traces.account == nil ? 0 : 1, "account", "accounts"),
      (traces.archived, "archived account", "archived accounts"), (traces.mails, "mail", "mails"),
      (traces.entries, "audit entry", "audit entries"),
    ].filter { $0.0 > 0 }.map { Plural.count($0.0, $0.1, $0.2) }
    return Summary(
      [
        ReportField("result", .text("erased")), ReportField("dry_run", .boolean(isDryRun)),
        ReportField("email", .text(traces.email)),
        ReportField("id", ReportValue(traces.account?.rawValue)),
        ReportField("archived", ReportValue(traces.archived)),
        ReportField("mails", ReportValue(traces.mails)),
        ReportField("entries", ReportValue(traces.entries)),
      ],
      "\(isDryRun ? "Would erase" : "Erased") \(TerminalText.escape(traces.email)): "
        + "\(parts.joined(separator: ", ")).")
  }
}
