/// Takes addresses off the ledger of those that get no further mail.
package enum ClearBounce {
  /// The result for an account.
  package struct Effect: Equatable, Sendable {
    package let account: Account

    /// Whether its address was on the ledger.
    package let isNew: Bool
  }

  /// Takes the address of an account off the ledger.
  package static func perform(
    _ email: String, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Effect {
    try store.requireBounces()
    return try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      let count = try store.clearBounces(of: account.id, at: now)
      if count > 0 {
        try store.record(AuditEntry(.clearBounce, on: account, at: now, by: actor))
      }
      return Effect(account: account, isNew: count > 0)
    }
  }
}
