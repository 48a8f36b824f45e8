internal import RegctlCore

/// The `change-email` command.
struct ChangeEmail: Command {
  private static let reason = Option<String>.line("reason", "TEXT", "Why, for the audit")

  static let name = "change-email"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Give an account another address",
    description: """
      Replaces the address of an account that is not confirmed at once: links to the
      old one are void, and a mail with a new link is queued. A confirmed account
      keeps its address until the link that is mailed to the new one is followed,
      or given to 'regctl confirm'; the old address is told. Of several requests
      the newest counts. An address that another account has is refused, now and
      when the link is followed.
      """,
    operands: [OperandUsage("OLD", .email), OperandUsage("NEW", .text)],
    options: [reason],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example(
        "regctl change-email ann@exmaple.org ann@example.org --reason 'mistyped'",
        "Registered with a typing error"),
      Example("regctl change-email ann@example.org ann@post.example", "Ann has moved"),
    ])

  private let old: String
  private let new: String
  private let reason: String?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    old = arguments.operands[0]
    new = arguments.operands[1]
    reason = try arguments[Self.reason]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let address = try parseAddress(new)
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .writing)
    let outcome = try core(
      RegctlCore.ChangeEmail(to: address, reason: reason, configuration)
        .perform(old, in: store, at: context.now, by: context.actor))
    switch outcome {
    case .changed(let account, let mail):
      return Self.summary(
        "changed", account, mail: mail,
        "\(TerminalText.escape(old)) is now \(TerminalText.escape(account.email)); "
          + "a confirmation mail is queued.")
    case .requested(let account, let mail):
      return Self.summary(
        "requested", account, mail: mail,
        "A link to \(TerminalText.escape(address.text)) is queued; until it is followed the "
          + "address stays \(TerminalText.escape(account.email)).")
    case .unchanged(let account):
      return Self.summary(
        "unchanged", account, mail: nil,
        "\(TerminalText.escape(account.email)) is the address already.")
    }
  }

  private static func summary(
    _ result: String, _ account: Account, mail: MailID?, _ sentence: String
  ) -> Summary {
    var summary = Summary(
      [
        ReportField("result", .text(result)), ReportField("account", .object(account.fields)),
        ReportField("mail", mail.map(\.queuedFields) ?? .null),
      ], sentence)
    if mail != nil { summary.next = "regctl deliver" }
    return summary
  }
}

extension MailID {
  /// A mail that was queued a moment ago, as JSON shows it.
  var queuedFields: ReportValue {
    .object([
      ReportField("id", .integer(rawValue)),
      ReportField("state", .text(OutboxEntry.State.queued.rawValue)),
    ])
  }
}
