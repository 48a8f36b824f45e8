internal import RegctlCore

/// The `import` command.
struct Import: Command {
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show the result for every line, import nothing")

  private static let map = RepeatableOption(
    "map", ValueUsage("COLUMN=NAME"),
    "Import a column under another name; with none, leave it out"
  ) { text throws(UsageError.Expectation) in
    guard let renaming = AccountKeys.Renaming(text) else { throw .renaming }
    return renaming
  }

  static let name = "import"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Import accounts with their password hashes",
    description: """
      Imports accounts from JSON, one object per line, or from CSV with a header;
      '-' reads standard input. email is required; password, registered_on, admin,
      confirmed, confirmed_on, language and id are optional. A password must be a
      bcrypt hash; any other value is refused and never printed. A language is a tag
      such as de or pt-BR. A date is in the form that the table stores,
      2026-11-23 09:00:00.000000, or in RFC 3339, converted to the time zone of the
      table. Any other column must be one of the application's table; --map renames
      it or leaves it out.

      A line that cannot be imported is reported with the reason; the other lines
      are imported. Existing accounts are never changed: a line equal to an existing
      account is accepted, so that an interrupted import can be repeated, and any
      other is refused. Nothing is mailed; use regctl resend --all-unconfirmed.
      """,
    operands: [OperandUsage("FILE|-", .file)],
    options: [dryRun, map, StatedReason.option],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl import accounts.csv --dry-run", "Check the file first"),
      Example("regctl import accounts.csv", "Import the valid lines"),
      Example("regctl import - < accounts.jsonl", "Read the output of regctl export"),
      Example(
        "regctl import accounts.jsonl --map nickname=none",
        "Leave out a column of the other application"),
      Example(
        "regctl import accounts.csv --map locale=language",
        "Take the languages of accounts from a column"),
    ])

  private let path: String
  private let isDryRun: Bool
  private let renamings: [AccountKeys.Renaming]

  init(_ arguments: ParsedArguments) throws(UsageError) {
    path = arguments.onlyOperand
    isDryRun = arguments[Self.dryRun]
    renamings = try arguments[Self.map]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let keyFile = try context.settings().effectiveSecretKeyFile
    // Opened before root switches user, with the permissions of the caller.
    let file = try core(
      path == "-" ? context.input.accounts : AccountFile(path: path, keyFile: keyFile))
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    let denied = try core(DeniedDomains(configuration, uid: context.uid))
    let columns = try core(store.applicationColumns())
    try checkRenamings(for: columns)
    let work = try core(
      RegctlCore.Import(
        file, named: path == "-" ? "standard input" : path, into: store, columns: columns,
        renamings: renamings, denied: denied, allowsUTF8: configuration.allowsSMTPUTF8,
        isDryRun: isDryRun, at: context.now, by: context.actor))
    let zone = try core(store.accountZoneName())
    return try run(work, isZoneKnown: zone != nil, context, to: sink)
  }

  /// Throws if a renaming names a column that the table does not have.
  private func checkRenamings(for columns: ApplicationColumns) throws(CommandError) {
    let keys = AccountKeys(columns: columns.all, renamings: renamings)
    guard let renaming = keys.unknownRenaming, let name = renaming.name else { return }
    let suggestion = keys.suggestion(for: name).map { "\(renaming.key)=\($0)" }
    throw .usage(
      UsageError(
        .invalidValue(
          option: Self.map.usage.flag, value: "\(renaming.key)=\(name)",
          expected: .columnName(suggestion: suggestion)),
        command: Self.name))
  }

  /// Imports to the end, or to an error after which nothing can be read; accounts imported before
  /// the error are reported.
  private func run(
    _ work: RegctlCore.Import, isZoneKnown: Bool, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    var total = Total(isDryRun: isDryRun)
    var interruption: Diagnostic?
    let count = FailureCount(in: context)
    let progress = WorkProgress(of: Self.name, counting: "account", in: context)
    defer { progress.end() }
    let rows = sink.list(
      "failures", of: Row.self, after: [ReportField("dry_run", .boolean(isDryRun))], as: .detail)
    do throws(CommandError) {
      while let batch = try core(work.nextBatch()) {
        total.add(batch)
        progress.show(total.count, share: work.share)
        count.succeed(batch.imported + batch.unchanged)
        rows.push(
          batch.refusals.map { Row(refusal: $0, error: count.fail(.core(.importing($0.error)))) })
      }
    } catch {
      guard total.count > 0 else { throw error }
      interruption = context.diagnostic(error)
    }
    var summary = count.summary
    summary.fields = total.fields
    summary.sentences = [total.sentence]
    if !isZoneKnown, total.imported > 0 {
      summary.warnings = [
        "import: dates with a time zone are stored in UTC, beside local time of the application\n"
          + "hint: set db_timezone to its time zone, such as Europe/Berlin"
      ]
    }
    if total.refused > 0 {
      summary.failures.removeLast()
      summary.fail(
        .linesRefused(
          total.refused, of: total.count, isHeard: total.refused <= FailureCount.keptFailures))
    }
    if let interruption { summary.fail(interruption) }
    return summary
  }

  /// The totals of the lines that were read.
  private struct Total {
    let isDryRun: Bool
    private(set) var imported = 0
    private var unchanged = 0
    private(set) var refused = 0

    init(isDryRun: Bool) { self.isDryRun = isDryRun }

    var count: Int { imported + unchanged + refused }

    mutating func add(_ batch: RegctlCore.Import.Batch) {
      imported += batch.imported
      unchanged += batch.unchanged
      refused += batch.refusals.count
    }

    var fields: [ReportField] {
      [
        ReportField("imported", ReportValue(imported)),
        ReportField("unchanged", ReportValue(unchanged)),
        ReportField("refused", ReportValue(refused)),
      ]
    }

    var sentence: String {
      var parts = [
        (isDryRun ? "Would import " : "Imported ")
          + "\(imported) \(imported == 1 ? "account" : "accounts")"
      ]
      if unchanged > 0 {
        parts.append("\(unchanged) \(unchanged == 1 ? "was" : "were") already registered")
      }
      if refused > 0 {
        parts.append("\(refused) \(refused == 1 ? "line was" : "lines were") refused")
      }
      return parts.joined(separator: "; ") + "."
    }
  }

  /// A rejected line.
  private struct Row: ResultRow {
    static let columns = [Column("line"), Column("email"), Column("error")]

    let refusal: RegctlCore.Import.Refusal
    let error: Diagnostic

    var cells: [ReportValue] {
      // In a file with columns in another order, this may be a password hash.
      let email = refusal.email.flatMap(\.unlessSecret)
      return [.integer(Int64(refusal.error.line)), ReportValue(email), error.object]
    }
  }
}
