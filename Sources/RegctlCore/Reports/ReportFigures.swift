/// The figures of a page with plots: those of the other reports, of `status` and of the prune runs.
package struct ReportFigures: Sendable {
  package let length: ReportPeriod.Length

  /// The beginning of the plots; `nil` for all that there is.
  package let since: Instant?
  package let now: Instant
  package let status: ServiceStatus
  package let cohorts: [Cohort]
  package let domains: [DomainFunnel]
  package let mails: [QueuedMails]
  package let prunes: [PrunedAccounts]

  /// Reads all figures.
  package init(
    of store: Store, _ configuration: Configuration, by length: ReportPeriod.Length,
    since moment: Instant?, at now: Instant
  ) throws(RegctlError) {
    self.length = length
    since = moment
    self.now = now
    status = try ServiceStatus(of: store, configuration, at: now)
    cohorts = try store.cohorts(by: length, since: moment, at: now)
    domains = try store.funnel(since: moment)
    mails = try store.queuedMails(by: length, since: moment)
    prunes = PrunedAccounts.grouping(try store.pruneRuns(), by: length, since: moment)
  }
}
