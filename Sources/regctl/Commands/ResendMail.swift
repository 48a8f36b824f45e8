internal import RegctlCore

/// The `resend` command.
struct ResendMail: Command {
  static let name = "resend"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Queue the confirmation mail once more",
    description: """
      Queues a new confirmation mail to accounts that are not confirmed; a mail that
      still waits is not doubled. Links of earlier mails stay valid until they
      expire. Asking again within resend_interval, or more than resend_max_per_day
      times, is refused.
      """,
    operands: [OperandUsage("EMAIL", .unconfirmedEmail, .oneOrMore)],
    options: [
      OptionUsage("force", "Ignore the limits; this is written down"),
      OptionUsage("revoke-previous", "Void the links that were mailed before"),
    ],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl resend ann@example.org", "Queue a new mail"),
      Example("regctl resend ann@example.org --force && regctl deliver", "With the caller waiting"),
    ])

  private let emails: [String]
  private let force: Bool
  private let revokesPrevious: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    emails = arguments.operands
    force = arguments.has("force")
    revokesPrevious = arguments.has("revoke-previous")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .writing)
    let resend = Resend(configuration, force: force, revokesPrevious: revokesPrevious)
    var report = try AccountResults.of(emails, details: [Column("mail")], in: context) {
      email throws(CommandError) in
      let outcome = try core { () throws(RegctlError) in
        try resend.perform(email, in: store, at: context.now, by: context.actor)
      }
      switch outcome {
      case .queued(let account, let mail):
        return AccountResults.Success(
          email: account.email, result: "queued", details: [.integer(mail.rawValue)],
          sentence: "A confirmation mail to \(TerminalText.escape(account.email)) is queued.")
      case .alreadyConfirmed(let account):
        return AccountResults.Success(
          email: account.email, result: "already_confirmed", details: [.null],
          sentence: "\(TerminalText.escape(account.email)) is already confirmed; nothing is sent.")
      }
    }
    report.next = "regctl deliver"
    return report
  }
}
