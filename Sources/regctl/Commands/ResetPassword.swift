internal import RegctlCore

/// The `reset-password` command.
struct ResetPassword: Command {
  private static let force = Switch("force", "Ignore the limits; the audit records it")
  private static let token = Option(
    "token", ValueUsage("TOKEN|LINK|-"), "Use this token or link")
  private static let wait = ImmediateDelivery.option

  static let name = "reset-password"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Mail a password reset link, or use one",
    description: """
      Queues a mail with a link (reset_url) by which the owner of an account sets a
      new password. With --token, replaces the password, as the link does. A link
      works once, expires like other links, and becomes invalid when the password is
      replaced in another way. It confirms no account but one that 'regctl register
      --invite' made and whose owner sets the first password. Replacing the password
      makes all other links mailed earlier and a pending change of address invalid.
      The limits of 'regctl resend' apply. With --wait the mail is sent at once; if
      it is not accepted, it stays queued. With reset_link = application, the link
      is that of the application's own page.
      """,
    operands: [OperandUsage("EMAIL", .email, .optional)],
    options: [
      force, wait, token, PasswordSource.fileOption, PasswordSource.generateOption,
      StatedReason.option,
    ],
    forms: [
      "EMAIL [--force] [--wait] [--reason TEXT]", "--token TOKEN|LINK|- [--password-file FILE|-]",
      "--token TOKEN|LINK|- --generate-password",
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .unavailable, .inputOutput, .temporary,
      .noPermission, .configuration,
    ],
    examples: [
      Example("regctl reset-password ann@example.org", "Ann forgot her password"),
      Example("regctl reset-password ann@example.org --force --wait", "While a caller waits"),
      Example(
        "regctl reset-password --token - --password-file new < link", "From the web application"),
    ])

  private enum Request {
    case mail(String, force: Bool, waits: Bool)
    case token(String, PasswordSource)
  }

  private let request: Request

  init(_ arguments: ParsedArguments) throws(UsageError) {
    guard let token = try arguments[Self.token] else {
      try arguments.require(Self.token, for: PasswordSource.fileOption)
      try arguments.require(Self.token, for: PasswordSource.generateOption)
      guard let email = arguments.operands.first else {
        throw arguments.error(.missingOperand("EMAIL"))
      }
      request = .mail(email, force: arguments[Self.force], waits: arguments[Self.wait])
      return
    }
    _ = try arguments.token(token) { ShellCommand("regctl reset-password", $0) }
    if !arguments.operands.isEmpty { throw arguments.error(.operandOrPassword(position: 1)) }
    try arguments.refuse(Self.force, with: Self.token)
    try arguments.refuse(Self.wait, with: Self.token)
    let source = try PasswordSource(arguments)
    if token == "-", source == .file("-") {
      throw arguments.error(.conflict("--token -", "--password-file -"))
    }
    request = .token(token, source)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    switch request {
    case .mail(let email, let force, let waits):
      return try mail(email, force: force, waits: waits, in: context, to: sink)
    case .token(let word, let source):
      return try use(
        word, source, context.configuration(passwordFile: source.path), context, to: sink)
    }
  }

  private func mail(
    _ email: String, force: Bool, waits: Bool, in context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .writing)
    let delivery = try context.immediateDelivery(
      waits, configuration, in: store, command: Self.name, to: sink)
    let (account, mail) = try core(
      RegctlCore.ResetPassword(configuration, force: force)
        .request(email, in: store, at: context.now, by: context.actor))
    let delivered = try delivery?.deliver(mail)
    let isSent = delivered?.isSent ?? false
    var summary = Summary(
      [
        ReportField("result", .text("queued")), ReportField("account", .object(account.fields)),
        ReportField("mail", mail.fields(delivered?.state ?? .queued)),
      ],
      "A mail with a link for a new password to \(TerminalText.escape(account.email)) is "
        + "\(isSent ? "sent" : "queued").")
    summary.add(delivered.map { [$0] } ?? [], isWaiting: !isSent)
    return summary
  }

  private func use(
    _ word: String, _ source: PasswordSource, _ configuration: Configuration,
    _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let text = TokenText(try context.token(word))
    let authority = try core(TokenAuthority(configuration, uid: context.uid))
    let store = try context.store(configuration, for: .writing)
    let permission = try core(
      RegctlCore.ResetPassword.permission(
        by: text, authority: authority, in: store, at: context.now))
    let password = try context.newPassword(
      from: source, for: store, configuration, command: Self.name)
    let account = try core(
      RegctlCore.ResetPassword.perform(
        permission, password.hash, authority: authority, in: store, at: context.now,
        by: context.actor
      ) { () throws(RegctlError) in try password.announce(to: sink) })
    return .changedPassword(of: account, wasConfirmed: permission.wasConfirmed)
  }
}

extension Summary {
  /// The summary for an account with a new password.
  ///
  /// `wasConfirmed` tells whether the account was confirmed before.
  static func changedPassword(of account: Account, wasConfirmed: Bool) -> Summary {
    let email = TerminalText.escape(account.email)
    var summary = Summary(
      [
        ReportField("result", .text("changed")),
        ReportField("account", .object(account.fields)),
      ],
      account.isConfirmed && !wasConfirmed
        ? "The password of \(email) is set, and the address is confirmed."
        : "The password of \(email) is changed.")
    // The confirmation link that was mailed is revoked.
    if !account.isConfirmed { summary.next = ShellCommand("regctl resend", account.email) }
    return summary
  }
}
