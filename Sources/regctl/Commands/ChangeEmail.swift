internal import RegctlCore

/// The `change-email` command.
struct ChangeEmail: Command {
  private static let wait = ImmediateDelivery.option

  static let name = "change-email"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Change the address of an account",
    description: """
      The address of an unconfirmed account is replaced at once: links to the old
      address become invalid, and a mail with a new link is queued. A confirmed
      account keeps its address until the link mailed to the new address is
      followed or passed to 'regctl confirm'; a notice goes to the old address.
      A newer request replaces an older one. An address of another account is
      refused, both now and when the link is followed. With --wait the mails are
      sent at once, and no others; one that is not accepted stays queued.
      """,
    operands: [OperandUsage("OLD", .email), OperandUsage("NEW", .text)],
    options: [StatedReason.option, wait],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .unavailable, .inputOutput, .temporary,
      .noPermission, .configuration,
    ],
    examples: [
      Example(
        "regctl change-email ann@exmaple.org ann@example.org --reason 'mistyped'",
        "Registered with a typing error"),
      Example("regctl change-email ann@example.org ann@post.example", "Ann has a new address"),
      Example(
        "regctl change-email ann@example.org ann@mail.example --wait", "While she is on the phone"),
    ])

  private let old: String
  private let new: String
  private let waits: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    old = arguments.operands[0]
    new = arguments.operands[1]
    waits = arguments[Self.wait]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let address = try parseAddress(new, configuration)
    let denial = try context.denial(of: address, by: configuration)
    let store = try context.store(configuration, for: .writing)
    let delivery = try context.immediateDelivery(
      waits, configuration, in: store, command: Self.name, to: sink)
    let effect = try core(
      RegctlCore.ChangeEmail(to: address, deniedBy: denial, configuration)
        .perform(old, in: store, at: context.now, by: context.actor))
    switch effect {
    case .changed(let account, let mail):
      let mails = try Self.deliver([mail], by: delivery)
      return Self.summary(
        "changed", account, mail: mail, mails,
        "\(Self.subject(old)) is now \(TerminalText.escape(account.email)); "
          + "a confirmation mail is \(Self.words(on: mails)).")
    case .requested(let account, let mail, let notice):
      let mails = try Self.deliver([mail, notice], by: delivery)
      return Self.summary(
        "requested", account, mail: mail, mails,
        "A link to \(TerminalText.escape(address.text)) is \(Self.words(on: mails)); until it is "
          + "followed the address stays \(TerminalText.escape(account.email)).")
    case .unchanged(let account):
      return Self.summary(
        "unchanged", account, mail: nil, [],
        "\(TerminalText.escape(account.email)) is already the address of the account.")
    }
  }

  /// Sends mails of the change, the one with the link first; sends none without `--wait`.
  private static func deliver(
    _ mails: [MailID], by delivery: ImmediateDelivery?
  ) throws(CommandError) -> [ImmediateDelivery.Result] {
    guard let delivery else { return [] }
    return try mails.map { mail throws(CommandError) in try delivery.deliver(mail) }
  }

  /// The state of the mail with the link.
  private static func words(on mails: [ImmediateDelivery.Result]) -> String {
    mails.first?.isSent == true ? "sent" : "queued"
  }

  /// The account as it was named, at the beginning of a sentence.
  private static func subject(_ word: String) -> String {
    AccountID(typed: word) == nil ? TerminalText.escape(word) : "Account \(word)"
  }

  private static func summary(
    _ result: String, _ account: Account, mail: MailID?, _ mails: [ImmediateDelivery.Result],
    _ sentence: String
  ) -> Summary {
    var summary = Summary(
      [
        ReportField("result", .text(result)), ReportField("account", .object(account.fields)),
        ReportField("mail", mail.map { $0.fields(mails.first?.state ?? .queued) } ?? .null),
      ], sentence)
    summary.add(mails, isWaiting: mail != nil && mails.isEmpty)
    return summary
  }
}
