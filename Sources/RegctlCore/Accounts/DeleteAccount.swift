/// Deletes an account and moves it to the archive, from which `UndeleteAccount` restores it.
package enum DeleteAccount {
  /// Deletes an account and cancels its queued mails; the last administrator only with `force`.
  package static func perform(
    _ email: String, reason: String, force: Bool, in store: Store, at now: Instant,
    by actor: Actor
  ) throws(RegctlError) -> Account {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      if account.isAdmin, !force, try !store.hasAdministrator(besides: account.id) {
        throw .account(.lastAdministrator(email: account.email))
      }
      let entry = try store.record(
        AuditEntry(.delete, on: account, at: now, by: actor, reason: reason))
      // Before the account is archived, so that no link is valid again when it is restored.
      try store.voidLinks(of: account.id, reason: "the account was deleted", at: now)
      try store.archive(account.id, deletedBy: entry)
      try store.delete(account.id, at: now)
      return account
    }
  }
}
