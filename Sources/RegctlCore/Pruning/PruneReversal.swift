/// Restores the accounts of a prune run, in the order of their IDs.
package final class PruneReversal {
  /// The result of restoring an archived account.
  package struct Restoration: Sendable {
    package let email: String
    package let result: Result<Account, RegctlError>
  }

  private let run: Int64
  private let email: String?
  private let now: Instant
  private let actor: Actor
  private var last = AccountID(rawValue: .min)

  /// Restores all accounts of a run, or only one address.
  package init(of run: Int64, email: String? = nil, at now: Instant, by actor: Actor) {
    self.run = run
    self.email = email
    self.now = now
    self.actor = actor
  }

  /// Restores the next accounts in one transaction, except those whose address is taken; `nil` at
  /// the end.
  package func next(
    atMost limit: Int, in store: Store
  ) throws(RegctlError) -> [Restoration]? {
    do throws(RegctlError) {
      let restorations = try bringBack(atMost: limit, in: store)
      return restorations.isEmpty ? nil : restorations
    } catch .store(.constraint(let detail)) {
      // The table rejects one of them, which must not prevent the others.
      if limit > 1 { return try next(atMost: limit / 2, in: store) }
      guard let refused = try archived(1, in: store).first else { return nil }
      last = refused.id
      let error = RegctlError.store(.constraint(detail: detail))
      return [Restoration(email: refused.email, result: .failure(error))]
    }
  }

  private typealias Archived = (id: AccountID, email: String, registeredOn: AccountDate?)

  private func archived(_ limit: Int, in store: Store) throws(RegctlError) -> [Archived] {
    try store.archived(in: run, email: email, after: last, limit: limit)
  }

  private func bringBack(
    atMost limit: Int, in store: Store
  ) throws(RegctlError) -> [Restoration] {
    let (place, restorations) = try store.transaction { () throws(RegctlError) in
      let batch = try archived(limit, in: store)
      var restorations: [Restoration] = []
      for account in batch {
        restorations.append(
          Restoration(email: account.email, result: try bringBack(account, in: store)))
      }
      return (batch.last?.id, restorations)
    }
    last = place ?? last
    return restorations
  }

  private func bringBack(
    _ archived: Archived, in store: Store
  ) throws(RegctlError) -> Result<Account, RegctlError> {
    do throws(RegctlError) {
      if let taken = try store.accountIfAny(archived.email) {
        throw .account(.alreadyRegistered(email: taken.email, isConfirmed: taken.isConfirmed))
      }
    } catch .account(let refusal) {
      return .failure(.account(refusal))
    }
    let restored = try store.restore(archived.id, of: run)
    let account = try store.writtenAccount(restored)
    let reason = AuditRenumbering.reason(run: run, old: archived.id, new: restored)
    try store.record(AuditEntry(.unprune, on: account, at: now, by: actor, reason: reason))
    return .success(account)
  }
}
