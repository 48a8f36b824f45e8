internal import SQL

/// Results of mails that were in flight when the connection was lost.
///
/// Another process may have taken over meanwhile: each change applies only if the mail is still in
/// the attempt that it is about. Then the other process has neither requeued nor claimed it. Call them
/// in a transaction.
extension Store {
  /// Records the final result of an attempt, counted from 1.
  func finishLate(
    _ id: MailID, attempt: Int, as state: OutboxEntry.State, reply: String, at now: Instant
  ) throws(RegctlError) {
    let count = try run(
      """
      UPDATE regctl_outbox
      SET state = $1, last_reply = $2, finished_at = $3, next_attempt_at = NULL
      WHERE id = $4 AND state = 'sending' AND attempts = $5
      """, .text(state.rawValue), .text(reply), .integer(now.seconds), .integer(id.rawValue),
      .integer(Int64(attempt)))
    if count == 1, state == .failed { try recordAttempt(id, .failed, reply: reply, at: now) }
  }

  /// Defers a mail after an attempt.
  func deferLate(
    _ id: MailID, attempt: Int, reply: String, isPossibleDuplicate: Bool, at now: Instant,
    until due: Instant
  ) throws(RegctlError) {
    let count = try run(
      """
      UPDATE regctl_outbox SET state = 'queued', last_reply = $1, next_attempt_at = $2,
        possible_duplicate = possible_duplicate OR $3
      WHERE id = $4 AND state = 'sending' AND attempts = $5
      """, .text(reply), .integer(due.seconds), .boolean(isPossibleDuplicate),
      .integer(id.rawValue), .integer(Int64(attempt)))
    if count == 1 { try recordAttempt(id, .deferred, reply: reply, at: now) }
  }

  /// Defers a mail after an attempt that does not count.
  func deferUncountedLate(
    _ id: MailID, attempt: Int, reply: String, at now: Instant, until due: Instant
  ) throws(RegctlError) {
    let count = try run(
      """
      UPDATE regctl_outbox
      SET state = 'queued', attempts = attempts - 1, last_reply = $1, next_attempt_at = $2
      WHERE id = $3 AND state = 'sending' AND attempts = $4
      """, .text(reply), .integer(due.seconds), .integer(id.rawValue), .integer(Int64(attempt)))
    if count == 1 { try recordAttempt(id, .deferred, reply: reply, at: now) }
  }

  /// Requeues a mail without counting an attempt that was not made.
  func withdrawLate(_ id: MailID, attempt: Int, due: Instant) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_outbox SET state = 'queued', attempts = attempts - 1, next_attempt_at = $1
      WHERE id = $2 AND state = 'sending' AND attempts = $3
      """, .integer(due.seconds), .integer(id.rawValue), .integer(Int64(attempt)))
  }
}
