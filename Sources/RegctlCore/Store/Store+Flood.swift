internal import SQL

/// Confirmation mails that are held while far more accounts are registered than usually.
extension Store {
  /// The last mail that was queued before a time; mails are numbered in the order of queueing, so that
  /// only those that were queued since then are looked at.
  private func lastMail(before moment: Instant) throws(RegctlError) -> Int64 {
    try first(
      "SELECT id FROM regctl_outbox WHERE queued_at < $1 ORDER BY id DESC LIMIT 1",
      .integer(moment.seconds)
    ) { $0.integer(0) } ?? 0
  }

  /// The number of confirmation mails queued since a time to accounts registered since then.
  func newConfirmations(since moment: Instant) throws(RegctlError) -> Int {
    try first(
      """
      SELECT count(*) FROM regctl_outbox m
      WHERE m.id > $1 AND m.template = $2 AND m.queued_at >= $3 AND (
        SELECT a.registered_at FROM regctl_accounts a WHERE a.account_id = m.account_id) >= $3
      """, .integer(try lastMail(before: moment)), .text(MailKind.confirm.rawValue),
      .integer(moment.seconds)
    ) { $0.count(0) } ?? 0
  }

  /// The number of confirmation mails queued in a time, and when the first of them was.
  func confirmations(
    from start: Instant, to end: Instant
  ) throws(RegctlError) -> (count: Int, first: Instant?) {
    try first(
      """
      SELECT count(*), min(queued_at) FROM regctl_outbox
      WHERE id > $1 AND template = $2 AND queued_at >= $3 AND queued_at < $4
      """, .integer(try lastMail(before: start)), .text(MailKind.confirm.rawValue),
      .integer(start.seconds), .integer(end.seconds)
    ) { ($0.count(0), $0.optionalInstant(1)) } ?? (0, nil)
  }

  /// Holds the first confirmation mails of accounts registered since a time, while they are queued,
  /// and returns their number; call it in a transaction. A later one was asked for.
  ///
  /// Mails are found by number, not by the index of all that are queued.
  func holdConfirmations(since moment: Instant) throws(RegctlError) -> Int {
    try run(
      """
      UPDATE regctl_outbox SET state = 'held', next_attempt_at = NULL
      WHERE id > $1 AND coalesce(state, '') = 'queued' AND template = $2 AND queued_at >= $3
        AND attempts = 0
        AND (
          SELECT a.registered_at FROM regctl_accounts a
          WHERE a.account_id = regctl_outbox.account_id) >= $3
        AND NOT EXISTS (
          SELECT 1 FROM regctl_outbox o
          WHERE o.account_id = regctl_outbox.account_id AND o.id < regctl_outbox.id)
      """, .integer(try lastMail(before: moment)), .text(MailKind.confirm.rawValue),
      .integer(moment.seconds))
  }

  /// Whether a mail to an account is held.
  func holdsMail(to id: AccountID) throws(RegctlError) -> Bool {
    try first(
      "SELECT 1 FROM regctl_outbox WHERE account_id = $1 AND state = 'held' LIMIT 1",
      .integer(id.rawValue)
    ) { _ in true } ?? false
  }

  /// Cancels a held mail of an account that gets another.
  func cancelHeldMail(of id: AccountID, at now: Instant) throws(RegctlError) {
    guard keepsMoments else { return }
    try run(
      """
      UPDATE regctl_outbox
      SET state = 'cancelled', finished_at = $1, last_reply = 'a later mail was queued'
      WHERE account_id = $2 AND state = 'held'
      """, .integer(now.seconds), .integer(id.rawValue))
  }
}
