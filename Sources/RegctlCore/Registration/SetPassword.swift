/// Gives an account another password.
package enum SetPassword {
  /// Replaces the hash; confirmation and links stay as they are.
  package static func perform(
    _ email: String, _ hash: PasswordHash, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Account {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(email)
      try store.setPassword(account.id, hash)
      try store.record(AuditEntry(.setPassword, on: account, at: now, by: actor))
      return account
    }
  }
}
