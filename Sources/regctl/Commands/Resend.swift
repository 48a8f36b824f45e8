internal import Base
internal import RegctlCore

/// The `resend` command.
struct Resend: Command {
  private static let force = Switch("force", "Ignore the limits; the audit records it")
  private static let revokePrevious = Switch(
    "revoke-previous", "Revoke the links mailed earlier")
  private static let allUnconfirmed = Switch(
    "all-unconfirmed", "Queue a mail to every unconfirmed account")
  private static let wait = ImmediateDelivery.option
  private static let template = Option<Template>.choice(
    "template", "The mail to queue (default confirm)")

  /// The mails that can be queued.
  private enum Template: String, CaseIterable, Sendable {
    case confirm, reminder

    var kind: MailKind {
      switch self {
      case .confirm: .confirm
      case .reminder: .reminder
      }
    }
  }

  static let name = "resend"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Queue the confirmation mail again",
    description: """
      Queues a new confirmation mail to unconfirmed accounts, unless one is already
      queued. Links of earlier mails stay valid until they expire. A request within
      resend_interval of the last one, or beyond resend_max_per_day, is refused.
      With --wait the mails are sent at once, and no others; one that is not
      accepted stays queued. With --template reminder the mail also says when the
      account will be deleted, which is prune_after later. A person who was invited
      and has set no password gets the invitation again.

      --all-unconfirmed queues a mail to every unconfirmed account, except those
      with a mail in progress or a recent request. With --campaign NAME no account
      gets two mails of that name, so that an interrupted command can be repeated.
      --rate spreads the mails over time. --since and --until are about the time of
      registration, and --state is about the last mail. Without --yes, regctl asks.
      """,
    operands: [OperandUsage("EMAIL", .unconfirmedEmail, .any)],
    options: [force, revokePrevious, wait, template, allUnconfirmed, StatedReason.option]
      + ResendToAll.options,
    forms: [
      "EMAIL... [--force] [--revoke-previous] [--wait] [options]",
      "--all-unconfirmed [options]",
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .unavailable, .inputOutput, .temporary,
      .noPermission, .configuration,
    ],
    examples: [
      Example("regctl resend ann@example.org", "Queue a new mail"),
      Example("regctl resend ann@example.org --force --wait", "While a caller waits"),
      Example("regctl resend --all-unconfirmed --dry-run", "Which accounts would get a mail?"),
      Example(
        "regctl resend --all-unconfirmed --since yesterday --until yesterday --yes",
        "Those who registered yesterday"),
      Example(
        "regctl resend --all-unconfirmed --campaign outage --rate 600/h --yes",
        "After an outage of the mail server"),
      Example(
        "regctl resend --all-unconfirmed --until 7d --template reminder --yes",
        "Before they are pruned"),
    ])

  private enum Request {
    case accounts([String], force: Bool, revokesPrevious: Bool, waits: Bool)
    case all(ResendToAll)
  }

  private let request: Request
  private let kind: MailKind

  init(_ arguments: ParsedArguments) throws(UsageError) {
    kind = try arguments[Self.template]?.kind ?? .confirm
    if arguments[Self.allUnconfirmed] {
      try arguments.refuseOperands()
      try arguments.refuse(Self.force, with: Self.allUnconfirmed)
      try arguments.refuse(Self.revokePrevious, with: Self.allUnconfirmed)
      try arguments.refuse(Self.wait, with: Self.allUnconfirmed)
      request = .all(try ResendToAll(arguments, kind))
      return
    }
    for option in ResendToAll.options {
      try arguments.require(Self.allUnconfirmed, for: option)
    }
    guard !arguments.operands.isEmpty else { throw arguments.error(.missingOperand("EMAIL")) }
    request = .accounts(
      arguments.operands, force: arguments[Self.force],
      revokesPrevious: arguments[Self.revokePrevious], waits: arguments[Self.wait])
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    if kind == .reminder, try context.configuration().pruneAfter == .never {
      throw .usage(
        UsageError(
          .invalidValue(
            option: Self.template.usage.flag, value: kind.rawValue,
            expected: .format("prune_after is never, so no account will be deleted")),
          command: Self.name))
    }
    switch request {
    case .accounts(let emails, let force, let revokesPrevious, let waits):
      return try resend(
        to: emails, force: force, revokesPrevious: revokesPrevious, waits: waits, in: context,
        to: sink)
    case .all(let all):
      return try all.run(in: context, named: Self.name, to: sink)
    }
  }

  private func resend(
    to emails: [String], force: Bool, revokesPrevious: Bool, waits: Bool, in context: Context,
    to sink: RowSink
  ) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .writing)
    let delivery = try context.immediateDelivery(
      waits, configuration, in: store, command: Self.name, to: sink)
    let resend = RegctlCore.Resend(
      configuration, kind: kind, force: force, revokesPrevious: revokesPrevious)
    var deliveries: [ImmediateDelivery.Result] = []
    var summary = try sink.forEach(of: emails, in: context, command: Self.name) {
      email throws(CommandError) in
      let effect = try core(resend.perform(email, in: store, at: context.now, by: context.actor))
      guard case .queued(_, let mail) = effect, let delivery else {
        return ResendRow(effect, of: kind)
      }
      let delivered = try delivery.deliver(mail)
      deliveries.append(delivered)
      return ResendRow(effect, of: kind, delivered)
    }
    summary.add(deliveries, isWaiting: !waits)
    return summary
  }
}
