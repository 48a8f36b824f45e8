internal import RegctlCore

/// The `confirm` command.
struct Confirm: Command {
  static let name = "confirm"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Confirm an account by its link, or by hand",
    description: """
      Confirms the account whose token or whole link is given; '-' reads it from
      standard input. What mail programs do to links is undone. That the account is
      confirmed already is success: mail scanners open links before people do.
      An expired or forged token changes nothing and sends nothing.
      With --email, confirms accounts whatever became of their links, and writes
      down who did it and why.
      """,
    operands: [OperandUsage("TOKEN|LINK|-", .text, .any)],
    options: [
      OptionUsage(
        "email", ValueUsage("EMAIL", .unconfirmedEmail), "Confirm this account by hand"),
      OptionUsage("reason", ValueUsage("TEXT"), "Why, for the audit; needed with --email"),
      OptionUsage("stdin", "Read tokens or links from standard input, one a line"),
    ],
    forms: ["TOKEN|LINK|-", "--stdin", "--email EMAIL... --reason TEXT"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example(
        "regctl confirm https://app.example/confirm/ImFubk...", "Confirm by the mailed link"),
      Example("regctl confirm --stdin --json < links", "A list of links"),
      Example(
        "regctl confirm --email ann@example.org --reason 'called, ticket 4711'",
        "Confirm by hand"),
    ])

  private enum Request {
    case token(String)
    case tokensOnInput
    case accounts([String], reason: String)
  }

  private let request: Request

  init(_ arguments: ParsedArguments) throws(UsageError) {
    let reason = try arguments.line("reason")
    try arguments.refuse("stdin", with: "email")
    if let email = arguments.value("email") {
      guard let reason else { throw arguments.error(.requires("--email", "--reason")) }
      request = .accounts([email] + arguments.operands, reason: reason)
      return
    }
    try arguments.require("reason", with: "email")
    if arguments.has("stdin") {
      if let extra = arguments.operands.first {
        throw arguments.error(.unexpectedOperand(extra))
      }
      request = .tokensOnInput
      return
    }
    guard let token = arguments.operands.first else {
      throw arguments.error(.missingOperand("TOKEN|LINK|-"))
    }
    if arguments.operands.count > 1 {
      throw arguments.error(.unexpectedOperand(arguments.operands[1]))
    }
    request = .token(token)
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    switch request {
    case .token(let word):
      let text = TokenText(try context.token(word))
      let desk = try core { () throws(RegctlError) in
        try TokenDesk(configuration, uid: context.uid)
      }
      let store = try context.store(configuration, for: .writing)
      return try AccountResults.of([word], details: [Column("method")], in: context) {
        _ throws(CommandError) in
        try core { () throws(RegctlError) in
          Self.success(
            try RegctlCore.Confirm.byToken(
              text, desk: desk, in: store, at: context.now, by: context.actor))
        }
      }
    case .tokensOnInput:
      return try confirmEach(lineOf: context.input, configuration, context)
    case .accounts(let emails, let reason):
      let store = try context.store(configuration, for: .writing)
      return try AccountResults.of(emails, details: [Column("method")], in: context) {
        email throws(CommandError) in
        try core { () throws(RegctlError) in
          Self.success(
            try RegctlCore.Confirm.byOperator(
              email, reason: reason, in: store, at: context.now, by: context.actor))
        }
      }
    }
  }

  /// Confirms by each line of the input, as it comes; those that fail are said at the end.
  private func confirmEach(
    lineOf input: InputSource, _ configuration: Configuration, _ context: Context
  ) throws(CommandError) -> Report {
    let desk = try core { () throws(RegctlError) in
      try TokenDesk(configuration, uid: context.uid)
    }
    let store = try context.store(configuration, for: .writing)
    let lines = input.lines(atMost: 1 << 16)
    let tally = Tally(context: context)
    let columns = [Column("email"), Column("result"), Column("method"), Column("error")]
    var results = RowList(key: "results", columns: columns) { () throws(CommandError) in
      guard let line = try lines.next() else { return nil }
      if line.isEmpty { return [] }
      do throws(CommandError) {
        let confirmation = try core { () throws(RegctlError) in
          try RegctlCore.Confirm.byToken(
            TokenText(line), desk: desk, in: store, at: context.now, by: context.actor)
        }
        tally.succeed()
        let success = Self.success(confirmation)
        return [[success.subject, .text(success.result)] + success.details + [.null]]
      } catch {
        tally.fail(error)
        let diagnostic = Diagnostic(
          error, now: context.now, isVerbose: context.globals.verbose)
        return [[.null, .text("failed"), .null, diagnostic.fields[1].value]]
      }
    }
    results.isWork = true
    var report = Report(list: results, prose: .column("email"))
    report.conclusion = { tally.conclusion }
    return report
  }

  private static func success(_ confirmation: Confirmation) -> AccountResults.Success {
    let email = TerminalText.escape(confirmation.account.email)
    let confirmed =
      confirmation.previousEmail.map { "Confirmed \(email), which was \(TerminalText.escape($0))." }
      ?? "Confirmed \(email)."
    let since = confirmation.account.confirmedOn.map { " since \($0.minuteText)" } ?? ""
    return AccountResults.Success(
      email: confirmation.account.email,
      result: confirmation.isNew ? "confirmed" : "already_confirmed",
      details: [.text(confirmation.method.rawValue)],
      sentence: confirmation.isNew
        ? confirmed : "\(email) is already confirmed\(since).")
  }
}

extension Context {
  /// A token or link from an operand, or from standard input for `-`.
  func token(_ word: String) throws(CommandError) -> [UInt8] {
    guard word == "-" else { return Array(word.utf8) }
    var bytes = try input.read(atMost: 1 << 20)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return bytes
  }
}
