internal import RegctlCore

/// The `inspect-token` command.
struct InspectToken: Command {
  static let columns = InspectionRow.columns

  private static let stdin = Switch("stdin", "Read tokens from standard input, one per line")

  static let name = "inspect-token"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Explain a token without using it",
    description: """
      Prints the purpose and the account of a token or link, when it was issued and
      when it expires, which key signed it, which damage was repaired, and what
      'confirm' would answer. It changes nothing. The exit code is that of
      'confirm'.
      """,
    operands: [OperandUsage("TOKEN|LINK|-", .text, .optional)],
    options: [stdin] + ListOptions.declared,
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
    word = try arguments.operands.first.map { word throws(UsageError) in
      try arguments.token(word) { ShellCommand("regctl show", $0) }
    }
    if arguments[Self.stdin] {
      try arguments.refuseOperands()
    } else if word == nil {
      throw arguments.error(.missingOperand("TOKEN|LINK|-"))
    }
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let authority = try core(TokenAuthority(configuration, uid: context.uid))
    let store = try context.store(configuration, for: .reading)
    if let word {
      let text = TokenText(try context.token(word))
      let row = try core(InspectionRow(text, authority: authority, store: store, now: context.now))
      var summary = Summary(row.fields, answer: row.lines)
      if let error = row.error { summary.fail(error) }
      return summary
    }
    let lines = context.input.lines(atMost: 1 << 16)
    let count = FailureCount(in: context)
    let rows = sink.list("tokens", of: InspectionRow.self, as: .table())
    while let line = try lines.next() {
      let row = try core(
        InspectionRow(TokenText(line), authority: authority, store: store, now: context.now))
      if row.error == nil { count.succeed() } else { count.countFailure() }
      guard rows.push(row) else { break }
    }
    return count.summary
  }
}
