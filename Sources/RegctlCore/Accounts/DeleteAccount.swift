/// Deletes an account permanently; unlike a prune, this cannot be undone.
package enum DeleteAccount {
  /// Deletes an account and its queued mails; the last administrator only with `force`.
  package static func perform(
    _ email: String, reason: String, force: Bool, in store: Store, at now: Instant,
    by actor: Actor
  ) throws(RegctlError) -> Account {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(email)
      if account.isAdmin, !force, try !store.hasAdministrator(besides: account.id) {
        throw .account(.lastAdministrator(email: account.email))
      }
      try store.record(AuditEntry(.delete, on: account, at: now, by: actor, reason: reason))
      try store.voidLinks(of: account.id, reason: "the account was deleted", at: now)
      try store.delete(account.id, at: now)
      return account
    }
  }
}
