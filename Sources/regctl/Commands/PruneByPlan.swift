internal import RegctlCore

/// What `prune --apply` asks for.
struct PruneByPlan: Sendable {
  private let path: String
  private let maximum: Int?
  private let isDryRun: Bool
  private let isSure: Bool

  init(_ path: String, _ arguments: ParsedArguments) throws(UsageError) {
    self.path = path
    maximum = try arguments.count("max")
    isDryRun = arguments.has("dry-run")
    isSure = arguments.has("yes")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    // Opened as the caller, whose file it is.
    let file = try core { () throws(RegctlError) in try PrunePlanFile(path: path) }
    let configuration = try context.configuration()
    let now = context.now
    let planned = try core { () throws(RegctlError) in
      try PlannedPrune(file, at: now, maximum: maximum, configuration)
    }
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    return isDryRun
      ? try preview(planned, store) : try perform(planned, store, context, now: now)
  }

  private func preview(
    _ planned: PlannedPrune, _ store: Store
  ) throws(CommandError) -> Report {
    let survey = try core { () throws(RegctlError) in try planned.look(store) }
    var report = Report.list(try Self.list(planned, went: "prune", stayed: "keep", isCounted: true))
    report.fields = [
      ReportField("dry_run", .boolean(true)),
      ReportField("cutoff", ReportValue(planned.plan.cutoff)),
    ]
    report.notes = try Prune.refusal { () throws(RegctlError) in
      try planned.checkLimit(survey.prunable, in: store)
    }
    return report
  }

  private func perform(
    _ planned: PlannedPrune, _ store: Store, _ context: Context, now: Instant
  ) throws(CommandError) -> Report {
    let survey = try core { () throws(RegctlError) in try planned.survey(store) }
    try Prune.ask(about: survey, isSure: isSure, in: context)
    let outcome = try core { () throws(RegctlError) in
      try planned.perform(in: store, at: now, by: context.actor)
    }
    let kept = planned.kept.reduce(0) { $0 + $1.count }
    var sentences = [Prune.sentence(on: outcome)]
    if kept > 0 {
      sentences.append("Kept \(kept) of the \(planned.plan.count) accounts of the plan:")
    }
    return Report(
      fields: Prune.fields(
        cutoff: planned.plan.cutoff, run: outcome.run, pruned: outcome.pruned, kept: planned.kept),
      list: try Self.list(planned, went: "pruned", stayed: "kept"),
      prose: .sentencesAndRows(sentences) { $0[2] == .text("kept") })
  }

  /// Every account of the plan with what became of it.
  private static func list(
    _ planned: PlannedPrune, went: String, stayed: String, isCounted: Bool = false
  ) throws(CommandError) -> RowList {
    let next = try core { () throws(RegctlError) in try planned.fates() }
    return RowList(
      key: "accounts", columns: Prune.columns,
      nextBatch: { () throws(CommandError) in
        try core { () throws(RegctlError) in try next() }?.map { fate in
          [
            .text(fate.email), .instant(fate.registeredOn),
            .text(fate.keepReason == nil ? went : stayed), ReportValue(fate.keepReason?.rawValue),
            .integer(fate.id.rawValue),
          ]
        }
      }, isCounted: isCounted)
  }
}
