/// Registers an account and queues its confirmation mail.
package enum Register {
  /// Rejects an address that is taken, in a locked domain, or denied by a line of
  /// `deny_domains_file`, before a password is hashed.
  package static func check(
    _ address: EmailAddress, deniedBy line: DeniedDomain?, in store: Store
  ) throws(RegctlError) {
    try check(address, in: store)
    if let line { throw .account(.domainDenied(address.text, line)) }
  }

  /// Rejects an address that is taken or in a locked domain.
  static func check(_ address: EmailAddress, in store: Store) throws(RegctlError) {
    if let existing = try store.accountIfAny(address.text) {
      throw .account(
        .alreadyRegistered(email: existing.email, isConfirmed: existing.isConfirmed))
    }
    try store.requireUnlockedDomain(of: address.text)
  }

  /// Inserts account, mail and audit entry in one transaction, durable on return, and announces a
  /// generated password before. The Message-ID of the mail is in `messageDomain`; it is an invitation
  /// or a confirmation mail.
  package static func perform(
    _ address: EmailAddress, _ hash: PasswordHash, language: MailLanguage? = nil,
    queuesMail: Bool, invites: Bool = false, messageDomain: String?, in store: Store,
    at now: Instant, by actor: Actor,
    announcing announce: Announcement = { () throws(RegctlError) in }
  ) throws(RegctlError) -> (account: Account, mail: MailID?) {
    try store.transaction(announcing: announce) { () throws(RegctlError) in
      try check(address, in: store)
      let added = try store.add(address, hash, at: now)
      if let language { try store.add(language, of: added.id, added.email) }
      let mail =
        queuesMail
        ? try store.enqueue(
          invites ? .invite : .confirm, to: added, at: now, due: now, messageDomain: messageDomain)
        : nil
      try store.record(AuditEntry(.register, on: added, at: now, by: actor))
      return (added, mail)
    }
  }
}
