/// Sets the password of an account.
package enum SetPassword {
  /// Replaces the hash, and announces a generated password before; the account stays confirmed, but
  /// earlier links and address changes are revoked.
  package static func perform(
    _ email: String, _ hash: PasswordHash, in store: Store, at now: Instant, by actor: Actor,
    announcing announce: Announcement = { () throws(RegctlError) in }
  ) throws(RegctlError) -> Account {
    try store.transaction(announcing: announce) { () throws(RegctlError) in
      let account = try store.account(named: email)
      try store.replacePassword(of: account.id, by: hash, at: now)
      try store.record(AuditEntry(.setPassword, on: account, at: now, by: actor))
      return account
    }
  }
}
