internal import RegctlCore

/// The implementation of `prune --apply`.
struct PruneByPlan: Sendable {
  let path: String
  let maximum: Int?
  let isDryRun: Bool
  let isSure: Bool

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    // Opened before root switches user, with the permissions of the caller.
    let file = try core(PrunePlanFile(path: path))
    let configuration = try context.configuration()
    let now = context.now
    let planned = try core(PlannedPrune(file, at: now, maximum: maximum, configuration))
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    return isDryRun
      ? try preview(planned, store, context, to: sink)
      : try perform(planned, store, context, now: now, to: sink)
  }

  private func preview(
    _ planned: PlannedPrune, _ store: Store, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let progress = WorkProgress(of: Prune.name, counting: "account", in: context)
    defer { progress.end() }
    let survey = try core(
      planned.look(store) { progress.show($0, of: planned.plan.count, in: .looking) })
    progress.end()
    try push(planned, to: sink.prunePreview(cutoff: planned.plan.cutoff))
    var summary = Prune.summary(of: survey)
    summary.warnings = try Prune.refusal(planned.checkLimit(survey.prunable, in: store))
    return summary
  }

  private func perform(
    _ planned: PlannedPrune, _ store: Store, _ context: Context, now: Instant, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let progress = WorkProgress(of: Prune.name, counting: "account", in: context)
    defer { progress.end() }
    let survey = try core(
      planned.survey(store) { progress.show($0, of: planned.plan.count, in: .looking) })
    progress.end()
    try Prune.ask(about: survey, isSure: isSure, in: context)
    let totals = try core(
      planned.perform(in: store, at: now, by: context.actor) { done in
        progress.show(done, of: planned.plan.count, in: .pruning)
      })
    progress.end()
    let kept = planned.kept.reduce(0) { $0 + $1.count }
    var sentences = [Prune.sentence(on: totals)]
    if kept > 0 {
      sentences.append("Kept \(kept) of the \(planned.plan.count) accounts of the plan:")
    }
    let rows = sink.pruneRun(
      cutoff: planned.plan.cutoff, run: totals.run, pruned: totals.pruned, kept: planned.kept,
      sentences: sentences, as: .table(where: { $0.result == .kept }))
    try push(planned, to: rows)
    return Summary()
  }

  /// Prints every account of the plan with its result.
  private func push(
    _ planned: PlannedPrune, to rows: RowList<PruneRow>
  ) throws(CommandError) {
    guard rows.isWanted else { return }
    try core(
      planned.forEachBatch { decisions in
        rows.push(
          decisions.map { decision in
            PruneRow(
              decision.id, decision.email, registeredOn: decision.registeredOn,
              keepReason: decision.keepReason, isDryRun: isDryRun)
          })
      })
  }
}
