internal import Base
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

      --plan writes who would go into a new file, for somebody to read, and deletes
      nothing. --apply deletes those of the file, and nobody else, who are still as
      they were; the others are kept, and listed with the reason.
      """,
    options: [
      OptionUsage("older-than", ValueUsage("DURATION", .duration), "Age (default prune_after)"),
      OptionUsage("dry-run", short: "n", "Name every account and what would become of it"),
      OptionUsage("yes", short: "y", "Do not ask"),
      OptionUsage("max", ValueUsage("N", .number), "Delete nothing if more than N would go"),
      OptionUsage("include-never-mailed", "Also accounts whose mail never had an answer"),
      OptionUsage("plan", ValueUsage("FILE", .file), "Write down who would go, delete nothing"),
      OptionUsage("apply", ValueUsage("FILE", .file), "Delete who is in a plan, nobody else"),
    ] + ListOptions.usage,
    forms: [
      "[options]", "--plan FILE [--older-than DURATION] [--include-never-mailed]",
      "--apply FILE [--dry-run] [--yes] [--max N]",
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .cannotCreate, .inputOutput, .temporary,
      .noPermission, .configuration,
    ],
    examples: [
      Example("regctl prune --dry-run", "Who would go, who would stay, and why"),
      Example("regctl prune --yes --quiet", "From cron, once a day"),
      Example("regctl prune --older-than 30d --max 5000 --yes", "After a wave of robots"),
      Example("regctl prune --plan tonight.jsonl", "For somebody to read at noon"),
      Example("regctl prune --apply tonight.jsonl --yes --quiet", "From cron, at night"),
    ])

  /// What is done with those who would go.
  private enum Request {
    case prune
    case plan(String)
    case apply(PruneByPlan)
  }

  private let request: Request
  private let age: TimeSpan?
  private let typedAge: String?
  private let isDryRun: Bool
  private let isSure: Bool
  private let maximum: Int?
  private let includesNeverMailed: Bool

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    try arguments.refuse("plan", with: "apply")
    for option in ["dry-run", "yes"] { try arguments.refuse(option, with: "plan") }
    for option in ["older-than", "include-never-mailed"] {
      try arguments.refuse(option, with: "apply")
    }
    if let path = try arguments.fileToKeep("plan") {
      request = .plan(path)
    } else if let path = try arguments.fileToKeep("apply") {
      request = .apply(try PruneByPlan(path, arguments))
    } else {
      request = .prune
    }
    age = try arguments.timeSpan("older-than")
    typedAge = arguments.value("older-than")
    isDryRun = arguments.has("dry-run")
    isSure = arguments.has("yes")
    maximum = try arguments.count("max")
    includesNeverMailed = arguments.has("include-never-mailed")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    if case .apply(let planned) = request { return try planned.run(in: context) }
    var path: String?
    if case .plan(let file) = request { path = file }
    let configuration = try context.configuration()
    let changesNothing = isDryRun || path != nil
    let store = try context.store(configuration, for: changesNothing ? .strictlyReadOnly : .writing)
    guard case .finite(let age) = age ?? configuration.pruneAfter else {
      if let path { return try planNothing(into: path, at: context.now) }
      return isDryRun
        ? Self.preview(cutoff: nil) { nil }
        : Self.report(["Nothing is ever pruned: the age is never."], cutoff: nil)
    }
    try check(age, configuration)
    // A plan knows whole seconds.
    let now = path == nil ? context.now : Instant(seconds: context.now.seconds)
    let prune = Prune(
      olderThan: age, at: now, maximum: maximum, includesNeverMailed: includesNeverMailed,
      configuration)
    if let path { return try plan(prune, store, into: path, at: now) }
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
            expected: .format(
              "must not be shorter than the lifetime of a link, \(TextRenderer.words(lifetime))")),
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
    var survey = Prune.Survey()
    var notes: [String] = []
    var report = Self.preview(cutoff: prune.moment) { () throws(CommandError) in
      let fates = try core { () throws(RegctlError) in try next() }
      for fate in fates ?? [] { survey.count(fate) }
      if fates == nil {
        notes =
          try Self.doubts(survey)
          + Self.refusal { () throws(RegctlError) in
            try prune.checkLimit(survey.prunable, in: store)
          }
      }
      return fates?.filter(\.isListed)
    }
    report.conclusion = { Report.Conclusion(notes: notes) }
    return report
  }

  /// That it is not known how old some accounts are, as a remark.
  private static func doubts(_ survey: Prune.Survey) -> [String] {
    let count = survey.doubtful
    if count == 0 { return [] }
    let subject = count == 1 ? "1 account" : "\(count) accounts"
    return [
      "prune: \(subject) of the application \(count == 1 ? "is" : "are") given 14 hours more\n"
        + "hint: set legacy_timezone to its time zone, such as Europe/Berlin"
    ]
  }

  /// What a check says that would refuse a run, as a remark for those who only look.
  static func refusal(
    _ check: () throws(RegctlError) -> Void
  ) throws(CommandError) -> [String] {
    do throws(CommandError) {
      try core(check)
      return []
    } catch .core(.prune(let error)) {
      return ["prune: \(Diagnostic(error).message)"]
    }
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

  // MARK: Planning

  private func plan(
    _ prune: Prune, _ store: Store, into path: String, at now: Instant
  ) throws(CommandError) -> Report {
    let survey = try core { () throws(RegctlError) in try prune.plan(store, into: path, at: now) }
    let count = survey.prunable
    var report = Self.report(
      planned: count, into: path, at: now, cutoff: prune.moment, kept: survey.kept,
      count == 0
        ? "Nobody would go; \(TerminalText.escape(path)) says so."
        : "\(count) \(count == 1 ? "account" : "accounts") would go by \(TerminalText.escape(path));"
          + " read it, then regctl prune --apply.")
    report.notes =
      try Self.doubts(survey)
      + Self.refusal { () throws(RegctlError) in try prune.checkLimit(count, in: store) }
    return report
  }

  private func planNothing(into path: String, at now: Instant) throws(CommandError) -> Report {
    try core { () throws(RegctlError) in try Prune.planNothing(into: path, at: now) }
    return Self.report(
      planned: 0, into: path, at: now, cutoff: nil, kept: [],
      "Nothing is ever pruned: the age is never; \(TerminalText.escape(path)) says so.")
  }

  private static func report(
    planned count: Int, into path: String, at now: Instant, cutoff: Instant?,
    kept: [(reason: PruneCandidate.KeepReason, count: Int)], _ sentence: String
  ) -> Report {
    .summary(
      [
        ReportField("result", .text("planned")), ReportField("path", .text(path)),
        ReportField("made_at", .instant(now)), ReportField("cutoff", ReportValue(cutoff)),
        ReportField("planned", .integer(Int64(count))), keptField(kept),
      ], sentence)
  }

  // MARK: Doing

  private func perform(
    _ prune: Prune, _ store: Store, _ context: Context, now: Instant
  ) throws(CommandError) -> Report {
    let survey = try core { () throws(RegctlError) in try prune.survey(store) }
    try Self.ask(about: survey, isSure: isSure, in: context)
    let outcome = try core { () throws(RegctlError) in
      try prune.perform(survey, in: store, at: now, by: context.actor)
    }
    var report = Self.report(
      [Self.sentence(on: outcome)], cutoff: prune.moment, run: outcome.run,
      pruned: outcome.pruned, kept: survey.kept)
    report.list = Self.archived(outcome.run, in: store)
    report.notes = Self.doubts(survey)
    return report
  }

  /// Asks before accounts go, if any do and nobody was sure.
  static func ask(
    about survey: Prune.Survey, isSure: Bool, in context: Context
  ) throws(CommandError) {
    if survey.prunable > 0,
      try !context.confirm(
        Question.about("Prune", survey.prunable, survey.sample), isSure: isSure, command: name)
    {
      throw .declined
    }
  }

  /// What a run did, for people.
  static func sentence(on outcome: Prune.Outcome) -> String {
    guard let run = outcome.run else { return "Nothing to prune." }
    let isOne = outcome.pruned == 1
    let unprune = ShellCommand("regctl unprune", "\(run)")
    return "Pruned \(outcome.pruned) \(isOne ? "account" : "accounts") in run \(run); "
      + "\(unprune.text) brings \(isOne ? "it" : "them") back."
  }

  private static func report(
    _ sentences: [String], cutoff: Instant?, run: Int64? = nil, pruned: Int = 0,
    kept: [(reason: PruneCandidate.KeepReason, count: Int)] = []
  ) -> Report {
    Report(
      fields: fields(cutoff: cutoff, run: run, pruned: pruned, kept: kept),
      list: .known("accounts", columns, []), prose: .sentences(sentences))
  }

  /// What JSON says of a run before the list of accounts.
  static func fields(
    cutoff: Instant?, run: Int64?, pruned: Int,
    kept: [(reason: PruneCandidate.KeepReason, count: Int)]
  ) -> [ReportField] {
    [
      ReportField("run", run.map { .integer($0) } ?? .null),
      ReportField("dry_run", .boolean(false)), ReportField("cutoff", ReportValue(cutoff)),
      ReportField("pruned", .integer(Int64(pruned))), keptField(kept),
    ]
  }

  private static func keptField(
    _ kept: [(reason: PruneCandidate.KeepReason, count: Int)]
  ) -> ReportField {
    ReportField(
      "kept", .object(kept.map { ReportField($0.reason.rawValue, .integer(Int64($0.count))) }))
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

extension ParsedArguments {
  /// The path of a file that is read or kept, for which a stream will not do.
  fileprivate func fileToKeep(_ long: String) throws(UsageError) -> String? {
    guard let path = value(long) else { return nil }
    guard !path.isEmpty, path != "-" else {
      throw invalid(long, path, .format("a file is needed, which is read more than once"))
    }
    return path
  }
}
