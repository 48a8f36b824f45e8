internal import RegctlCore

/// The `issue-token` command.
struct IssueToken: Command {
  static let columns = Row.columns

  private static let stdin = Switch("stdin", "Read addresses from standard input, one per line")
  private static let purpose = Option<TokenPurpose>.choice(
    "purpose", "What the token is for (default confirm)")
  private static let url = Switch(
    "url", "Print the whole link, from the URL setting of the purpose")

  static let name = "issue-token"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Print a token or link for an account",
    description: """
      Prints a token, or with --url the whole link, on a line for each address, in
      the given order. It sends nothing and changes nothing except the audit, and
      for a reset link of the application the column that makes it valid. Anyone
      with the token can confirm the address: hand it over with care.
      """,
    operands: [OperandUsage("EMAIL", .email, .any)],
    options: [stdin, purpose, url, StatedReason.option] + ListOptions.declared,
    forms: [
      "EMAIL... [--purpose PURPOSE] [--url]", "--stdin [--purpose PURPOSE] [--url]",
    ],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl issue-token ann@example.org --url", "A link for a caller"),
      Example(
        "regctl issue-token --stdin --format tsv < addresses", "Tokens for a list of addresses"),
    ])

  private let emails: [String]
  private let readsInput: Bool
  private let purpose: TokenPurpose
  private let wantsURL: Bool

  /// The limits of one transaction: tokens, and bytes of addresses.
  private static let batchSize = 20_000
  private static let batchByteCount = 1 << 20

  init(_ arguments: ParsedArguments) throws(UsageError) {
    emails = arguments.operands
    readsInput = arguments[Self.stdin]
    purpose = try arguments[Self.purpose] ?? .confirm
    wantsURL = arguments[Self.url]
    if readsInput { try arguments.refuseOperands() }
    if !readsInput, emails.isEmpty { throw arguments.error(.missingOperand("EMAIL")) }
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let (setting, url) = configuration.link(for: purpose)
    if wantsURL, url == nil {
      throw .core(
        .configuration(ConfigurationError(origin: .builtIn, fault: .missingSetting(setting))))
    }
    let authority = try core(TokenAuthority(configuration, uid: context.uid))
    let store = try context.store(configuration, for: .writing)
    let addresses = Addresses(
      emails[...], lines: readsInput ? context.input.lines(atMost: 4096) : nil)
    let count = FailureCount(in: context)
    let actor = context.actor
    let isOnly = !readsInput && emails.count == 1
    let rows = sink.list("tokens", of: Row.self, as: .lines { $0.url ?? $0.issued.token })
    let progress = WorkProgress(of: Self.name, counting: "token", in: context)
    defer { progress.end() }
    // No token is issued when output has no reader.
    while sink.hasReader {
      let batch = try addresses.next(Self.batchSize, byteCount: Self.batchByteCount)
      if batch.isEmpty { break }
      // Tokens are printed after the commit that records them.
      let results = try core(
        authority.issue(purpose, for: batch, in: store, at: context.now, by: actor))
      var issued: [Row] = []
      issued.reserveCapacity(results.count)
      for result in results {
        switch result {
        case .success(let token):
          count.succeed()
          issued.append(
            Row(
              issued: token, purpose: purpose,
              url: wantsURL ? url?.link(token: token.token) : nil))
        case .failure(let error):
          if isOnly { throw .core(.account(error)) }
          count.fail(.core(.account(error)))
        }
      }
      rows.push(issued)
      if !context.terminal.outputIsTerminal { progress.show(count.total) }
    }
    return count.summary
  }

  /// The addresses from operands or standard input, read one at a time.
  private final class Addresses {
    private var operands: ArraySlice<String>
    private let lines: LineReader?

    init(_ operands: ArraySlice<String>, lines: LineReader?) {
      self.operands = operands
      self.lines = lines
    }

    /// The addresses for the next transaction; empty at the end.
    func next(_ limit: Int, byteCount: Int) throws(CommandError) -> [String] {
      var batch: [String] = []
      if lines != nil { batch.reserveCapacity(limit) }
      var rest = byteCount
      while batch.count < limit, rest > 0, let email = try next() {
        batch.append(email)
        rest -= email.utf8.count
      }
      return batch
    }

    private func next() throws(CommandError) -> String? {
      guard let lines else { return operands.popFirst() }
      while let line = try lines.nextText() {
        if !line.isEmpty { return line }
      }
      return nil
    }
  }

  /// An issued token.
  private struct Row: ResultRow {
    static let columns = [Column("email"), Column("purpose"), Column("token"), Column("url")]

    let issued: TokenAuthority.Issued
    let purpose: TokenPurpose
    let url: String?

    var cells: [ReportValue] {
      [.text(issued.email), .text(purpose.rawValue), .text(issued.token), ReportValue(url)]
    }
  }
}
