internal import RegctlCore

/// The `prune` command.
struct PruneAccounts: Command {
  static let columns = [
    Column("email"), Column("registered_on"), Column("result"), Column("reason"),
    Column("id", isUsual: false),
  ]

  static let name = "prune"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "Delete accounts that were not confirmed in time",
    description: """
      Deletes accounts that were neither confirmed, nor mailed, nor touched by an
      operator for --older-than (prune_after). Administrators and confirmed accounts
      are never deleted. An account is kept while a mail to it waits, and when no
      mail to it was accepted or refused for good: that may be our fault; and while
      rows of the application's own tables refer to it.

      Nothing is deleted when more than prune_max accounts or more than half of all
      would go; --max N replaces both limits. Deleted accounts go to an archive,
      from which regctl unprune brings them back. Without --yes it asks.
      """,
    options: [
      OptionUsage("older-than", ValueUsage("DURATION", .duration), "Age (default prune_after)"),
      OptionUsage("dry-run", short: "n", "Name every account and what would become of it"),
      OptionUsage("yes", short: "y", "Do not ask"),
      OptionUsage("max", ValueUsage("N", .number), "Delete nothing if more than N would go"),
      OptionUsage("include-never-mailed", "Also accounts whose mail never had an answer"),
    ] + ListOptions.usage,
    exitCodes: [
      .ok, .refused, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl prune --dry-run", "Who would go, who would stay, and why"),
      Example("regctl prune --yes --quiet", "From cron, once a day"),
      Example("regctl prune --older-than 30d --max 5000 --yes", "After a wave of robots"),
    ])

  private let age: TimeSpan?
  private let typedAge: String?
  private let isDryRun: Bool
  private let isSure: Bool
  private let maximum: Int?
  private let includesNeverMailed: Bool

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    age = try arguments.timeSpan("older-than")
    typedAge = arguments.value("older-than")
    isDryRun = arguments.has("dry-run")
    isSure = arguments.has("yes")
    maximum = try arguments.count("max")
    includesNeverMailed = arguments.has("include-never-mailed")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    guard case .finite(let age) = age ?? configuration.pruneAfter else {
      return isDryRun
        ? Self.preview(cutoff: nil) { nil }
        : Self.report(["Nothing is ever pruned: the age is never."], cutoff: nil)
    }
    try check(age, configuration)
    let now = context.now
    let prune = Prune(
      olderThan: age, at: now, maximum: maximum, includesNeverMailed: includesNeverMailed,
      configuration)
    return isDryRun
      ? preview(prune, store, context) : try perform(prune, store, context, now: now)
  }

  /// Refuses an age at which somebody's link may still work.
  private func check(_ age: Duration, _ configuration: Configuration) throws(CommandError) {
    let lifetime = configuration.tokenMaxAge
    guard age < lifetime else { return }
    if let typedAge {
      throw .usage(
        UsageError(
          .invalidValue(
            option: "--older-than", value: typedAge,
            expected: .format("links live for \(TextRenderer.words(lifetime))")),
          command: Self.name))
    }
    guard let setting = configuration.effective.first(where: { $0.key == "prune_after" }) else {
      preconditionFailure("every setting is in force")
    }
    throw .core(
      .configuration(
        ConfigurationError(
          origin: setting.origin,
          fault: .value(
            setting: setting.key, value: setting.value ?? "", fault: .shorterThanLinks(lifetime)))))
  }

  // MARK: Showing

  private func preview(_ prune: Prune, _ store: Store, _ context: Context) -> Report {
    let next = prune.fates(store)
    var count = 0
    var refusal: Diagnostic?
    var report = Self.preview(cutoff: prune.moment) { () throws(CommandError) in
      let fates = try core { () throws(RegctlError) in try next() }
      count += fates?.count { $0.keepReason == nil } ?? 0
      if fates == nil {
        do throws(CommandError) {
          try core { () throws(RegctlError) in try prune.checkLimit(count, in: store) }
        } catch .core(.prune(let error)) {
          refusal = Diagnostic(error)
        }
      }
      return fates
    }
    report.conclusion = { Report.Conclusion(notes: refusal.map { ["prune: \($0.message)"] } ?? []) }
    return report
  }

  private static func preview(
    cutoff: Instant?, next: @escaping () throws(CommandError) -> [Prune.Fate]?
  ) -> Report {
    var report = Report.list(
      RowList(
        key: "accounts", columns: columns,
        nextBatch: { () throws(CommandError) in
          try next()?.map { fate in
            [
              .text(fate.candidate.email), ReportValue(fate.candidate.registeredOn),
              .text(fate.keepReason == nil ? "prune" : "keep"),
              ReportValue(fate.keepReason?.rawValue), .integer(fate.candidate.id.rawValue),
            ]
          }
        }, isCounted: true))
    report.fields = [
      ReportField("dry_run", .boolean(true)), ReportField("cutoff", ReportValue(cutoff)),
    ]
    return report
  }

  // MARK: Doing

  private func perform(
    _ prune: Prune, _ store: Store, _ context: Context, now: Instant
  ) throws(CommandError) -> Report {
    let survey = try core { () throws(RegctlError) in try prune.survey(store) }
    if survey.prunable > 0,
      try !context.confirm(
        Question.about("Prune", survey.prunable, survey.sample), isSure: isSure, command: Self.name)
    {
      throw .declined
    }
    let outcome = try core { () throws(RegctlError) in
      try prune.perform(survey, in: store, at: now, by: context.actor)
    }
    let count = outcome.pruned
    let sentences = outcome.run.map { run in
      [
        "Pruned \(count) \(count == 1 ? "account" : "accounts") in run \(run); "
          + "regctl unprune \(run) brings \(count == 1 ? "it" : "them") back."
      ]
    }
    var report = Self.report(
      sentences ?? ["Nothing to prune."], cutoff: prune.moment,
      run: outcome.run, pruned: count, kept: survey.kept)
    report.list = Self.archived(outcome.run, in: store)
    return report
  }

  private static func report(
    _ sentences: [String], cutoff: Instant?, run: Int64? = nil, pruned: Int = 0,
    kept: [(reason: PruneCandidate.KeepReason, count: Int)] = []
  ) -> Report {
    Report(
      fields: [
        ReportField("run", run.map { .integer($0) } ?? .null),
        ReportField("dry_run", .boolean(false)), ReportField("cutoff", ReportValue(cutoff)),
        ReportField("pruned", .integer(Int64(pruned))),
        ReportField(
          "kept",
          .object(kept.map { ReportField($0.reason.rawValue, .integer(Int64($0.count))) })),
      ], list: .known("accounts", columns, []), prose: .sentences(sentences))
  }

  /// The accounts that went, read from the archive.
  private static func archived(_ run: Int64?, in store: Store) -> RowList {
    var last = AccountID(rawValue: .min)
    return RowList(key: "accounts", columns: columns) { () throws(CommandError) in
      guard let run else { return nil }
      let batch = try core { () throws(RegctlError) in
        try store.archived(in: run, after: last, limit: batchSize)
      }
      last = batch.last?.id ?? last
      return batch.isEmpty
        ? nil
        : batch.map { account in
          [
            .text(account.email), ReportValue(account.registeredOn), .text("pruned"), .null,
            .integer(account.id.rawValue),
          ]
        }
    }
  }
}
