internal import RegctlCore

/// The `issue-token` command.
struct IssueToken: Command {
  static let columns = [
    Column("email"), Column("purpose"), Column("token"), Column("url"),
  ]

  static let name = "issue-token"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Print a token or link for an account",
    description: """
      Prints a token, or with --url the whole link, alone on a line for each
      address, in the order given. It sends nothing and changes nothing but the
      audit. Whoever has the token can confirm the address: hand it over with care.
      """,
    operands: [OperandUsage("EMAIL", .email, .any)],
    options: [
      OptionUsage("stdin", "Read addresses from standard input, one a line"),
      OptionUsage(
        "purpose", .choice(TokenPurpose.allCases.map(\.rawValue)),
        "What the token is for (default confirm)"),
      OptionUsage("url", "Print the whole link instead, of confirm_url or what is for the purpose"),
    ] + ListOptions.usage,
    forms: [
      "EMAIL... [--purpose PURPOSE] [--url]", "--stdin [--purpose PURPOSE] [--url]",
    ],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl issue-token ann@example.org --url", "A link to read to a caller"),
      Example(
        "regctl issue-token --stdin --format tsv < addresses", "Tokens for a list of addresses"),
    ])

  private let emails: [String]
  private let readsInput: Bool
  private let purpose: TokenPurpose
  private let wantsURL: Bool

  /// How many tokens are written down in one transaction, and of how many bytes of addresses.
  private static let batchSize = 20_000
  private static let batchByteCount = 1 << 20

  init(_ arguments: ParsedArguments) throws(UsageError) {
    emails = arguments.operands
    readsInput = arguments.has("stdin")
    purpose = try arguments.choice("purpose", TokenPurpose.self) ?? .confirm
    wantsURL = arguments.has("url")
    if readsInput, let extra = emails.first { throw arguments.error(.unexpectedOperand(extra)) }
    if !readsInput, emails.isEmpty { throw arguments.error(.missingOperand("EMAIL")) }
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    let (setting, url) = configuration.link(for: purpose)
    if wantsURL, url == nil {
      throw .core(
        .configuration(ConfigurationError(origin: .builtIn, fault: .missingSetting(setting))))
    }
    let desk = try core { () throws(RegctlError) in try TokenDesk(configuration, uid: context.uid) }
    let store = try context.store(configuration, for: .writing)
    let nextAddress = addresses(in: context)
    let tally = Tally(context: context)
    let actor = context.actor
    let isOnly = !readsInput && emails.count == 1
    let list = RowList(key: "tokens", columns: Self.columns) { () throws(CommandError) in
      var batch: [String] = []
      if readsInput { batch.reserveCapacity(Self.batchSize) }
      var byteCount = 0
      while batch.count < Self.batchSize, byteCount < Self.batchByteCount,
        let email = try nextAddress()
      {
        batch.append(email)
        byteCount += email.utf8.count
      }
      if batch.isEmpty { return nil }
      // Tokens are printed after the commit that writes them down.
      let issued = try core { () throws(RegctlError) in
        try desk.issue(purpose, for: batch, in: store, at: context.now, by: actor)
      }
      var rows: [[ReportValue]] = []
      rows.reserveCapacity(issued.count)
      for one in issued {
        switch one {
        case .success(let issued):
          tally.succeed()
          rows.append([
            .text(issued.email), .text(purpose.rawValue), .text(issued.token),
            ReportValue(wantsURL ? url?.link(token: issued.token) : nil),
          ])
        case .failure(let error):
          if isOnly { throw .core(.account(error)) }
          tally.fail(.core(.account(error)))
        }
      }
      return rows
    }
    var report = Report(list: list, prose: .column(wantsURL ? "url" : "token"))
    report.conclusion = { tally.conclusion }
    return report
  }

  /// The addresses one after the other, from operands or standard input.
  private func addresses(in context: Context) -> () throws(CommandError) -> String? {
    if readsInput {
      let lines = context.input.lines(atMost: 4096)
      return { () throws(CommandError) in
        while let line = try lines.nextText() {
          if !line.isEmpty { return line }
        }
        return nil
      }
    }
    var rest = emails[...]
    return { () throws(CommandError) in rest.popFirst() }
  }
}
