internal import RegctlCore

/// The `export` command.
struct Export: Command {
  private static let csv = Switch("csv", "Print CSV (RFC 4180), regardless of --format")
  private static let email = Option(
    "email", ValueUsage("EMAIL", .email), "Everything about one person, for that person")

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

      With --email, prints all that is known about one person, who may have asked
      for it: the account, archived accounts, mails, changes of address, locks and
      the audit, without password hashes, tokens and the names of operators. EMAIL
      may be an address that the person had before, or a number.

      Both are recorded in the audit.
      """,
    options: [csv, email, StatedReason.option],
    forms: ["[--csv] [--reason TEXT]", "--email EMAIL [--reason TEXT]"],
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl export > accounts.jsonl", "All accounts, with umask 077"),
      Example("regctl export --csv > accounts.csv", "For other programs"),
      Example("regctl export --email ann@example.org", "What is known about Ann, for Ann"),
      Example(
        "regctl export --db old.db | regctl import -", "Copy all accounts to another database"),
    ])

  private static let batchSize = 1000

  private let isCSV: Bool

  /// The only person to export.
  private let person: String?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    isCSV = arguments[Self.csv]
    person = try arguments[Self.email]
    try arguments.refuse(Self.csv, with: Self.email)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    if let person { return try ExportPerson(word: person).run(in: context, to: sink) }
    let store = try context.store(context.configuration(), for: .writing)
    try core(
      PersonalData.recordExportOfAll(from: store, at: context.now, by: context.actor))
    let isTerminal = context.terminal.outputIsTerminal
    let columns = try core(store.applicationColumns())
    let hasLanguages = try core(store.exportsLanguages(with: columns))
    let further = columns.all.map(\.key) + (hasLanguages ? [StoredAccountRow.languageKey] : [])
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
      let batch = try core(
        store.storedAccounts(
          after: last, limit: Self.batchSize, with: columns, withLanguages: hasLanguages))
      guard let newest = batch.accounts.last else { break }
      last = newest.id
      if batch.hasLocalDates { hasLocalDates = true }
      done += batch.accounts.count
      // A terminal shows the accounts themselves.
      if !isTerminal { progress.show(done, of: total) }
      let accounts = batch.accounts.map {
        StoredAccountRow(
          account: $0, text: batch.text, columns: columns.all, values: batch.columnValues,
          languages: hasLanguages ? batch.languages : nil)
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
