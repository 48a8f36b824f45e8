/// Registers an account and queues its confirmation mail.
package struct Register: Sendable {
  private let account: NewAccount
  private let queuesMail: Bool
  private let messageDomain: String?

  /// An unconfirmed account to register; the Message-ID of its mail is in `messageDomain`.
  package init(
    address: EmailAddress, passwordHash: PasswordHash, queuesMail: Bool, messageDomain: String?
  ) {
    account = NewAccount(
      address: address, passwordHash: passwordHash, isAdmin: false, isConfirmed: false)
    self.queuesMail = queuesMail
    self.messageDomain = messageDomain
  }

  /// Rejects an address that is taken, before a password is hashed.
  package static func check(_ address: EmailAddress, in store: Store) throws(RegctlError) {
    if let existing = try store.accountIfAny(address.text) {
      throw .account(
        .alreadyRegistered(email: existing.email, isConfirmed: existing.isConfirmed))
    }
  }

  /// Inserts account, mail and audit entry in one transaction, durable on return, and announces a
  /// generated password before.
  package func perform(
    in store: Store, at now: Instant, by actor: Actor,
    announcing announce: Announcement = { () throws(RegctlError) in }
  ) throws(RegctlError) -> (account: Account, mail: MailID?) {
    try store.transaction(announcing: announce) { () throws(RegctlError) in
      try Self.check(account.address, in: store)
      let added = try store.add(account, at: now)
      let mail =
        queuesMail
        ? try store.enqueue(.confirm, to: added, at: now, due: now, messageDomain: messageDomain)
        : nil
      try store.record(AuditEntry(.register, on: added, at: now, by: actor))
      return (added, mail)
    }
  }
}
