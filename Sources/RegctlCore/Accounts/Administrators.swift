/// Creates a confirmed administrator.
package enum CreateAdministrator {
  /// Inserts the account, durable on return, and announces a generated password before; an existing
  /// account is never changed.
  package static func perform(
    _ address: EmailAddress, _ hash: PasswordHash, in store: Store, at now: Instant,
    by actor: Actor,
    announcing announce: Announcement = { () throws(RegctlError) in }
  ) throws(RegctlError) -> Account {
    try store.transaction(announcing: announce) { () throws(RegctlError) in
      try Register.check(address, in: store)
      let added = try store.addAdministrator(address, hash, at: now)
      try store.record(AuditEntry(.createAdministrator, on: added, at: now, by: actor))
      return added
    }
  }
}

/// Grants administrator rights to an account, or revokes them.
package enum AdministratorRights {
  /// Makes an account an administrator and, if asked, confirms it; returns whether that changed it.
  package static func grant(
    _ email: String, confirming: Bool, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> (account: Account, hasChanged: Bool) {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      try store.requireUnlocked(account)
      var hasChanged = false
      if !account.isAdmin {
        try store.setAdministrator(account.id, true)
        try store.record(AuditEntry(.grantAdministrator, on: account, at: now, by: actor))
        hasChanged = true
      }
      if confirming, !account.isConfirmed {
        try store.confirm(account.id, at: now)
        try store.record(
          AuditEntry(
            .confirmByOperator, on: account, at: now, by: actor,
            detail: "made an administrator"))
        hasChanged = true
      }
      return (try store.writtenAccount(account.id), hasChanged)
    }
  }

  /// Revokes administrator rights; those of the last administrator only with `force`.
  package static func revoke(
    _ email: String, force: Bool, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> (account: Account, hasChanged: Bool) {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      guard account.isAdmin else { return (account, false) }
      if !force, try !store.hasAdministrator(besides: account.id) {
        throw .account(.lastAdministrator(email: account.email))
      }
      try store.setAdministrator(account.id, false)
      try store.record(AuditEntry(.revokeAdministrator, on: account, at: now, by: actor))
      return (try store.writtenAccount(account.id), true)
    }
  }
}
