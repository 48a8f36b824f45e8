internal import RegctlCore

/// The `confirm` command.
struct Confirm: Command {
  private static let email = RepeatableOption<String>(
    "email", ValueUsage("EMAIL", .unconfirmedEmail), "Confirm this account by hand"
  ) { text throws(UsageError.Expectation) in text }
  private static let file = Option(
    "file", ValueUsage("FILE|-", .file), "Confirm the accounts whose addresses are in a file")
  private static let reason = StatedReason.option(
    "Reason, for the audit; required with --email and --file")
  private static let stdin = Switch(
    "stdin", "Read tokens or links from standard input, one per line")

  static let name = "confirm"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Confirm an account by its link, or by hand",
    description: """
      Confirms the account of a token or link; '-' reads it from standard input.
      Damage that mail programs do to links is repaired. An account that is already
      confirmed is a success: mail scanners open links before people do. An expired
      or forged token changes no account and sends nothing; that a link was tried
      after it had expired is recorded in the audit, once, for report stuck.
      With --email or --file, confirms accounts without a link; the audit records
      who did it and why. A file has an address a line, such as the column of a
      spreadsheet; blanks around it and empty lines are skipped.
      """,
    operands: [OperandUsage("TOKEN|LINK|-", .text, .any)],
    options: [email, file, reason, stdin],
    forms: [
      "TOKEN|LINK|- [--reason TEXT]", "--stdin [--reason TEXT]",
      "--email EMAIL... --reason TEXT", "--file FILE|- --reason TEXT",
    ],
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
      Example(
        "regctl confirm --file people.txt --reason 'list of 23 November'",
        "All people on a list"),
    ])

  private enum Request {
    case token(String)
    case tokensOnInput
    case accounts([String], file: String?, reason: String)
  }

  private let request: Request

  init(_ arguments: ParsedArguments) throws(UsageError) {
    let reason = try arguments[Self.reason]
    try arguments.refuse(Self.stdin, with: Self.email)
    try arguments.refuse(Self.stdin, with: Self.file)
    let emails = try arguments[Self.email]
    let file = try arguments[Self.file]
    if !emails.isEmpty || file != nil {
      let given: any OptionDeclaration = emails.isEmpty ? Self.file : Self.email
      try arguments.require(Self.reason, for: given)
      if emails.isEmpty { try arguments.refuseOperands() }
      request = .accounts(emails + arguments.operands, file: file, reason: reason ?? "")
      return
    }
    if let word = arguments.operands.first, !arguments[Self.stdin] {
      _ = try arguments.token(word) { Self.byHand($0, reason: reason) }
    }
    if arguments[Self.stdin] {
      try arguments.refuseOperands()
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

  /// The command that confirms an account by hand.
  private static func byHand(_ email: String, reason: String?) -> ShellCommand {
    ShellCommand("regctl confirm", options: ["--email": email, "--reason": reason ?? "TEXT"])
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    switch request {
    case .accounts(let emails, let file, let reason):
      // Read before root works as another user, with the permissions of the caller.
      let listed = try file.map { path throws(CommandError) in
        try AddressFile(path: path, context.input).addresses()
      }
      return try confirm(emails + (listed ?? []), reason: reason, context, to: sink)
    case .token(let word):
      let configuration = try context.configuration()
      let text = TokenText(try context.token(word))
      let authority = try core(TokenAuthority(configuration, uid: context.uid))
      let store = try context.store(configuration, for: .writing)
      return try sink.forEach(of: [word], in: context, command: Self.name) {
        _ throws(CommandError) in
        ConfirmationRow(
          try core(
            RegctlCore.Confirm.byToken(
              text, authority: authority, in: store, at: context.now, by: context.actor)))
      }
    case .tokensOnInput:
      return try confirmEachLine(
        of: context.input, try context.configuration(), context, to: sink)
    }
  }

  /// Confirms accounts by hand, each in its own transaction.
  private func confirm(
    _ emails: [String], reason: String, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    return try sink.forEach(of: emails, in: context, command: Self.name) {
      email throws(CommandError) in
      ConfirmationRow(
        try core(
          RegctlCore.Confirm.byOperator(
            email, reason: reason, in: store, at: context.now, by: context.actor)))
    }
  }

  /// Confirms each line of the input as it is read; failures are printed at the end.
  private func confirmEachLine(
    of input: InputSource, _ configuration: Configuration, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let authority = try core(TokenAuthority(configuration, uid: context.uid))
    let store = try context.store(configuration, for: .writing)
    let lines = input.lines(atMost: 1 << 16)
    let count = FailureCount(in: context)
    let results = sink.list(
      "results", of: ConfirmationRow.self, as: .lines { $0.error == nil ? $0.email : nil })
    let progress = WorkProgress(of: Self.name, counting: "token", in: context)
    defer { progress.end() }
    while let line = try lines.next() {
      if line.isEmpty { continue }
      do throws(CommandError) {
        try Self.refuseAddress(line)
        let confirmation = try core(
          RegctlCore.Confirm.byToken(
            TokenText(line), authority: authority, in: store, at: context.now, by: context.actor))
        count.succeed()
        results.push(ConfirmationRow(confirmation))
      } catch {
        results.push(ConfirmationRow(failed: nil, count.fail(error)))
      }
      if !context.terminal.outputIsTerminal { progress.show(count.total) }
    }
    return count.summary
  }

  /// Rejects a line of standard input that is an address, of which there may be a list.
  private static func refuseAddress(_ line: [UInt8]) throws(CommandError) {
    let word = String(decoding: line, as: UTF8.self)
    guard ParsedArguments.isAddressAlone(word) else { return }
    let instead = ShellCommand(
      "regctl confirm", options: ["--file": "FILE", "--reason": "TEXT"])
    throw .usage(UsageError(.addressForToken(word, instead: Hint(instead)), command: name))
  }
}

extension Context {
  /// Reads a token or link from an operand, or from standard input for `-`.
  func token(_ word: String) throws(CommandError) -> [UInt8] {
    guard word == "-" else { return Array(word.utf8) }
    var bytes = try input.read(atMost: 1 << 20)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return bytes
  }
}
