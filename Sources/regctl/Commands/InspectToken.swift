internal import RegctlCore

/// The `inspect-token` command.
struct InspectToken: Command {
  static let columns = [
    Column("verdict"), Column("purpose"), Column("email"), Column("issued_at"),
    Column("expires_at"), Column("key"), Column("account", isUsual: false), Column("repaired"),
  ]

  static let name = "inspect-token"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Explain a token without using it",
    description: """
      Says what a token or link is for, whose it is, when it was issued and expires,
      which key has signed it, what a mail program did to it, and what 'confirm'
      would answer. It changes nothing. The exit code is that of 'confirm'.
      """,
    operands: [OperandUsage("TOKEN|LINK|-", .text, .optional)],
    options: [OptionUsage("stdin", "Read tokens from standard input, one a line")]
      + ListOptions.usage,
    forms: ["TOKEN|LINK|-", "--stdin"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl inspect-token ImFubk...", "Why does this link not work?"),
      Example("regctl inspect-token - --json < link", "For a program"),
    ])

  /// The token, or `nil` for a list on standard input.
  private let word: String?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    word = arguments.operands.first
    if arguments.has("stdin"), let word { throw arguments.error(.unexpectedOperand(word)) }
    if !arguments.has("stdin"), word == nil {
      throw arguments.error(.missingOperand("TOKEN|LINK|-"))
    }
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    let desk = try core { () throws(RegctlError) in try TokenDesk(configuration, uid: context.uid) }
    let store = try context.store(configuration, for: .reading)
    func inspect(_ token: [UInt8]) throws(CommandError) -> Inspection {
      try core { () throws(RegctlError) in
        try Inspection(TokenText(token), desk: desk, store: store, now: context.now)
      }
    }
    if let word { return try inspect(context.token(word)).report(now: context.now) }
    let lines = context.input.lines(atMost: 1 << 16)
    let tally = Tally(context: context)
    let list = RowList(key: "tokens", columns: Self.columns) { () throws(CommandError) in
      guard let line = try lines.next() else { return nil }
      let inspection = try inspect(line)
      if inspection.error == nil { tally.succeed() } else { tally.countFailure() }
      return [inspection.row(now: context.now)]
    }
    var report = Report.list(list)
    report.conclusion = { tally.conclusion }
    return report
  }
}

/// What is known of one token.
private struct Inspection {
  private let reading: TokenDesk.Reading?
  private let account: Account?
  private let isAlreadyConfirmed: Bool

  /// Why the token would not confirm.
  let error: RegctlError?

  init(
    _ text: TokenText, desk: TokenDesk, store: Store, now: Instant
  ) throws(RegctlError) {
    let reading: TokenDesk.Reading
    do throws(TokenError) {
      reading = try desk.read(text)
    } catch {
      (self.reading, account, isAlreadyConfirmed, self.error) = (nil, nil, false, .token(error))
      return
    }
    self.reading = reading
    switch try desk.judge(reading, in: store, at: now) {
    case .confirms(let account), .changesEmail(let account, _):
      (self.account, isAlreadyConfirmed, error) = (account, false, nil)
    case .alreadyConfirmed(let account):
      (self.account, isAlreadyConfirmed, error) = (account, true, nil)
    case .refused(let refusal, let account):
      (self.account, isAlreadyConfirmed, error) = (account, false, refusal)
    }
  }

  private func diagnostic(now: Instant) -> Diagnostic? {
    error.map { Diagnostic($0, now: now, isVerbose: false) }
  }

  /// The values in the order of the columns.
  func row(now: Instant) -> [ReportValue] {
    let verdict =
      diagnostic(now: now)?.code.rawValue ?? (isAlreadyConfirmed ? "already_confirmed" : "valid")
    return [
      .text(verdict), ReportValue(reading?.purpose.rawValue), ReportValue(reading?.email),
      ReportValue(reading?.issued), ReportValue(reading?.expires),
      reading.map { .integer(Int64($0.keyPosition)) } ?? .null,
      account.map { .object($0.fields) } ?? .null,
      .list(reading?.repairs.map { .text($0.rawValue) } ?? []),
    ]
  }

  func report(now: Instant) -> Report {
    let fields = zip(InspectToken.columns, row(now: now)).map { ReportField($0.name, $1) }
    var report = Report(
      fields: fields, prose: .lines(lines(now: now, verdict: fields[0].value)))
    if let diagnostic = diagnostic(now: now) {
      report.conclusion = { .failure(diagnostic) }
    }
    return report
  }

  private func lines(now: Instant, verdict: ReportValue) -> [String] {
    guard let reading else { return ["verdict   \(TextRenderer.text(verdict))"] }
    func ago(_ moment: Instant) -> String {
      let distance = now - moment
      return distance < .zero
        ? "in \(TextRenderer.words(.zero - distance))" : "\(TextRenderer.words(distance)) ago"
    }
    let state =
      account.map { $0.isConfirmed ? "confirmed" : "not confirmed" } ?? "no such account"
    return [
      "verdict   \(TextRenderer.text(verdict))",
      "purpose   \(reading.purpose.rawValue)",
      "address   \(TerminalText.escape(reading.email)) (\(state))",
      "issued    \(reading.issued.minuteText) (\(ago(reading.issued)))",
      "expires   \(reading.expires.minuteText) (\(ago(reading.expires)))",
      "key       \(reading.keyPosition)",
      "repaired  \(reading.repairs.isEmpty ? "nothing" : reading.repairs.map(\.rawValue).joined(separator: ", "))",
    ]
  }
}
