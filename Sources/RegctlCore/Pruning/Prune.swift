/// Deletes accounts that were not confirmed in time; each can be brought back.
///
/// Administrators and confirmed accounts are never touched, and an account whose mail has had no
/// final answer is kept, because the fault may be ours. Where the application sends its own mails,
/// accounts of a week with unusually few confirmations are kept instead.
package struct Prune: Sendable {
  private let cutoff: Instant
  private let maximum: Int?
  private let configuredMaximum: Int
  private let includesNeverMailed: Bool
  private let applicationMails: Bool
  private var filter: PruneFilter
  private let limit: Int

  /// How many accounts are looked at together.
  private static let batchSize = 500

  /// How many accounts the first transaction of a run prunes, which takes about 30 ms: so the usual
  /// run is one transaction, and one row of the audit.
  static let firstBatchSize = 1000
  private static let sampleSize = 5

  /// Prunes what is older than an age at a moment; `maximum` replaces both limits.
  ///
  /// Only accounts that a filter includes are looked at, and only the oldest `limit` go.
  package init(
    olderThan age: Duration, at now: Instant, maximum: Int?, includesNeverMailed: Bool,
    only filter: PruneFilter = PruneFilter(), limit: Int = .max, _ configuration: Configuration
  ) {
    self.init(
      registeredBefore: now - age, maximum: maximum, includesNeverMailed: includesNeverMailed,
      only: filter, limit: limit, configuration)
  }

  /// Prunes what was registered before a moment.
  init(
    registeredBefore cutoff: Instant, maximum: Int?, includesNeverMailed: Bool,
    only filter: PruneFilter = PruneFilter(), limit: Int = .max, _ configuration: Configuration
  ) {
    self.cutoff = cutoff
    self.filter = filter
    self.limit = limit
    self.maximum = maximum
    configuredMaximum = configuration.pruneMax
    self.includesNeverMailed = includesNeverMailed
    applicationMails = configuration.applicationMails
  }

  /// The same prune, of the accounts of a wave only.
  package func only(_ wave: PruneWave) -> Prune {
    var prune = self
    prune.filter = filter.only(wave.ids)
    return prune
  }

  /// The moment before which an account must have been registered to be looked at.
  package var moment: Instant { cutoff }

  // MARK: Looking

  /// What a run would do.
  package struct Survey: Sendable {
    package private(set) var prunable = 0
    package private(set) var sample: [String] = []

    /// How many accounts were given more time because their zone is not known.
    package private(set) var doubtful = 0
    private var counts = PruneCandidate.KeepReason.allCases.map { (reason: $0, count: 0) }

    package init() {}

    /// How many accounts would be kept for each reason that there is.
    package var kept: [(reason: PruneCandidate.KeepReason, count: Int)] {
      counts.filter { $0.count > 0 }
    }

    /// Counts an account that was looked at.
    package mutating func count(_ decision: Decision) {
      if decision.isDoubtful { doubtful += 1 }
      if decision.isListed { count(decision.candidate.email, decision.keepReason) }
    }

    /// Counts an account, which goes unless there is a reason to keep it.
    mutating func count(_ email: String, _ keepReason: PruneCandidate.KeepReason?) {
      if let keepReason {
        for index in counts.indices where counts[index].reason == keepReason {
          counts[index].count += 1
        }
      } else {
        prunable += 1
        if sample.count < Prune.sampleSize { sample.append(email) }
      }
    }
  }

  /// Counts what would go, and refuses when that is more than a run may delete.
  ///
  /// `report` takes the number of accounts that were looked at, after each batch.
  package func survey(
    _ store: Store, reporting report: (Int) -> Void = { _ in }
  ) throws(RegctlError) -> Survey {
    let survey = try look(store, reporting: report) { _ in true }
    try checkLimit(survey.prunable, in: store)
    return survey
  }

  /// Counts what would become of every account that may have been registered before the cutoff, and
  /// calls a body with the decisions, a batch at a time, until it returns `false`.
  package func look(
    _ store: Store, reporting report: (Int) -> Void = { _ in }, _ body: ([Decision]) -> Bool
  ) throws(RegctlError) -> Survey {
    var survey = Survey()
    var seen = 0
    let weeks = try weeks(in: store)
    var next: ListPlace? = .beginning
    while let place = next {
      let decisions: [Decision]
      (decisions, next) = try self.decisions(
        after: place, weeks, atMost: limit - survey.prunable, in: store)
      for decision in decisions { survey.count(decision) }
      seen += decisions.count
      report(seen)
      guard body(decisions), survey.prunable < limit else { break }
    }
    return survey
  }

  /// The decisions on the accounts behind a place, until a number of them would go, and the place of
  /// the next ones, if any.
  private func decisions(
    after place: ListPlace, _ weeks: WeeklyConfirmations?, atMost limit: Int, in store: Store
  ) throws(RegctlError) -> ([Decision], next: ListPlace?) {
    let (candidates, next) = try store.pruneCandidates(
      after: place, cutoff: cutoff, limit: Self.batchSize)
    let decisions = try decisions(of: candidates.filter(filter.includes), weeks, in: store)
    var remaining = limit
    let end = decisions.firstIndex { decision in
      if decision.keepReason == nil { remaining -= 1 }
      return remaining < 0
    }
    return (Array(decisions[..<(end ?? decisions.count)]), next)
  }

  /// The confirmations of each week, read once a pass; `nil` where they decide nothing.
  func weeks(in store: Store) throws(RegctlError) -> WeeklyConfirmations? {
    guard applicationMails, !includesNeverMailed else { return nil }
    let horizon = try store.pruneHorizon(of: cutoff)
    return WeeklyConfirmations(try store.confirmationsByDay(registeredBefore: horizon))
  }

  /// Refuses when more would go than a run may delete.
  package func checkLimit(_ count: Int, in store: Store) throws(RegctlError) {
    if let maximum {
      if count > maximum { throw .prune(.tooMany(count, limit: maximum)) }
      return
    }
    if count > configuredMaximum { throw .prune(.tooMany(count, limit: configuredMaximum)) }
    let total = try store.accountCount()
    if count * 2 > total { throw .prune(.moreThanHalf(count, of: total)) }
  }

  /// What would become of candidates; whom the application's own rows refer to is kept.
  func decisions(
    of candidates: [PruneCandidate], _ weeks: WeeklyConfirmations?, in store: Store
  ) throws(RegctlError) -> [Decision] {
    let decisions = candidates.map { candidate in
      Decision(
        candidate: candidate,
        keepReason: candidate.keepReason(
          cutoff: cutoff, includesNeverMailed: includesNeverMailed, weeks: weeks))
    }
    let doomed = decisions.filter { $0.keepReason == nil }.map(\.candidate.id)
    let referenced = Set(try store.referenced(doomed))
    if referenced.isEmpty { return decisions }
    return decisions.map { decision in
      guard decision.keepReason == nil, referenced.contains(decision.candidate.id) else {
        return decision
      }
      return Decision(
        candidate: decision.candidate, keepReason: .inUse)
    }
  }

  /// An account that was looked at and what would become of it.
  package struct Decision: Sendable {
    package let candidate: PruneCandidate

    /// Why it would be kept; `nil` when it would go.
    package let keepReason: PruneCandidate.KeepReason?

    /// Whether it was given more time because the zone of its date is not known.
    package var isDoubtful: Bool { candidate.registeredOn.map { $0.moment == nil } ?? false }

    /// Whether it is old enough for people to ask what becomes of it.
    package var isListed: Bool {
      switch keepReason {
      case .tooYoung: candidate.isOldByText && candidate.hasOffset
      case .unreadableDate: candidate.isOldByText
      default: true
      }
    }
  }

  /// When an account would be pruned by runs with this age, or why it would be kept; `nil` for an
  /// account that is never pruned.
  package func outlook(
    on account: Account, at now: Instant, in store: Store
  ) throws(RegctlError) -> PruneOutlook? {
    guard !account.isConfirmed, !account.isAdmin,
      let candidate = try store.pruneCandidates([account.id], cutoff: cutoff).first ?? nil
    else { return nil }
    if let last = candidate.lastActivity, last >= cutoff {
      return .after(last + (now - cutoff))
    }
    let decisions = try decisions(of: [candidate], weeks(in: store), in: store)
    return decisions.first?.keepReason.map(PruneOutlook.kept) ?? .nextRun
  }

  // MARK: Planning

  /// Writes what a run would do into a file that did not exist; deletes nothing.
  ///
  /// `report` takes the number of accounts that were looked at, after each batch.
  package func plan(
    _ store: Store, into path: String, at now: Instant, reporting report: (Int) -> Void = { _ in }
  ) throws(RegctlError) -> Survey {
    var plan = try NewPrunePlan(
      path, madeAt: now, cutoff: cutoff, includesNeverMailed: includesNeverMailed)
    var survey = Survey()
    var seen = 0
    let weeks = try weeks(in: store)
    var next: ListPlace? = .beginning
    while let place = next {
      let decisions: [Decision]
      (decisions, next) = try self.decisions(
        after: place, weeks, atMost: limit - survey.prunable, in: store)
      for decision in decisions { survey.count(decision) }
      seen += decisions.count
      report(seen)
      if survey.prunable == limit { next = nil }
      try plan.add(decisions.filter { $0.keepReason == nil }.compactMap(\.candidate.entry))
    }
    try plan.publish()
    return survey
  }

  /// Writes a plan by which nothing is pruned.
  package static func planNothing(into path: String, at now: Instant) throws(RegctlError) {
    var plan = try NewPrunePlan(path, madeAt: now, cutoff: nil, includesNeverMailed: false)
    try plan.publish()
  }

  // MARK: Doing

  /// What a run did.
  package struct Totals: Sendable {
    /// The number of the run; `nil` when nothing was pruned.
    package let run: Int64?
    package let pruned: Int
  }

  /// Archives and deletes at most as many accounts as a survey has counted, a batch at a time; each
  /// account goes whole or not at all.
  ///
  /// `report` takes the number of pruned accounts, after each batch.
  package func perform(
    _ survey: Survey, in store: Store, at now: Instant, by actor: Actor,
    reporting report: (Int) -> Void = { _ in }
  ) throws(RegctlError) -> Totals {
    try store.enlargeCache()
    // A confirmation since then only makes a week stronger.
    let weeks = try weeks(in: store)
    var run: Int64?
    var pruned = 0
    var next: ListPlace? = .beginning
    var pacer = BatchPacer(first: Self.firstBatchSize)
    while let place = next, pruned < survey.prunable {
      let (begun, remaining) = (run, survey.prunable - pruned)
      let batch = try pacer.run(in: store) { batchSize throws(RegctlError) in
        try store.transaction { () throws(RegctlError) in
          try pruneBatch(
            of: batchSize, after: place, atMost: remaining, weeks, run: begun, in: store, at: now,
            by: actor)
        }
      }
      (run, next) = (batch.run, batch.next)
      pruned += batch.pruned
      report(pruned)
    }
    return Totals(run: run, pruned: pruned)
  }

  /// The result of one transaction of a run.
  private struct Batch {
    /// The number of the run; `nil` while nothing was pruned.
    let run: Int64?
    let pruned: Int

    /// The place of the next accounts, if any.
    let next: ListPlace?
  }

  /// Prunes accounts behind a place, and begins the run with the first ones; call it in a
  /// transaction.
  private func pruneBatch(
    of size: Int, after place: ListPlace, atMost limit: Int, _ weeks: WeeklyConfirmations?,
    run: Int64?, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Batch {
    let (candidates, next) = try store.pruneCandidates(
      after: place, cutoff: cutoff, limit: size)
    let doomed = try decisions(of: candidates.filter(filter.includes), weeks, in: store)
      .filter { $0.keepReason == nil }.prefix(limit).map(\.candidate.id)
    if doomed.isEmpty { return Batch(run: run, pruned: 0, next: next) }
    let number = try beginning(run, in: store, at: now, by: actor)
    let count = try archive(
      doomed, run: number, continues: run != nil, in: store, at: now, by: actor)
    return Batch(run: number, pruned: count, next: next)
  }

  /// The number of a run that has begun, or that begins now; call it in a transaction.
  func beginning(
    _ run: Int64?, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Int64 {
    if let run { return run }
    return try store.beginPruneRun(cutoff: cutoff, at: now, by: actor)
  }

  /// Moves accounts to the archive of a run and records that, in one entry of the audit for the run;
  /// call it inside a transaction.
  func archive(
    _ doomed: [AccountID], run: Int64, continues: Bool, in store: Store, at now: Instant,
    by actor: Actor
  ) throws(RegctlError) -> Int {
    try store.recordDeletion(
      AuditEntry(act: .prune, at: now, actor: actor, detail: "run \(run)"), of: doomed,
      continues: continues)
    return try store.archive(doomed, run: run, at: now)
  }
}
