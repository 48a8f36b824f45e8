internal import SQL

/// Numbers for the state of a service.
extension Store {
  /// The number of accounts that are not confirmed.
  func unconfirmedCount() throws(RegctlError) -> Int {
    try first("SELECT count(*) FROM users WHERE confirmed = FALSE") { $0.count(0) } ?? 0
  }

  /// The numbers of locked accounts and locked domains. The lock of an account that was deleted has
  /// its negative number, and counts again when the account is restored.
  func lockCounts() throws(RegctlError) -> (accounts: Int, domains: Int) {
    guard hasLocks else { return (0, 0) }
    return try first(
      "SELECT count(*) FILTER (WHERE account_id > 0), count(domain) FROM regctl_locks"
    ) { ($0.count(0), $0.count(1)) } ?? (0, 0)
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
      case .failed, .expired, .bounced: mails.lately[state] = row.count(5)
      case .held, .sending, .cancelled: break
      }
    }
    for (state, purged) in try purgedMailTotals() {
      mails.counts[state, default: 0] += purged.count
      if state == .sent, mails.lastSent == nil { mails.lastSent = purged.lastFinished }
    }
    mails.next = try nextAttempt()
    return mails
  }

  /// The mails that wait because a server refused them for a fault on this side, and the reply to the
  /// newest of them; `nil` if there are none.
  func declinedMails(at now: Instant) throws(RegctlError) -> (count: Int, reply: String)? {
    var found: (count: Int, reply: String)?
    var newest = Int64.min
    // Only such a mail waits after a permanent reply, until an operator makes it due.
    try forEach(
      """
      SELECT last_reply, count(*), max(id) FROM regctl_outbox
      WHERE state = 'queued' AND next_attempt_at > $1 AND last_reply LIKE '5%'
      GROUP BY last_reply
      """, .integer(now.seconds)
    ) { row in
      let reply = row.text(0)
      if [.address, .mailbox].contains(RefusalCause(reply: reply)) { return }
      let isNewest = row.integer(2) > newest
      newest = max(newest, row.integer(2))
      found = (
        count: (found?.count ?? 0) + row.count(1), reply: isNewest ? reply : found?.reply ?? reply
      )
    }
    return found
  }

  /// How many of the newest mails were refused for good since a time, and how many had a result.
  ///
  /// Only the last thousand mails are looked at, however many there are.
  func refusedMails(since moment: Instant) throws(RegctlError) -> (refused: Int, finished: Int) {
    try first(
      """
      SELECT count(*) FILTER (WHERE state = 'failed'), count(*) FROM (
        SELECT state, finished_at FROM regctl_outbox ORDER BY id DESC LIMIT 1000) m
      WHERE state IN ('sent', 'failed', 'bounced') AND finished_at >= $1
      """, .integer(moment.seconds)
    ) { ($0.count(0), $0.count(1)) } ?? (0, 0)
  }

  /// When a mail was last not accepted.
  func lastAttempt() throws(RegctlError) -> Instant? {
    guard keepsAttempts else { return nil }
    return try first("SELECT max(at) FROM regctl_attempts") { $0.optionalInstant(0) } ?? nil
  }

  /// Whether the table has what prune needs to know.
  var mayPrune: Bool { mapping.name(of: .registeredOn) != nil }
}
