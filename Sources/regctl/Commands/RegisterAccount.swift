internal import RegctlCore

/// The `register` command.
struct RegisterAccount: Command {
  static let name = "register"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Register an account and queue its mail",
    description: """
      Registers an unconfirmed account and queues the mail with its confirmation
      link, both or neither. The mail is sent by 'regctl deliver'; the link's token
      is made at that moment. An address that is registered already is an error and
      stays as it is.
      """,
    operands: [OperandUsage("EMAIL", .text)],
    options: [
      PasswordSource.fileOption, PasswordSource.generateOption, PasswordSource.noneOption,
      OptionUsage("no-mail", "Queue no mail"),
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl register ann@example.org", "Ask for the password"),
      Example(
        "regctl register ann@example.org --no-password",
        "Leave the password to the application's reset"),
      Example("regctl register ann@example.org --password-file - < secret", "From a script"),
    ])

  private let email: String
  private let source: PasswordSource
  private let queuesMail: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.onlyOperand
    source = try PasswordSource(arguments)
    queuesMail = !arguments.has("no-mail")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let address = try parseAddress(email)
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .writing)
    try core { () throws(RegctlError) in try Register.check(address, in: store) }
    let hash = try context.newPasswordHash(
      from: source, cost: configuration.bcryptCost, command: Self.name)
    let (account, mail) = try core { () throws(RegctlError) in
      try Register(
        address: address, passwordHash: hash, queuesMail: queuesMail,
        messageDomain: configuration.messageDomain
      ).perform(in: store, at: context.now, by: context.actor)
    }
    let escaped = TerminalText.escape(account.email)
    let mailFields: ReportValue =
      mail.map { mail in
        .object([
          ReportField("id", .integer(mail.rawValue)), ReportField("state", .text("queued")),
        ])
      } ?? .null
    var report = Report.summary(
      [
        ReportField("result", .text("registered")),
        ReportField("account", .object(account.fields)), ReportField("mail", mailFields),
      ],
      mail == nil
        ? "Registered \(escaped); no mail is queued."
        : "Registered \(escaped); a confirmation mail is queued.")
    if mail != nil { report.next = "regctl deliver" }
    return source == .generate ? report.besidePayload() : report
  }
}
