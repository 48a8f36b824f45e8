internal import RegctlCore

/// The `resend` command.
struct Resend: Command {
  static let name = "resend"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Queue the confirmation mail once more",
    description: """
      Queues a new confirmation mail to accounts that are not confirmed; a mail that
      still waits is not doubled. Links of earlier mails stay valid until they
      expire. Asking again within resend_interval, or more than resend_max_per_day
      times, is refused.

      --all-unconfirmed queues one to everybody who waits, but for those with a mail
      on its way and those asked again too soon. With --campaign NAME nobody gets
      two mails of that name: what broke off is begun again by the same line. --rate
      spreads the mails over time. Without --yes it asks.
      """,
    operands: [OperandUsage("EMAIL", .unconfirmedEmail, .any)],
    options: [
      OptionUsage("force", "Ignore the limits; this is written down"),
      OptionUsage("revoke-previous", "Void the links that were mailed before"),
      OptionUsage("all-unconfirmed", "To every account that is not confirmed"),
    ] + ResendToAll.options,
    forms: ["EMAIL... [--force] [--revoke-previous]", "--all-unconfirmed [options]"],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl resend ann@example.org", "Queue a new mail"),
      Example("regctl resend ann@example.org --force && regctl deliver", "With the caller waiting"),
      Example("regctl resend --all-unconfirmed --dry-run", "Who would get a mail?"),
      Example(
        "regctl resend --all-unconfirmed --campaign outage --rate 600/h --yes",
        "After an outage of the mail server"),
    ])

  private enum Request {
    case accounts([String], force: Bool, revokesPrevious: Bool)
    case all(ResendToAll)
  }

  private let request: Request

  init(_ arguments: ParsedArguments) throws(UsageError) {
    if arguments.has("all-unconfirmed") {
      if let extra = arguments.operands.first {
        throw arguments.error(.unexpectedOperand(extra))
      }
      for option in ["force", "revoke-previous"] {
        try arguments.refuse(option, with: "all-unconfirmed")
      }
      request = .all(try ResendToAll(arguments))
      return
    }
    for option in ResendToAll.options {
      try arguments.require(option.long, with: "all-unconfirmed")
    }
    guard !arguments.operands.isEmpty else { throw arguments.error(.missingOperand("EMAIL")) }
    request = .accounts(
      arguments.operands, force: arguments.has("force"),
      revokesPrevious: arguments.has("revoke-previous"))
  }

  func run(in context: Context) throws(CommandError) -> Report {
    switch request {
    case .accounts(let emails, let force, let revokesPrevious):
      try resend(to: emails, force: force, revokesPrevious: revokesPrevious, in: context)
    case .all(let all):
      try all.run(in: context, named: Self.name)
    }
  }

  private func resend(
    to emails: [String], force: Bool, revokesPrevious: Bool, in context: Context
  ) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .writing)
    let resend = RegctlCore.Resend(configuration, force: force, revokesPrevious: revokesPrevious)
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
