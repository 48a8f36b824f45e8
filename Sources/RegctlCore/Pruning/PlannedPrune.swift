/// Does what a plan says and nothing else: every account is looked at once more.
package final class PlannedPrune {
  /// What became, or would become, of an account of the plan.
  package struct Decision: Sendable {
    package let id: AccountID
    package let email: String
    package let registeredOn: AccountDate

    /// Why it is kept; `nil` when it goes.
    package let keepReason: PruneCandidate.KeepReason?
  }

  private let file: PrunePlanFile
  private let prune: Prune?

  /// What was found, a reason or none for each account in the order of the plan.
  private var reasons: [PruneCandidate.KeepReason?] = []

  /// The confirmations of each week at the beginning of a pass; `nil` where they decide nothing.
  private var weeks: WeeklyConfirmations?

  private static let batchSize = 500

  /// Takes a plan from its file; `maximum` replaces both limits, as of any prune.
  ///
  /// Rejects a cutoff at which a link may still be valid; regctl writes no such plan.
  package init(
    _ file: PrunePlanFile, at now: Instant, maximum: Int?, _ configuration: Configuration
  ) throws(RegctlError) {
    if let cutoff = file.plan.cutoff, now - cutoff < configuration.tokenMaxAge {
      let fault = PrunePlan.Fault.shorterThanLinks(configuration.tokenMaxAge)
      throw .prune(.plan(path: file.path, line: 1, fault))
    }
    prune = file.plan.cutoff.map { cutoff in
      Prune(
        registeredBefore: cutoff, maximum: maximum,
        includesNeverMailed: file.plan.includesNeverMailed, configuration)
    }
    self.file = file
  }

  /// The plan's first line.
  package var plan: PrunePlan { file.plan }

  /// Reads the plan to its end, counts what would go, and refuses when that is more than a run may
  /// delete or a line cannot be.
  package func survey(
    _ store: Store, reporting report: (Int) -> Void = { _ in }
  ) throws(RegctlError) -> Prune.Survey {
    let survey = try look(store, reporting: report)
    try checkLimit(survey.prunable, in: store)
    return survey
  }

  /// Reads the plan to its end and counts what would go.
  ///
  /// `report` takes the number of accounts of the plan that were looked at, after each batch.
  package func look(
    _ store: Store, reporting report: (Int) -> Void = { _ in }
  ) throws(RegctlError) -> Prune.Survey {
    var survey = Prune.Survey()
    reasons = []
    weeks = try prune?.weeks(in: store)
    try file.rewind()
    while true {
      guard let entries = try file.next(atMost: Self.batchSize) else { break }
      let found = try judge(entries, in: store)
      for (entry, reason) in zip(entries, found) { survey.count(entry.email, reason) }
      reasons += found
      report(reasons.count)
    }
    return survey
  }

  /// Refuses when more would go than a run may delete.
  package func checkLimit(_ count: Int, in store: Store) throws(RegctlError) {
    try prune?.checkLimit(count, in: store)
  }

  /// Archives and deletes accounts that a survey has found to go, a batch at a time; who has changed
  /// since is kept.
  ///
  /// `report` takes the number of accounts of the plan that were dealt with, after each batch.
  package func perform(
    in store: Store, at now: Instant, by actor: Actor, reporting report: (Int) -> Void = { _ in }
  ) throws(RegctlError) -> Prune.Totals {
    guard let prune else { return Prune.Totals(run: nil, pruned: 0) }
    var run: Int64?
    var pruned = 0
    var place = 0
    var pacer = BatchPacer(first: Prune.firstBatchSize)
    try file.rewind()
    while true {
      guard let entries = try file.next(atMost: pacer.batchSize) else { break }
      let places = place..<(place + entries.count)
      place = places.upperBound
      // What was kept a moment ago stays, so that no more go than were counted.
      if reasons[places].allSatisfy({ $0 != nil }) {
        report(place)
        continue
      }
      let begun = run
      let batch = try pacer.run(in: store) { _ throws(RegctlError) in
        try store.transaction { () throws(RegctlError) in
          let found = zip(reasons[places], try judge(entries, in: store)).map { $0 ?? $1 }
          let doomed = zip(entries, found).filter { $1 == nil }.map(\.0.id)
          if doomed.isEmpty { return (run: begun, pruned: 0, reasons: found) }
          let number = try prune.beginning(begun, in: store, at: now, by: actor)
          let count = try prune.archive(
            doomed, run: number, continues: begun != nil, in: store, at: now, by: actor)
          return (run: number, pruned: count, reasons: found)
        }
      }
      run = batch.run
      pruned += batch.pruned
      reasons.replaceSubrange(places, with: batch.reasons)
      report(place)
    }
    return Prune.Totals(run: run, pruned: pruned)
  }

  /// How many accounts were kept for each reason that there is.
  package var kept: [(reason: PruneCandidate.KeepReason, count: Int)] {
    PruneCandidate.KeepReason.allCases.map { reason in
      (reason: reason, count: reasons.count { $0 == reason })
    }.filter { $0.count > 0 }
  }

  /// Calls a body with the accounts of the plan and what became of each, a batch at a time, until it
  /// returns `false`.
  package func forEachBatch(_ body: ([Decision]) -> Bool) throws(RegctlError) {
    var place = 0
    try file.rewind()
    while true {
      guard let entries = try file.next(atMost: Self.batchSize) else { return }
      let decisions = zip(entries, reasons[place...]).map { entry, reason in
        Decision(
          id: entry.id, email: entry.email, registeredOn: entry.registeredOn, keepReason: reason)
      }
      guard body(decisions) else { return }
      place += entries.count
    }
  }

  /// Why each of some accounts is kept.
  private func judge(
    _ entries: [PrunePlan.Entry], in store: Store
  ) throws(RegctlError) -> [PruneCandidate.KeepReason?] {
    guard let prune else { return [] }
    let candidates = try store.pruneCandidates(entries.map(\.id), cutoff: prune.moment)
    var seen: Set<AccountID> = []
    // A number that comes twice is gone the second time.
    var reasons = zip(entries, candidates).map { entry, candidate in
      candidate.map { $0.reasonToSkip(entry) } ?? .gone
    }
    for (place, entry) in entries.enumerated() where !seen.insert(entry.id).inserted {
      reasons[place] = .gone
    }
    let rest = reasons.indices.filter { reasons[$0] == nil }
    let decisions = try prune.decisions(of: rest.compactMap { candidates[$0] }, weeks, in: store)
    for (place, decision) in zip(rest, decisions) { reasons[place] = decision.keepReason }
    return reasons
  }
}
