internal import RegctlCore

/// The `export` command.
struct Export: Command {
  static let name = "export"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Print all accounts with their password hashes",
    description: """
      Prints every account, by number, as regctl import reads it: JSON, one object a
      line, or with --csv CSV with a header. Dates are printed as the table stores
      them. Registering goes on meanwhile, and any number of accounts needs little
      memory.
      The hashes are in it: whoever gets it can try passwords at leisure. Write it
      to a file that only you can read, and delete it when it is no longer needed.
      """,
    options: [
      OptionUsage("csv", "Print CSV (RFC 4180) instead, whatever --format says")
    ],
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [
      Example("regctl export > accounts.jsonl", "All accounts, after umask 077"),
      Example("regctl export --csv > accounts.csv", "The same for other programs"),
      Example(
        "regctl export --db old.db | regctl import -", "Move everybody to another database"),
    ])

  /// The columns of a list; they are not for `--fields`, since an export has all of them.
  private static let listed = [
    Column("id"), Column("email"), Column("password"), Column("registered_on"), Column("admin"),
    Column("confirmed"), Column("confirmed_on"),
  ]
  private static let batchSize = 1000

  private let isCSV: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) { isCSV = arguments.has("csv") }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    var last = AccountID(rawValue: .min)
    let nextBatch = { () throws(CommandError) -> StoredAccounts? in
      let batch = try core { () throws(RegctlError) in
        try store.storedAccounts(after: last, limit: Self.batchSize)
      }
      guard let newest = batch.accounts.last else { return nil }
      last = newest.id
      return batch
    }
    if isCSV {
      var hasBegun = false
      let isTerminal = context.terminal.outputIsTerminal
      return Report(
        prose: .stream { (output) throws(CommandError) in
          if !hasBegun { output += AccountRenderer.csvHeader.utf8 }
          hasBegun = true
          guard let batch = try nextBatch() else { return false }
          AccountRenderer.appendCSV(batch, isTerminal: isTerminal, to: &output)
          return true
        })
    }
    switch context.globals.format {
    case .text, .jsonl:
      return Report(
        prose: .stream { (output) throws(CommandError) in
          guard let batch = try nextBatch() else { return false }
          AccountRenderer.appendJSONLines(batch, to: &output)
          return true
        })
    case .json, .tsv:
      return .list(
        RowList(
          key: "accounts", columns: Self.listed,
          nextBatch: { () throws(CommandError) in try nextBatch().map(AccountRenderer.rows) },
          isCounted: true))
    }
  }
}
