/// How an account came to be confirmed, or that it was before.
package struct Confirmation: Equatable, Sendable {
  package enum Method: String, Sendable { case token, `operator` }

  package let account: Account
  package let method: Method

  /// Whether this confirmation did it; otherwise the account was confirmed already.
  package let isNew: Bool

  /// The address that this confirmation replaced.
  package var previousEmail: String?
}

/// Confirms accounts.
package enum Confirm {
  /// Confirms the account of a token, or its change to another address; that this was done already
  /// is success too.
  package static func byToken(
    _ text: TokenText, authority: TokenAuthority, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    let reading: TokenAuthority.Reading
    do throws(TokenError) {
      reading = try authority.read(text)
    } catch {
      throw .token(error)
    }
    return try store.transaction { () throws(RegctlError) in
      switch try authority.judge(reading, in: store, at: now) {
      case .refused(let error, _):
        throw error
      case .alreadyConfirmed(let account):
        return Confirmation(account: account, method: .token, isNew: false)
      case .confirms(let account):
        return try confirm(
          account, method: .token, reason: nil, in: store, at: now, by: actor)
      case .changesEmail(let account, let change):
        let changed = try ChangeEmail.confirm(change, of: account, in: store, at: now, by: actor)
        return Confirmation(
          account: changed, method: .token, isNew: true, previousEmail: account.email)
      }
    }
  }

  /// Confirms an account because an operator says so, whatever became of its links.
  package static func byOperator(
    _ email: String, reason: String, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    try store.transaction { () throws(RegctlError) in
      try confirm(
        store.account(email), method: .operator, reason: reason, in: store, at: now, by: actor)
    }
  }

  private static func confirm(
    _ account: Account, method: Confirmation.Method, reason: String?, in store: Store,
    at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    if account.isConfirmed {
      return Confirmation(account: account, method: method, isNew: false)
    }
    try store.confirm(account.id, at: now)
    let act: AuditEntry.Act = method == .token ? .confirmByToken : .confirmByOperator
    try store.record(AuditEntry(act, on: account, at: now, by: actor, reason: reason))
    return Confirmation(
      account: try store.writtenAccount(account.id), method: method, isNew: true)
  }

  /// Takes a confirmation back; `isNew` tells whether there was one.
  package static func undo(
    _ email: String, reason: String, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Confirmation {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(email)
      guard account.isConfirmed else {
        return Confirmation(account: account, method: .operator, isNew: false)
      }
      try store.unconfirm(account.id)
      // Links mailed before would undo what the operator just did.
      try store.voidLinks(of: account.id, reason: "the confirmation was taken back", at: now)
      try store.record(AuditEntry(.unconfirm, on: account, at: now, by: actor, reason: reason))
      return Confirmation(
        account: try store.writtenAccount(account.id), method: .operator, isNew: true)
    }
  }
}
