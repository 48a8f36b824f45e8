/// The prune runs of the same week or month.
package struct PrunedAccounts: Equatable, Sendable {
  package let period: ReportPeriod
  package private(set) var runs = 0
  package private(set) var pruned = 0

  /// How many of the pruned accounts are back.
  package private(set) var restored = 0

  private init(of period: ReportPeriod) { self.period = period }

  /// Runs of an interval by the period in which they began, oldest first.
  package static func grouping(
    _ runs: [PruneRun], by length: ReportPeriod.Length, in interval: ReportInterval
  ) -> [PrunedAccounts] {
    var found: [ReportPeriod: PrunedAccounts] = [:]
    for run in runs where interval.contains(run.at) {
      let period = ReportPeriod(length, of: run.at)
      found[period, default: PrunedAccounts(of: period)].add(run)
    }
    return found.values.sorted { $0.period < $1.period }
  }

  private mutating func add(_ run: PruneRun) {
    runs += 1
    pruned += run.pruned
    restored += run.restored
  }
}
