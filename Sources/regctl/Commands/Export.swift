internal import RegctlCore

/// The `export` command.
struct Export: Command {
  private static let csv = Switch("csv", "Print CSV (RFC 4180), regardless of --format")

  static let name = "export"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Print all accounts with their password hashes",
    description: """
      Prints every account, in order of id, in the form that regctl import reads:
      JSON, one object per line, or with --csv CSV with a header. The application's
      own columns come last. Dates are printed in UTC, or as stored in the table if
      their time zone is not known. The application can register accounts meanwhile,
      and memory use does not depend on the number of accounts.
      The output contains the password hashes, which allow guessing the passwords.
      Write it to a file that only you can read, and delete it when you are done.
      """,
    options: [csv],
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [
      Example("regctl export > accounts.jsonl", "All accounts, with umask 077"),
      Example("regctl export --csv > accounts.csv", "For other programs"),
      Example(
        "regctl export --db old.db | regctl import -", "Copy all accounts to another database"),
    ])

  private static let batchSize = 1000

  private let isCSV: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) { isCSV = arguments[Self.csv] }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    let isTerminal = context.terminal.outputIsTerminal
    let columns = try core(store.applicationColumns())
    let further = columns.all.map(\.key)
    var rows: RowList<StoredAccountRow>?
    if isCSV {
      sink.writeRaw { StoredAccountRow.appendCSVHeader(with: further, to: &$0) }
    } else {
      rows = sink.list(
        "accounts", of: StoredAccountRow.self,
        columns: StoredAccountRow.columns + further.map { Column($0) }, as: .jsonLines,
        isCounted: true)
    }
    var last = AccountID(rawValue: .min)
    var hasLocalDates = false
    var done = 0
    let progress = WorkProgress(of: Self.name, counting: "account", in: context)
    let total = progress.isShown ? try core(store.accountCount()) : nil
    while sink.hasReader {
      let batch = try core(store.storedAccounts(after: last, limit: Self.batchSize, with: columns))
      guard let newest = batch.accounts.last else { break }
      last = newest.id
      if batch.hasLocalDates { hasLocalDates = true }
      done += batch.accounts.count
      // A terminal shows the accounts themselves.
      if !isTerminal { progress.show(done, of: total) }
      let accounts = batch.accounts.map {
        StoredAccountRow(
          account: $0, text: batch.text, columns: columns.all, values: batch.columnValues)
      }
      if let rows {
        rows.push(accounts)
      } else {
        sink.writeRaw { output in
          for account in accounts { account.appendCSV(isTerminal: isTerminal, to: &output) }
        }
      }
    }
    progress.end()
    var summary = Summary()
    if hasLocalDates {
      summary.warnings = [
        "export: dates of the application are printed without their time zone\n"
          + "hint: set db_timezone to it, such as Europe/Berlin"
      ]
    }
    return summary
  }
}
