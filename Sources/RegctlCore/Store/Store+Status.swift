internal import SQL

/// Numbers for the state of a service.
extension Store {
  /// The number of accounts that are not confirmed.
  func unconfirmedCount() throws(RegctlError) -> Int {
    try first("SELECT count(*) FROM users WHERE confirmed = FALSE") { $0.count(0) } ?? 0
  }

  /// The numbers of locked accounts and locked domains.
  func lockCounts() throws(RegctlError) -> (accounts: Int, domains: Int) {
    guard hasLocks else { return (0, 0) }
    return try first("SELECT count(account_id), count(domain) FROM regctl_locks") {
      ($0.count(0), $0.count(1))
    } ?? (0, 0)
  }

  /// The mails by state, and those that failed or expired of the ones queued since a time.
  func mailTotals(
    at now: Instant, since moment: Instant
  ) throws(RegctlError) -> ServiceStatus.Mails {
    var mails = ServiceStatus.Mails()
    try forEach(
      """
      SELECT state, count(*), max(finished_at), count(*) FILTER (WHERE next_attempt_at <= $1),
        count(*) FILTER (WHERE attempts > 0), count(*) FILTER (WHERE queued_at >= $2)
      FROM regctl_outbox GROUP BY state
      """, .integer(now.seconds), .integer(moment.seconds)
    ) { row in
      let state = row.word(0, else: OutboxEntry.State.failed)
      mails.counts[state] = row.count(1)
      switch state {
      case .queued: (mails.due, mails.deferred) = (row.count(3), row.count(4))
      case .sent: mails.lastSent = row.optionalInstant(2)
      case .failed, .expired: mails.lately[state] = row.count(5)
      case .sending, .cancelled: break
      }
    }
    for (state, purged) in try purgedMailTotals() {
      mails.counts[state, default: 0] += purged.count
      if state == .sent, mails.lastSent == nil { mails.lastSent = purged.lastFinished }
    }
    mails.next = try nextAttempt()
    return mails
  }

  /// When a mail was last not accepted.
  func lastAttempt() throws(RegctlError) -> Instant? {
    guard keepsAttempts else { return nil }
    return try first("SELECT max(at) FROM regctl_attempts") { $0.optionalInstant(0) } ?? nil
  }

  /// Whether the table has what prune needs to know.
  var mayPrune: Bool { mapping.name(of: .registeredOn) != nil }
}
