internal import Base
internal import RegctlCore

/// The `prune` command.
struct Prune: Command {
  static let columns = PruneRow.columns + PruneWaveRow.columns

  static func columns(of arguments: ParsedArguments) -> [Column] {
    arguments[waves] ? PruneWaveRow.columns : PruneRow.columns
  }

  private static let olderThan = Option<TimeSpan>.duration(
    "older-than", "Age (default prune_after)")
  private static let max = Option<Int>.count("max", "Delete nothing if more than N would be pruned")
  private static let includeNeverMailed = Switch(
    "include-never-mailed", "Include accounts whose mail never got an answer")
  private static let plan = Option<String>.fileToKeep(
    "plan", "Write the accounts to a plan, delete nothing")
  private static let apply = Option<String>.fileToKeep(
    "apply", "Delete only accounts of a plan")
  private static let waves = Switch("waves", "List bursts of registrations, delete nothing")
  private static let wave = Option<Int>.count("wave", "Only the burst that begins with account N")

  static let name = "prune"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "Delete stale unconfirmed accounts",
    description: """
      Deletes accounts that were not confirmed, mailed or changed by an operator for
      --older-than (prune_after). Administrators and confirmed accounts are never
      deleted. An account is kept while a mail to it is queued, while no mail to it
      was accepted or permanently refused (the fault may be on our side), and while
      rows of the application's own tables refer to it. With application_mails, an
      account that regctl did not mail is kept only if far fewer accounts of its
      week were confirmed than in other weeks: mail was probably broken then.

      Nothing is deleted if more than prune_max accounts, or more than half of all,
      would be pruned; --max N replaces both limits. Deleted accounts are moved to
      an archive, from which regctl unprune restores them. Without --yes, regctl
      asks.

      --since, --until, --domain, --email, --file and --limit leave out other
      accounts; --since and --until are about the time of registration, and --limit
      takes the oldest.

      --plan writes the accounts that would be pruned into a new file, for review,
      and deletes nothing. --apply deletes only accounts of that file that have not
      changed since; the others are kept and listed with the reason.

      --waves lists waves among the accounts that would be pruned: at least 20 of
      one domain or of several small ones, each registered within ten minutes of
      the one before. A wave is named by its first account: --wave with this number
      and the same options prunes only its accounts.
      """,
    options: [olderThan] + Selection.ofAccounts
      + [Selection.limit, Selection.dryRun, Selection.yes, max, includeNeverMailed, plan, apply]
      + [waves, wave]
      + [StatedReason.option]
      + ListOptions.declared,
    forms: [
      "[options]", "--waves [options]", "--wave N [options]", "--plan FILE [options]",
      "--apply FILE [--dry-run] [--yes] [--max N] [--reason TEXT]",
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .cannotCreate, .inputOutput, .temporary,
      .noPermission, .configuration,
    ],
    examples: [
      Example("regctl prune --dry-run", "Which accounts would be pruned or kept, and why"),
      Example("regctl prune --yes --quiet", "From cron, once a day"),
      Example(
        "regctl prune --domain example.net --dry-run", "Only what a domain has registered"),
      Example(
        "regctl prune --older-than 30d --max 5000 --yes", "After a wave of automated registrations"),
      Example(
        "regctl prune --waves --older-than 2h --include-never-mailed",
        "What a program may have registered"),
      Example("regctl prune --plan tonight.jsonl", "Write a plan for review"),
      Example("regctl prune --apply tonight.jsonl --yes --quiet", "From cron, at night"),
    ])

  /// What is done with the accounts that would be pruned.
  private enum Request {
    case prune, preview, listWaves
    case plan(String)
  }

  private let request: Request
  private let applied: PruneByPlan?
  private let age: TimeSpan?
  private let typedAge: String?
  private let isSure: Bool
  private let maximum: Int?
  private let includesNeverMailed: Bool
  private let selection: Selection
  private let wave: AccountID?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    try Self.refuseContradictions(in: arguments)
    maximum = try arguments[Self.max]
    isSure = arguments[Selection.yes]
    if let path = try arguments[Self.plan] {
      request = .plan(path)
    } else if arguments[Self.waves] {
      request = .listWaves
    } else {
      request = arguments[Selection.dryRun] ? .preview : .prune
    }
    let (maximum, isSure) = (maximum, isSure)
    applied = try arguments[Self.apply].map { path in
      PruneByPlan(
        path: path, maximum: maximum, isDryRun: arguments[Selection.dryRun], isSure: isSure)
    }
    age = try arguments[Self.olderThan]
    typedAge = arguments.text(of: Self.olderThan)
    includesNeverMailed = arguments[Self.includeNeverMailed]
    selection = try Selection(arguments)
    wave = try arguments[Self.wave].map { AccountID(rawValue: Int64($0)) }
  }

  private static func refuseContradictions(in arguments: ParsedArguments) throws(UsageError) {
    let ofChange: [any OptionDeclaration] = [Selection.dryRun, Selection.yes]
    let ofSelection: [any OptionDeclaration] =
      [olderThan, includeNeverMailed, Selection.limit] + Selection.ofAccounts
    try arguments.refuse(plan, with: apply)
    for option in ofChange { try arguments.refuse(option, with: plan) }
    for option in ofSelection + [waves, wave] { try arguments.refuse(option, with: apply) }
    for option in ofChange + [wave, plan, max, Selection.limit] {
      try arguments.refuse(option, with: waves)
    }
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    if let applied { return try applied.run(in: context, to: sink) }
    let addresses = try selection.addresses(in: context)
    let configuration = try context.configuration()
    var isRun = false
    if case .prune = request { isRun = true }
    let store = try context.store(configuration, for: isRun ? .writing : .strictlyReadOnly)
    guard case .finite(let age) = age ?? configuration.pruneAfter else {
      return try doNothing(at: context.now, to: sink)
    }
    try check(age, configuration)
    // A plan stores whole seconds.
    var now = context.now
    if case .plan = request { now = Instant(seconds: now.seconds) }
    let found = try Found(named: addresses, in: store)
    var prune = RegctlCore.Prune(
      olderThan: age, at: now, maximum: maximum, includesNeverMailed: includesNeverMailed,
      only: try filter(of: found?.ids, at: context.local(now)), limit: selection.limit,
      configuration)
    if let wave { prune = prune.only(try core(prune.wave(wave, in: store))) }
    var summary =
      switch request {
      case .plan(let path): try plan(prune, store, context, into: path, at: now)
      case .listWaves: try PruneWaveList(prune: prune).run(in: store, to: sink)
      case .preview: try preview(prune, store, context, to: sink)
      case .prune: try perform(prune, store, context, now: now, to: sink)
      }
    if let missing = found?.summary(in: context), missing.exitCode != .ok {
      (summary.failures, summary.exitCode) = (missing.failures, missing.exitCode)
    }
    return summary
  }

  /// The result where no account is ever old enough.
  private func doNothing(at now: Instant, to sink: RowSink) throws(CommandError) -> Summary {
    var summary = Summary()
    summary.sentences = ["Nothing is pruned: the age is never."]
    switch request {
    case .plan(let path): return try planNothing(into: path, at: now)
    case .listWaves: PruneWaveList.begin(on: sink, cutoff: nil)
    case .preview:
      sink.prunePreview(cutoff: nil)
      return Self.summary(of: RegctlCore.Prune.Survey())
    case .prune: sink.pruneRun(cutoff: nil)
    }
    return summary
  }

  /// The accounts to look at, of those that are named.
  private func filter(
    of ids: [AccountID]?, at now: LocalNow
  ) throws(CommandError) -> PruneFilter {
    let interval = selection.interval(at: now)
    return try core(
      PruneFilter(
        ids: interval == nil ? [] : ids, domain: selection.domain, since: interval?.since,
        before: interval?.before))
  }

  /// Rejects an age at which a link may still be valid.
  private func check(_ age: Duration, _ configuration: Configuration) throws(CommandError) {
    let lifetime = configuration.tokenMaxAge
    guard age < lifetime else { return }
    if let typedAge {
      throw .usage(
        UsageError(
          .invalidValue(
            option: "--older-than", value: typedAge,
            expected: .format(
              "links last \(TextRenderer.words(lifetime))")),
          command: Self.name))
    }
    try core(configuration.requireLongerThanLinks(age, setting: "prune_after"))
  }

  // MARK: Dry run

  private func preview(
    _ prune: RegctlCore.Prune, _ store: Store, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let rows = sink.prunePreview(cutoff: prune.moment)
    let progress = WorkProgress(of: Self.name, counting: "account", in: context)
    defer { progress.end() }
    let survey = try core(
      prune.look(
        store,
        reporting: { seen in
          // A terminal shows the accounts themselves.
          if !context.terminal.outputIsTerminal { progress.show(seen, in: .looking) }
        }
      ) { decisions in
        rows.push(
          decisions.filter(\.isListed).map { decision in
            PruneRow(
              decision.candidate.id, decision.candidate.email,
              registeredOn: decision.candidate.registeredOn,
              keepReason: decision.keepReason, isDryRun: true)
          })
      })
    var summary = Self.summary(of: survey)
    guard rows.isWanted else { return summary }
    summary.warnings =
      try Self.doubts(survey) + Self.refusal(prune.checkLimit(survey.prunable, in: store))
    return summary
  }

  /// The totals of a dry run.
  static func summary(of survey: RegctlCore.Prune.Survey) -> Summary {
    let totals = [
      ReportField("pruned", ReportValue(survey.prunable)), ReportField(kept: survey.kept),
    ]
    let kept = survey.kept.map { "\($0.reason.rawValue) \($0.count)" }
    let count = survey.kept.reduce(0) { $0 + $1.count }
    guard survey.prunable + count > 0 else { return Summary(totals) }
    return Summary(
      totals,
      "Would prune \(Plural.count(survey.prunable, "account"))"
        + (count == 0 ? "." : ", keep \(count): \(kept.joined(separator: ", "))."))
  }

  /// A warning that the age of some accounts is uncertain.
  private static func doubts(_ survey: RegctlCore.Prune.Survey) -> [String] {
    let count = survey.doubtful
    if count == 0 { return [] }
    let subject = count == 1 ? "1 account" : "\(count) accounts"
    return [
      "prune: \(subject) of the application \(count == 1 ? "is" : "are") given 14 more hours\n"
        + "hint: set db_timezone to its time zone, such as Europe/Berlin"
    ]
  }

  /// The warning that a check would reject the run, for a dry run or a plan.
  static func refusal(
    _ check: @autoclosure () throws(RegctlError) -> Void
  ) throws(CommandError) -> [String] {
    do throws(CommandError) {
      try core(check())
      return []
    } catch .core(.prune(let error)) {
      return ["prune: \(Diagnostic(error).message)"]
    }
  }

  // MARK: Planning

  private func plan(
    _ prune: RegctlCore.Prune, _ store: Store, _ context: Context, into path: String,
    at now: Instant
  ) throws(CommandError) -> Summary {
    let progress = WorkProgress(of: Self.name, counting: "account", in: context)
    defer { progress.end() }
    let survey = try core(
      prune.plan(store, into: path, at: now) { progress.show($0, in: .looking) })
    let count = survey.prunable
    var summary = Self.summary(
      planned: count, into: path, at: now, cutoff: prune.moment, kept: survey.kept,
      count == 0
        ? "No accounts would be pruned; \(TerminalText.escape(path)) says so."
        : "\(count) \(count == 1 ? "account" : "accounts") would go by \(TerminalText.escape(path));"
          + " read it, then regctl prune --apply.")
    summary.warnings =
      try Self.doubts(survey) + Self.refusal(prune.checkLimit(count, in: store))
    return summary
  }

  private func planNothing(into path: String, at now: Instant) throws(CommandError) -> Summary {
    try core(RegctlCore.Prune.planNothing(into: path, at: now))
    return Self.summary(
      planned: 0, into: path, at: now, cutoff: nil, kept: [],
      "Nothing is ever pruned: the age is never; \(TerminalText.escape(path)) says so.")
  }

  private static func summary(
    planned count: Int, into path: String, at now: Instant, cutoff: Instant?,
    kept: [(reason: PruneCandidate.KeepReason, count: Int)], _ sentence: String
  ) -> Summary {
    Summary(
      [
        ReportField("result", .text("planned")), ReportField("path", .text(path)),
        ReportField("made_at", .instant(now)), ReportField("cutoff", ReportValue(cutoff)),
        ReportField("planned", ReportValue(count)), ReportField(kept: kept),
      ], sentence)
  }

  // MARK: Run

  private func perform(
    _ prune: RegctlCore.Prune, _ store: Store, _ context: Context, now: Instant,
    to sink: RowSink
  ) throws(CommandError) -> Summary {
    let progress = WorkProgress(of: Self.name, counting: "account", in: context)
    defer { progress.end() }
    let survey = try core(prune.survey(store) { progress.show($0, in: .looking) })
    progress.end()
    try Self.ask(about: survey, isSure: isSure, in: context)
    let totals = try core(
      prune.perform(survey, in: store, at: now, by: context.actor) { pruned in
        progress.show(pruned, of: survey.prunable, in: .pruning)
      })
    progress.end()
    let rows = sink.pruneRun(
      cutoff: prune.moment, run: totals.run, pruned: totals.pruned, kept: survey.kept)
    if let run = totals.run {
      let accounts = ArchivedAccounts(of: run, in: store)
      while rows.isWanted, let batch = try core(accounts.next()) {
        rows.push(
          batch.map { account in
            PruneRow(
              account.id, account.email, registeredOn: account.registeredOn, keepReason: nil,
              isDryRun: false)
          })
      }
    }
    var summary = Summary([], Self.sentence(on: totals))
    summary.warnings = Self.doubts(survey)
    return summary
  }

  /// Asks for confirmation, if accounts would be pruned and `--yes` was not given.
  static func ask(
    about survey: RegctlCore.Prune.Survey, isSure: Bool, in context: Context
  ) throws(CommandError) {
    if survey.prunable > 0,
      try !context.confirm(
        Question.about("Prune", survey.prunable, survey.sample), isSure: isSure, command: name)
    {
      throw .declined
    }
  }

  /// The sentence about the result of a run.
  static func sentence(on totals: RegctlCore.Prune.Totals) -> String {
    guard let run = totals.run else { return "Nothing to prune." }
    let isOne = totals.pruned == 1
    let unprune = ShellCommand("regctl unprune", "\(run)")
    return "Pruned \(totals.pruned) \(isOne ? "account" : "accounts") in run \(run); "
      + "\(unprune.text) brings \(isOne ? "it" : "them") back."
  }
}

extension Option where Value == String {
  /// The path of a file that is read more than once or kept, so `-` is not allowed.
  fileprivate static func fileToKeep(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("FILE", .file), summary) { path throws(UsageError.Expectation) in
      guard !path.isEmpty, path != "-" else {
        throw .format("a file is needed, which is read more than once")
      }
      return path
    }
  }
}
