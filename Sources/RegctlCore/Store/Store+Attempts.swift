internal import SQL

/// Attempts at which a mail was not accepted. An accepted mail needs no row: its own has the reply.
extension Store {
  /// Records an attempt; call it in the transaction that changes the mail.
  func recordAttempt(
    _ id: MailID, _ result: DeliveryAttempt.Result, reply: String, at now: Instant
  ) throws(RegctlError) {
    guard keepsAttempts else { return }
    try changeOne(
      of: "regctl_attempts",
      """
      INSERT INTO regctl_attempts (mail_id, attempt, at, result, reply)
      VALUES ($1, (SELECT coalesce(max(attempt), 0) + 1 FROM regctl_attempts WHERE mail_id = $1),
        $2, $3, $4)
      """, .integer(id.rawValue), .integer(now.seconds), .text(result.rawValue), .text(reply))
  }

  /// Records that the process died which was sending the mails that are marked as being sent; call it
  /// in the transaction that requeues them.
  func recordInterruptedAttempts(at now: Instant) throws(RegctlError) {
    guard keepsAttempts else { return }
    try run(
      """
      INSERT INTO regctl_attempts (mail_id, attempt, at, result)
      SELECT m.id,
        (SELECT coalesce(max(a.attempt), 0) + 1 FROM regctl_attempts a WHERE a.mail_id = m.id),
        $1, 'interrupted'
      FROM regctl_outbox m WHERE m.state = 'sending'
      """, .integer(now.seconds))
  }

  /// How often mails were not accepted since some time. All recorded attempts are read.
  package func refusals(since start: Instant) throws(RegctlError) -> MailRefusals {
    var refusals = MailRefusals()
    guard keepsAttempts else { return refusals }
    try forEach(
      "SELECT mail_id, attempt, at, result, reply FROM regctl_attempts WHERE at >= $1",
      .integer(start.seconds)
    ) { row in
      let attempt = DeliveryAttempt(row: row)
      refusals.add(attempt.result, reply: attempt.reply)
    }
    return refusals
  }

  /// The recorded attempts at a mail, oldest first.
  func attempts(at id: MailID) throws(RegctlError) -> [DeliveryAttempt] {
    guard keepsAttempts else { return [] }
    return try rows(
      """
      SELECT mail_id, attempt, at, result, reply FROM regctl_attempts
      WHERE mail_id = $1 ORDER BY attempt
      """, .integer(id.rawValue), transform: DeliveryAttempt.init(row:))
  }
}

extension DeliveryAttempt {
  /// An attempt from the columns mail_id, attempt, at, result, reply.
  init(row: borrowing Row) {
    self.init(
      mail: MailID(rawValue: row.integer(0)), number: row.count(1), at: row.instant(2),
      result: row.word(3, else: Result.deferred), reply: row.optionalText(4))
  }
}
