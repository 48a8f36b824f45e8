internal import SQL

extension Store {
  /// How far ahead of now a link may be dated, in seconds; a later date means the clock was wrong.
  private static let longestLead: Int64 = 3600

  /// Voids what was mailed or requested before trust in an account was renewed: its links of every
  /// purpose, the application's pending reset link, a pending change of address, and the queued
  /// mails that would carry them.
  ///
  /// A queued confirmation mail stays, because its link is created when it is sent. Call this in
  /// the transaction that renews the trust.
  func voidLinks(of id: AccountID, reason: String, at now: Instant) throws(RegctlError) {
    try revokeTokens(of: id, at: now)
    try voidApplicationReset(of: id)
    try voidEmailChanges(of: id, at: now)
    try cancelMails([.reset, .changeEmail], to: id, reason: reason, at: now)
    try putOffConfirmations(of: id, until: earliestLink(of: id, at: now))
  }

  /// Replaces an account's password hash, and voids what was mailed or requested before.
  func replacePassword(
    of id: AccountID, by hash: PasswordHash, at now: Instant
  ) throws(RegctlError) {
    try setPassword(id, hash)
    try cancelMails([.invite], to: id, reason: "a password was set", at: now)
    try voidLinks(of: id, reason: "the password was replaced", at: now)
  }

  /// Revokes every token issued so far for an account.
  ///
  /// Tokens have whole seconds, so all tokens of the current second are revoked, and the next one
  /// is dated in the next second. If tokens were already revoked in this second, or the clock was
  /// set back, tokens may have dates later than now; they are revoked too.
  func revokeTokens(of id: AccountID, at now: Instant) throws(RegctlError) {
    try changeOne(
      of: "regctl_accounts",
      """
      INSERT INTO regctl_accounts (account_id, not_before) VALUES ($1, $2 + 1)
      ON CONFLICT (account_id) DO UPDATE SET not_before
        = CASE WHEN regctl_accounts.not_before BETWEEN $2 + 1 AND $2 + $3
          THEN regctl_accounts.not_before ELSE $2 END + 1
      """, .integer(id.rawValue), .integer(now.seconds), .integer(Self.longestLead))
  }

  /// The earliest time from which a link created for an account is valid: now, or the second from
  /// which its tokens are not revoked.
  func earliestLink(of id: AccountID, at now: Instant) throws(RegctlError) -> Instant {
    guard let notBefore = try sideRecord(of: id).notBefore, notBefore > now.seconds,
      notBefore - now.seconds <= Self.longestLead
    else { return now }
    return Instant(seconds: notBefore)
  }

  /// Defers the queued confirmation mails, reminders and invitations of an account until a time.
  private func putOffConfirmations(
    of id: AccountID, until moment: Instant
  ) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_outbox SET next_attempt_at = $1
      WHERE account_id = $2 AND state = 'queued' AND template IN ('confirm', 'reminder', 'invite')
        AND next_attempt_at < $1
      """, .integer(moment.seconds), .integer(id.rawValue))
  }
}
