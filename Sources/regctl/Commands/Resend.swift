internal import RegctlCore

/// The `resend` command.
struct Resend: Command {
  private static let force = Switch("force", "Ignore the limits; this is written down")
  private static let revokePrevious = Switch(
    "revoke-previous", "Void the links that were mailed before")
  private static let allUnconfirmed = Switch(
    "all-unconfirmed", "To every account that is not confirmed")

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
    options: [force, revokePrevious, allUnconfirmed] + ResendToAll.options,
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
    if arguments[Self.allUnconfirmed] {
      try arguments.refuseOperands()
      try arguments.refuse(Self.force, with: Self.allUnconfirmed)
      try arguments.refuse(Self.revokePrevious, with: Self.allUnconfirmed)
      request = .all(try ResendToAll(arguments))
      return
    }
    for option in ResendToAll.options {
      try arguments.require(Self.allUnconfirmed, for: option)
    }
    guard !arguments.operands.isEmpty else { throw arguments.error(.missingOperand("EMAIL")) }
    request = .accounts(
      arguments.operands, force: arguments[Self.force],
      revokesPrevious: arguments[Self.revokePrevious])
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    switch request {
    case .accounts(let emails, let force, let revokesPrevious):
      try resend(to: emails, force: force, revokesPrevious: revokesPrevious, in: context, to: sink)
    case .all(let all):
      try all.run(in: context, named: Self.name, to: sink)
    }
  }

  private func resend(
    to emails: [String], force: Bool, revokesPrevious: Bool, in context: Context,
    to sink: RowSink
  ) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .writing)
    let resend = RegctlCore.Resend(configuration, force: force, revokesPrevious: revokesPrevious)
    var summary = try sink.forEach(of: emails, in: context) { email throws(CommandError) in
      ResendRow(try core(resend.perform(email, in: store, at: context.now, by: context.actor)))
    }
    summary.next = "regctl deliver"
    return summary
  }
}
