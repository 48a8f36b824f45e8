internal import RegctlCore

/// The `change-email` command.
struct ChangeEmail: Command {
  private static let reason = Option<String>.line("reason", "TEXT", "Reason, for the audit")

  static let name = "change-email"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Change the address of an account",
    description: """
      The address of an unconfirmed account is replaced at once: links to the old
      address become invalid, and a mail with a new link is queued. A confirmed
      account keeps its address until the link mailed to the new address is
      followed or passed to 'regctl confirm'; a notice goes to the old address.
      A newer request replaces an older one. An address of another account is
      refused, both now and when the link is followed.
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
      Example("regctl change-email ann@example.org ann@post.example", "Ann has a new address"),
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
    let configuration = try context.configuration()
    let address = try parseAddress(new, configuration.domainRule)
    let store = try context.store(configuration, for: .writing)
    let effect = try core(
      RegctlCore.ChangeEmail(to: address, reason: reason, configuration)
        .perform(old, in: store, at: context.now, by: context.actor))
    switch effect {
    case .changed(let account, let mail):
      return Self.summary(
        "changed", account, mail: mail,
        "\(Self.subject(old)) is now \(TerminalText.escape(account.email)); "
          + "a confirmation mail is queued.")
    case .requested(let account, let mail):
      return Self.summary(
        "requested", account, mail: mail,
        "A link to \(TerminalText.escape(address.text)) is queued; until it is followed the "
          + "address stays \(TerminalText.escape(account.email)).")
    case .unchanged(let account):
      return Self.summary(
        "unchanged", account, mail: nil,
        "\(TerminalText.escape(account.email)) is already the address of the account.")
    }
  }

  /// The account as it was named, at the beginning of a sentence.
  private static func subject(_ word: String) -> String {
    AccountID(typed: word) == nil ? TerminalText.escape(word) : "Account \(word)"
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
  /// A mail that was just queued, as members of a JSON object.
  var queuedFields: ReportValue {
    .object([
      ReportField("id", .integer(rawValue)),
      ReportField("state", .text(OutboxEntry.State.queued.rawValue)),
    ])
  }
}
