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

  /// Whether the restoration is in the audit, so that further accounts continue its entry.
  private var isRecorded = false

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
    let (place, restorations, isRecorded) = try store.transaction { () throws(RegctlError) in
      let batch = try archived(limit, in: store)
      var restorations: [Restoration] = []
      var unnamed: [AccountID] = []
      for archived in batch {
        let result = try bringBack(archived, in: store)
        restorations.append(Restoration(email: archived.email, result: result))
        if case .success(let account) = result,
          try !recordByName(account, from: archived.id, in: store)
        {
          unnamed.append(account.id)
        }
      }
      if unnamed.isEmpty { return (batch.last?.id, restorations, false) }
      try store.record(
        AuditEntry(act: .unprune, at: now, actor: actor, reason: "run \(run)"), on: unnamed,
        continues: self.isRecorded)
      return (batch.last?.id, restorations, true)
    }
    last = place ?? last
    self.isRecorded = self.isRecorded || isRecorded
    return restorations
  }

  /// Writes an entry about a restored account alone, if only its address was asked for or its number
  /// is another one, which the audit must name; returns whether it did.
  private func recordByName(
    _ account: Account, from old: AccountID, in store: Store
  ) throws(RegctlError) -> Bool {
    guard email != nil || account.id != old else { return false }
    let reason = AuditRenumbering.reason(run: run, old: old, new: account.id)
    try store.record(AuditEntry(.unprune, on: account, at: now, by: actor, reason: reason))
    return true
  }

  /// Whether an account had its spelling of an address before the other spelling was pruned.
  ///
  /// An application may tell spellings apart that differ in case; each is restored as it was. An
  /// account that got the address later is another's.
  private func coexisted(
    _ account: Account, with email: String, in store: Store
  ) throws(RegctlError) -> Bool {
    guard !account.email.utf8.elementsEqual(email.utf8), try store.emailIndex() != .unique,
      let registeredOn = account.registeredOn,
      let moment = try store.pruneRuns().first(where: { $0.number == run })?.at,
      registeredOn.latest < moment
    else { return false }
    let address = FormerAddresses(of: email, in: [])
    return try !store.auditEntries(of: account.id).contains { entry in
      entry.at >= moment && entry.newEmail.map(address.contains) == true
    }
  }

  private func bringBack(
    _ archived: Archived, in store: Store
  ) throws(RegctlError) -> Result<Account, RegctlError> {
    for taken in try store.accounts(withAddress: archived.email)
    where try !coexisted(taken, with: archived.email, in: store) {
      return .failure(
        .account(.alreadyRegistered(email: taken.email, isConfirmed: taken.isConfirmed)))
    }
    let restored = try store.restore(archived.id, of: run)
    return .success(try store.writtenAccount(restored))
  }
}
