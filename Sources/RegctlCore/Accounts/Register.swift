/// Registers an account and queues its confirmation mail.
package enum Register {
  /// Rejects an address that is taken or in a locked domain, before a password is hashed.
  package static func check(_ address: EmailAddress, in store: Store) throws(RegctlError) {
    if let existing = try store.accountIfAny(address.text) {
      throw .account(
        .alreadyRegistered(email: existing.email, isConfirmed: existing.isConfirmed))
    }
    try store.requireUnlockedDomain(of: address.text)
  }

  /// Inserts account, mail and audit entry in one transaction, durable on return, and announces a
  /// generated password before. The Message-ID of the mail is in `messageDomain`.
  package static func perform(
    _ address: EmailAddress, _ hash: PasswordHash, queuesMail: Bool, messageDomain: String?,
    in store: Store, at now: Instant, by actor: Actor,
    announcing announce: Announcement = { () throws(RegctlError) in }
  ) throws(RegctlError) -> (account: Account, mail: MailID?) {
    try store.transaction(announcing: announce) { () throws(RegctlError) in
      try check(address, in: store)
      let added = try store.add(address, hash, at: now)
      let mail =
        queuesMail
        ? try store.enqueue(.confirm, to: added, at: now, due: now, messageDomain: messageDomain)
        : nil
      try store.record(AuditEntry(.register, on: added, at: now, by: actor))
      return (added, mail)
    }
  }
}
