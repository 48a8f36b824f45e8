internal import SQL

extension Store {
  /// How far a link may be dated ahead; when it were further, the clock was wrong.
  private static let longestLead: Int64 = 3600

  /// Voids what was mailed or asked for before trust in an account was renewed: its links of every
  /// purpose, a change of address that waits, and the mails that would carry them.
  ///
  /// A confirmation mail that waits stays, because its link is made when it is sent. Call this in the
  /// transaction that renews the trust.
  func voidLinks(of id: AccountID, reason: String, at now: Instant) throws(RegctlError) {
    try revokeTokens(of: id, at: now)
    try voidEmailChanges(of: id, at: now)
    try cancelMails([.reset, .changeEmail], to: id, reason: reason, at: now)
    try putOffConfirmations(of: id, until: earliestLink(of: id, at: now))
  }

  /// Replaces the hash of an account's password, and voids what was mailed or asked for before.
  func replacePassword(
    of id: AccountID, by hash: PasswordHash, at now: Instant
  ) throws(RegctlError) {
    try setPassword(id, hash)
    try voidLinks(of: id, reason: "the password was replaced", at: now)
  }

  /// Revokes every token of an account that was issued so far.
  ///
  /// Tokens count whole seconds, so those of this second are revoked with all before it, and the next
  /// one is dated in the next second. Where that has happened in this second already, or the clock
  /// was set back, there may be tokens with later dates than now, and they are revoked too.
  func revokeTokens(of id: AccountID, at now: Instant) throws(RegctlError) {
    try changeOne(
      of: "regctl_accounts",
      """
      INSERT INTO regctl_accounts (account_id, not_before) VALUES ($1, $2 + 1)
      ON CONFLICT (account_id) DO UPDATE SET not_before
        = CASE WHEN not_before BETWEEN $2 + 1 AND $2 + $3 THEN not_before ELSE $2 END + 1
      """, .integer(id.rawValue), .integer(now.seconds), .integer(Self.longestLead))
  }

  /// When a link that is made for an account is good at the earliest: now, or at the second from
  /// which its tokens are not revoked.
  func earliestLink(of id: AccountID, at now: Instant) throws(RegctlError) -> Instant {
    guard let notBefore = try sideRecord(of: id).notBefore, notBefore > now.seconds,
      notBefore - now.seconds <= Self.longestLead
    else { return now }
    return Instant(seconds: notBefore)
  }

  /// Sends no confirmation mail of an account before a moment.
  private func putOffConfirmations(
    of id: AccountID, until moment: Instant
  ) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_outbox SET next_attempt_at = $1
      WHERE account_id = $2 AND state = 'queued' AND template = 'confirm' AND next_attempt_at < $1
      """, .integer(moment.seconds), .integer(id.rawValue))
  }
}
