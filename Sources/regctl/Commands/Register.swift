internal import RegctlCore

/// The `register` command.
struct Register: Command {
  private static let noMail = Switch("no-mail", "Do not queue a mail")
  private static let wait = ImmediateDelivery.option
  private static let invite = Switch("invite", "Mail a link by which the person sets a password")
  private static let language = Option<MailLanguage>.language(
    "lang", "Language of the mails, such as de or pt-BR")

  static let name = "register"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Register an account and queue its mail",
    description: """
      Registers an unconfirmed account and queues the mail with its confirmation
      link, both in one transaction. 'regctl deliver' sends the mail; the token of
      the link is issued at that moment. With --wait the mail is sent at once; if it
      is not accepted, the account stays and the mail stays queued. An address that
      is already registered is an error and is not changed.

      With --invite the account has no password. Its mail has a link (invite_url) by
      which the person sets one, which also confirms the address: the page runs
      'regctl reset-password --token'. With --lang all mails to the account are in
      that language, see regctl-templates(5).
      """,
    operands: [OperandUsage("EMAIL", .text)],
    options: [
      PasswordSource.fileOption, PasswordSource.generateOption, PasswordSource.noneOption,
      noMail, invite, language, wait, StatedReason.option,
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
      Example("regctl register eve@example.org --invite --lang de", "Invite a person in German"),
    ])

  private let email: String
  private let source: PasswordSource
  private let queuesMail: Bool
  private let waits: Bool
  private let invites: Bool
  private let language: MailLanguage?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.onlyOperand
    invites = arguments[Self.invite]
    try arguments.refuse(Self.invite, with: Self.noMail)
    try arguments.refuse(Self.invite, with: PasswordSource.fileOption)
    try arguments.refuse(Self.invite, with: PasswordSource.generateOption)
    let stated = try PasswordSource(arguments)
    source = invites ? .none : stated
    language = try arguments[Self.language]
    try arguments.refuse(Self.wait, with: Self.noMail)
    queuesMail = !arguments[Self.noMail]
    waits = arguments[Self.wait]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration(passwordFile: source.path)
    let address = try parseAddress(email, configuration)
    if invites, configuration.inviteURL == nil {
      throw .core(.delivery(.missingSetting("invite_url")))
    }
    let store = try context.store(configuration, for: .writing)
    let delivery = try context.immediateDelivery(
      waits, configuration, in: store, command: Self.name, to: sink)
    let denial = try context.denial(of: address, by: configuration)
    try core(RegctlCore.Register.check(address, deniedBy: denial, in: store))
    let password = try context.newPassword(
      from: source, for: store, configuration, command: Self.name)
    let (account, mail) = try core(
      RegctlCore.Register.perform(
        address, password.hash, language: language, queuesMail: queuesMail, invites: invites,
        messageDomain: configuration.messageDomain, in: store, at: context.now, by: context.actor
      ) { () throws(RegctlError) in
        try password.announce(to: sink)
      })
    let delivered = try mail.flatMap { mail throws(CommandError) in try delivery?.deliver(mail) }
    let isSent = delivered?.isSent ?? false
    let escaped = TerminalText.escape(account.email)
    var summary = Summary(
      [
        ReportField("result", .text("registered")),
        ReportField("account", .object(account.fields)),
        ReportField("mail", mail.map { $0.fields(delivered?.state ?? .queued) } ?? .null),
      ],
      mail == nil
        ? "Registered \(escaped); no mail is queued."
        : "Registered \(escaped); \(invites ? "an invitation" : "a confirmation mail") is \(isSent ? "sent" : "queued")."
    )
    summary.add(delivered.map { [$0] } ?? [], isWaiting: mail != nil && !isSent)
    return summary
  }
}
