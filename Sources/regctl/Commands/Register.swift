internal import RegctlCore

/// The `register` command.
struct Register: Command {
  private static let noMail = Switch("no-mail", "Do not queue a mail")
  private static let wait = Switch("wait", "Send the mail now; exit 75 if it is not accepted")

  static let name = "register"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Register an account and queue its mail",
    description: """
      Registers an unconfirmed account and queues the mail with its confirmation
      link, both in one transaction. 'regctl deliver' sends the mail; the token of
      the link is issued at that moment. With --wait the mail is sent at once; if it
      is not accepted, the account stays and the mail stays queued. An address that
      is already registered is an error and is not changed.
      """,
    operands: [OperandUsage("EMAIL", .text)],
    options: [
      PasswordSource.fileOption, PasswordSource.generateOption, PasswordSource.noneOption,
      noMail, wait,
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .unavailable, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl register ann@example.org", "Ask for the password"),
      Example(
        "regctl register ann@example.org --no-password",
        "Let the owner set a password in the application"),
      Example("regctl register ann@example.org --password-file - < secret", "From a script"),
      Example("regctl register bob@example.org --no-password --wait", "While a caller waits"),
    ])

  private let email: String
  private let source: PasswordSource
  private let queuesMail: Bool
  private let waits: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.onlyOperand
    source = try PasswordSource(arguments)
    try arguments.refuse(Self.wait, with: Self.noMail)
    queuesMail = !arguments[Self.noMail]
    waits = arguments[Self.wait]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration(passwordFile: source.path)
    let address = try parseAddress(email, configuration.domainRule)
    let store = try context.store(configuration, for: .writing)
    // An error of the mail configuration is reported before the account is created.
    let deliverer = try core(
      waits
        ? Deliverer(store: store, configuration: configuration, uid: context.uid, output: { _ in })
        : nil)
    try core(RegctlCore.Register.check(address, in: store))
    let password = try context.newPassword(
      from: source, for: store, configuration, command: Self.name)
    let (account, mail) = try core(
      RegctlCore.Register.perform(
        address, password.hash, queuesMail: queuesMail, messageDomain: configuration.messageDomain,
        in: store, at: context.now, by: context.actor
      ) { () throws(RegctlError) in
        try password.announce(to: sink)
      })
    let delivery = try deliver(mail, by: deliverer, limit: configuration.mailTimeout, context)
    let isSent = delivery?.mail?.state == .sent
    let escaped = TerminalText.escape(account.email)
    let mailFields: ReportValue =
      mail.map { mail in
        .object([
          ReportField("id", .integer(mail.rawValue)),
          ReportField("state", .text((delivery?.mail?.state ?? .queued).rawValue)),
        ])
      } ?? .null
    var summary = Summary(
      [
        ReportField("result", .text("registered")),
        ReportField("account", .object(account.fields)), ReportField("mail", mailFields),
      ],
      mail == nil
        ? "Registered \(escaped); no mail is queued."
        : "Registered \(escaped); a confirmation mail is \(isSent ? "sent" : "queued").")
    if mail != nil, !isSent { summary.next = "regctl deliver" }
    if delivery != nil, !isSent {
      let reason = delivery?.fault.map { Diagnostic($0).message } ?? delivery?.mail?.lastReply
      summary.fail(.notAcceptedYet(reason: reason))
    }
    return summary
  }

  private func deliver(
    _ mail: MailID?, by deliverer: Deliverer?, limit: Duration, _ context: Context
  ) throws(CommandError) -> (mail: OutboxEntry?, fault: DeliveryError?)? {
    guard let mail, let deliverer else { return nil }
    return try core(deliverer.deliverNow(mail, within: limit, clock: context.clock))
  }
}
