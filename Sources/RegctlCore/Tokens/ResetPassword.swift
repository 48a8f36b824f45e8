/// Sets a new password through a mailed link.
package struct ResetPassword: Sendable {
  private let configuration: Configuration
  private let force: Bool

  /// Observes the limits of confirmation mails, unless `force` is on.
  package init(_ configuration: Configuration, force: Bool) {
    self.configuration = configuration
    self.force = force
  }

  // MARK: Request

  /// Queues the mail, or makes a queued one due now.
  package func request(
    _ email: String, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> (account: Account, mail: MailID) {
    guard configuration.resetURL != nil else { throw .delivery(.missingSetting("reset_url")) }
    try store.requireApplicationResets(configuration)
    return try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      try store.requireUnlocked(account)
      let limit = try limit(on: account, in: store, at: now)
      if let limit, !force { throw .account(limit) }
      try store.record(
        AuditEntry(
          .requestReset, on: account, at: now, by: actor, detail: limit == nil ? nil : "forced"))
      let due = try store.earliestLink(of: account.id, at: now)
      if let pending = try store.pendingMail(.reset, of: account.id) {
        try store.reschedule(pending, as: .reset, at: now, due: due)
        return (account, pending)
      }
      let mail = try store.enqueue(
        .reset, to: account, at: now, due: due, messageDomain: configuration.messageDomain)
      return (account, mail)
    }
  }

  private func limit(
    on account: Account, in store: Store, at now: Instant
  ) throws(RegctlError) -> AccountError? {
    let (count, last) = try store.acts(
      [.requestReset], on: account.id, since: now - .seconds(86_400))
    if let last, now < last + configuration.resendInterval {
      return .resendTooSoon(email: account.email, next: last + configuration.resendInterval)
    }
    let maximum = configuration.resendMaxPerDay
    return count >= maximum ? .resendLimit(email: account.email, perDay: maximum) : nil
  }

  // MARK: New password

  /// A verified token for a reset, obtained before a new password is asked for.
  package struct Permission: Sendable {
    fileprivate let reading: TokenAuthority.Reading

    /// Whether the account was confirmed.
    package let wasConfirmed: Bool
  }

  /// Reads and verifies a token.
  package static func permission(
    by text: TokenText, authority: TokenAuthority, in store: Store, at now: Instant
  ) throws(RegctlError) -> Permission {
    let reading: TokenAuthority.Reading
    do throws(TokenError) {
      reading = try authority.read(text, at: now)
    } catch {
      throw .token(error)
    }
    let account = try authority.judgeReset(reading, in: store, at: now)
    return Permission(reading: reading, wasConfirmed: account.isConfirmed)
  }

  /// Replaces the password unless the token was used meanwhile, and announces a generated one before.
  /// The account stays confirmed, but earlier links and address changes are revoked. One that was
  /// invited is confirmed, since the link proves the address.
  package static func perform(
    _ permission: Permission, _ hash: PasswordHash, authority: TokenAuthority, in store: Store,
    at now: Instant, by actor: Actor,
    announcing announce: Announcement = { () throws(RegctlError) in }
  ) throws(RegctlError) -> Account {
    try store.transaction(announcing: announce) { () throws(RegctlError) in
      let account = try authority.judgeReset(permission.reading, in: store, at: now)
      let isInvited = try store.isInvited(account)
      try store.replacePassword(of: account.id, by: hash, at: now)
      try store.record(AuditEntry(.resetPassword, on: account, at: now, by: actor))
      guard isInvited else { return account }
      return try Confirm.byInvitation(account, in: store, at: now, by: actor).account
    }
  }
}
