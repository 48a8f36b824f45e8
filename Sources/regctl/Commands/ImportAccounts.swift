internal import RegctlCore

/// The `import` command.
struct ImportAccounts: Command {
  static let name = "import"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Import accounts with their password hashes",
    description: """
      Imports accounts from JSON, one object a line, or from CSV with a header; '-'
      reads standard input. email is needed; password, registered_on, admin,
      confirmed, confirmed_on and id are not. A password is a bcrypt hash; what is
      none is refused and never repeated. A date is kept as the table stores it,
      2026-11-23 09:00:00.000000, or is RFC 3339 and becomes UTC.

      A line that cannot be imported is named with its reason and stops no other.
      An account that is there already is never changed: the same again is fine, so
      an interrupted import is completed by another, and anything else is refused.
      Nothing is mailed: regctl resend --all-unconfirmed does that.
      """,
    operands: [OperandUsage("FILE|-", .file)],
    options: [
      OptionUsage("dry-run", short: "n", "Say what would become of every line, import none")
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl import accounts.csv --dry-run", "Which lines would be refused, and why?"),
      Example("regctl import accounts.csv", "Import the others"),
      Example("regctl import - < accounts.jsonl", "What regctl export has written"),
    ])

  private let file: String
  private let isDryRun: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    file = arguments.onlyOperand
    isDryRun = arguments.has("dry-run")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    let work = try core { () throws(RegctlError) in
      try file == "-" ? context.input.accounts : AccountFile(path: file)
    }
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    let run = try core { () throws(RegctlError) in
      try Import(
        work, named: file == "-" ? "standard input" : file, into: store, isDryRun: isDryRun,
        at: context.now, by: context.actor)
    }
    return ImportResult(run, isDryRun: isDryRun, context: context).report
  }
}

/// What an import has come to, as its batches are asked for.
private final class ImportResult {
  private let run: Import
  private let isDryRun: Bool
  private let context: Context
  private let tally: Tally
  private var imported = 0
  private var unchanged = 0
  private var refused = 0
  private var interruption: Diagnostic?

  private static let columns = [Column("line"), Column("email"), Column("error")]

  init(_ run: Import, isDryRun: Bool, context: Context) {
    self.run = run
    self.isDryRun = isDryRun
    self.context = context
    tally = Tally(context: context)
  }

  var report: Report {
    var list = RowList(
      key: "failures", columns: Self.columns,
      nextBatch: { () throws(CommandError) in try self.nextBatch() })
    list.isWork = true
    list.isDetail = true
    var report = Report(
      fields: [ReportField("dry_run", .boolean(isDryRun))], list: list,
      prose: .conclusion { self.sentences })
    report.trailingFields = {
      [
        ReportField("imported", .integer(Int64(self.imported))),
        ReportField("unchanged", .integer(Int64(self.unchanged))),
        ReportField("refused", .integer(Int64(self.refused))),
      ]
    }
    report.conclusion = { self.conclusion }
    return report
  }

  /// Imports some lines and returns a row for each that was refused.
  private func nextBatch() throws(CommandError) -> [[ReportValue]]? {
    if interruption != nil { return nil }
    let batch: Import.Batch?
    do throws(CommandError) {
      batch = try core { () throws(RegctlError) in try run.nextBatch() }
    } catch {
      // What was imported before is said all the same.
      guard imported + unchanged + refused > 0 else { throw error }
      interruption = Diagnostic(error, now: context.now, isVerbose: context.globals.verbose)
      return nil
    }
    guard let batch else { return nil }
    imported += batch.imported
    unchanged += batch.unchanged
    refused += batch.refusals.count
    tally.succeed(batch.imported + batch.unchanged)
    return batch.refusals.map { refusal in
      let diagnostic = tally.fail(.core(.importing(refusal.error)))
      return [
        .integer(Int64(refusal.error.line)), ReportValue(refusal.email), diagnostic.fields[1].value,
      ]
    }
  }

  private var sentences: [String] {
    var parts = [
      (isDryRun ? "Would import " : "Imported ")
        + "\(imported) \(imported == 1 ? "account" : "accounts")"
    ]
    if unchanged > 0 {
      parts.append("\(unchanged) \(unchanged == 1 ? "was" : "were") there already")
    }
    if refused > 0 {
      parts.append("\(refused) \(refused == 1 ? "line was" : "lines were") refused")
    }
    return [parts.joined(separator: "; ") + "."]
  }

  private var conclusion: Report.Conclusion {
    var conclusion = tally.conclusion
    if refused > 0 {
      let last = Diagnostic.linesRefused(
        refused, of: imported + unchanged + refused, isHeard: refused <= Tally.keptFailures)
      conclusion.failures[conclusion.failures.count - 1] = last
      conclusion.exitCode = last.exitCode
    }
    if let interruption {
      conclusion.failures.append(interruption)
      conclusion.exitCode = interruption.exitCode
    }
    return conclusion
  }
}
