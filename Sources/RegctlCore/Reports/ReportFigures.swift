/// The figures of a page with plots: those of the other reports, of `status` and of the prune runs.
package struct ReportFigures: Sendable {
  package let length: ReportPeriod.Length

  /// The time that the plots show.
  package let interval: ReportInterval
  package let now: Instant
  package let status: ServiceStatus
  package let cohorts: [Cohort]
  package let domains: [DomainFunnel]
  package let mails: [QueuedMails]
  package let prunes: [PrunedAccounts]

  /// Reads all figures.
  package init(
    of store: Store, _ configuration: Configuration, by length: ReportPeriod.Length,
    in interval: ReportInterval, at now: Instant
  ) throws(RegctlError) {
    self.length = length
    self.interval = interval
    self.now = now
    status = try ServiceStatus(of: store, configuration, at: now)
    cohorts = try store.cohorts(by: length, in: interval, at: now)
    domains = try store.funnel(in: interval)
    mails = try store.queuedMails(by: length, in: interval)
    prunes = PrunedAccounts.grouping(try store.pruneRuns(), by: length, in: interval)
  }
}
