/// The result of confirming an account.
package struct Confirmation: Equatable, Sendable {
  package enum Method: String, Sendable { case token, `operator` }

  package let account: Account
  package let method: Method

  /// Whether this confirmed the account; otherwise it was confirmed already.
  package let isNew: Bool

  /// The address that was replaced.
  package var previousEmail: String?
}

/// Confirms accounts.
package enum Confirm {
  /// Confirms the account of a token, or its change of address; also succeeds if that was done
  /// already. That a link was tried which had expired is recorded.
  package static func byToken(
    _ text: TokenText, authority: TokenAuthority, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    let reading: TokenAuthority.Reading
    do throws(TokenError) {
      reading = try authority.read(text, at: now)
    } catch {
      throw .token(error)
    }
    let result: Result<Confirmation, RegctlError> = try store.transaction {
      () throws(RegctlError) in
      switch try authority.judge(reading, in: store, at: now) {
      case .refused(let error, let account):
        guard case .token(.expired) = error, let account, !account.isConfirmed else { throw error }
        try recordExpiredLink(of: account, reading.issued, in: store, at: now, by: actor)
        return .failure(error)
      case .alreadyConfirmed(let account):
        return .success(Confirmation(account: account, method: .token, isNew: false))
      case .confirms(let account):
        return .success(
          try confirm(account, method: .token, reason: nil, in: store, at: now, by: actor))
      case .changesEmail(let account, let change):
        let changed = try ChangeEmail.confirm(change, of: account, in: store, at: now, by: actor)
        return .success(
          Confirmation(
            account: changed, method: .token, isNew: true, previousEmail: account.email))
      }
    }
    return try result.get()
  }

  /// Records that an expired link was tried, at most once for each link.
  private static func recordExpiredLink(
    of account: Account, _ issued: Instant, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    let recorded = try store.acts([.expiredLink], on: account.id, since: issued)
    if recorded.count == 0 {
      try store.record(AuditEntry(.expiredLink, on: account, at: now, by: actor))
    }
  }

  /// Confirms an account on behalf of an operator, regardless of its links.
  package static func byOperator(
    _ email: String, reason: String, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      try store.requireUnlocked(account)
      return try confirm(
        account, method: .operator, reason: reason, in: store, at: now, by: actor)
    }
  }

  /// Confirms an account whose owner has set a password through the link of an invitation; call it in
  /// the transaction that verified the link.
  static func byInvitation(
    _ account: Account, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    try confirm(account, method: .token, reason: nil, in: store, at: now, by: actor)
  }

  private static func confirm(
    _ account: Account, method: Confirmation.Method, reason: String?, in store: Store,
    at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    if account.isConfirmed {
      return Confirmation(account: account, method: method, isNew: false)
    }
    try store.confirm(account.id, at: now)
    // A link was read, or an operator knows that the address is right.
    try store.clearBounces(of: account.id, at: now)
    let act: AuditEntry.Act = method == .token ? .confirmByToken : .confirmByOperator
    try store.record(AuditEntry(act, on: account, at: now, by: actor, reason: reason))
    return Confirmation(
      account: try store.writtenAccount(account.id), method: method, isNew: true)
  }

  /// Reverts a confirmation; `isNew` tells whether the account was confirmed.
  package static func undo(
    _ email: String, reason: String, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      guard account.isConfirmed else {
        return Confirmation(account: account, method: .operator, isNew: false)
      }
      try store.unconfirm(account.id)
      // A link mailed before would confirm the account again.
      try store.voidLinks(of: account.id, reason: "the confirmation was taken back", at: now)
      try store.record(AuditEntry(.unconfirm, on: account, at: now, by: actor, reason: reason))
      return Confirmation(
        account: try store.writtenAccount(account.id), method: .operator, isNew: true)
    }
  }
}
