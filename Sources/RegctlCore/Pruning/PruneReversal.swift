/// Restores the accounts of a prune run, in the order of their IDs.
package final class PruneReversal {
  /// The result of restoring an archived account.
  package struct Restoration: Sendable {
    package let email: String
    package let result: Result<Account, RegctlError>
  }

  /// What restoring an archived account would do.
  package struct Preview: Sendable {
    package let email: String

    /// The ID that the account would have; `nil` for a new one.
    package let id: AccountID?

    /// Why it would not be restored.
    package let refusal: RegctlError?
  }

  private let run: Int64

  /// The spellings of the only address to restore; `nil` for all accounts of the run.
  private let spellings: [String]?

  /// The spellings that are still to be looked for, the next one last.
  private var waiting: [String?]
  private let now: Instant
  private let actor: Actor
  private var last = AccountID(rawValue: .min)

  /// Whether the restoration is in the audit, so that further accounts continue its entry.
  private var isRecorded = false

  /// Restores all accounts of a run, or only one address in each spelling of its domain.
  package init(
    of run: Int64, email: String? = nil, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    self.run = run
    spellings = try email.map { email throws(RegctlError) in try AddressSpellings(of: email).all }
    waiting = spellings?.reversed() ?? [nil]
    self.now = now
    self.actor = actor
  }

  /// Whether exactly one account is to be restored; asked before the first is.
  package func isSingle(in store: Store) throws(RegctlError) -> Bool {
    var count = 0
    for email in waiting {
      count += try store.archived(in: run, email: email, after: last, limit: 2).count
    }
    return count == 1
  }

  /// The number of accounts to restore of a whole run; `nil` if it is not known.
  package func count(in store: Store) throws(RegctlError) -> Int? {
    guard spellings == nil else { return nil }
    return try store.pruneRuns().first { $0.number == run }.map { $0.pruned - $0.restored }
  }

  /// Restores the next accounts in one transaction, except those whose address is taken; `nil` at
  /// the end.
  package func next(
    atMost limit: Int, in store: Store
  ) throws(RegctlError) -> [Restoration]? {
    do throws(RegctlError) {
      while !waiting.isEmpty {
        let restorations = try bringBack(atMost: limit, in: store)
        if !restorations.isEmpty { return restorations }
        waiting.removeLast()
        last = AccountID(rawValue: .min)
      }
      return nil
    } catch .store(.constraint(let detail)) {
      // The table rejects one of them, which must not prevent the others.
      if limit > 1 { return try next(atMost: limit / 2, in: store) }
      guard let refused = try archived(1, in: store).first else { return nil }
      last = refused.id
      let error = RegctlError.store(.constraint(detail: detail))
      return [Restoration(email: refused.email, result: .failure(error))]
    }
  }

  /// What restoring the next accounts would do; `nil` at the end. Nothing is changed.
  package func preview(
    atMost limit: Int, in store: Store
  ) throws(RegctlError) -> [Preview]? {
    while !waiting.isEmpty {
      let batch = try archived(limit, in: store)
      if let newest = batch.last {
        last = newest.id
        return try batch.map { archived throws(RegctlError) in
          Preview(
            email: archived.email, id: try store.account(archived.id) == nil ? archived.id : nil,
            refusal: try refusal(of: archived, in: store))
        }
      }
      waiting.removeLast()
      last = AccountID(rawValue: .min)
    }
    return nil
  }

  private func archived(_ limit: Int, in store: Store) throws(RegctlError) -> [ListedAccount] {
    guard let email = waiting.last else { return [] }
    return try store.archived(in: run, email: email, after: last, limit: limit)
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
        AuditEntry(act: .unprune, at: now, actor: actor, detail: "run \(run)"), on: unnamed,
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
    guard spellings != nil || account.id != old else { return false }
    let detail = AuditRenumbering.detail(run: run, old: old, new: account.id)
    try store.record(AuditEntry(.unprune, on: account, at: now, by: actor, detail: detail))
    return true
  }

  private func bringBack(
    _ archived: ListedAccount, in store: Store
  ) throws(RegctlError) -> Result<Account, RegctlError> {
    if let refusal = try refusal(of: archived, in: store) { return .failure(refusal) }
    let account = try store.writtenAccount(store.restore(archived.id, of: run))
    try store.matchPasswordToLocks(of: account)
    return .success(account)
  }

  /// Why an account is not restored: another has its address.
  private func refusal(
    of archived: ListedAccount, in store: Store
  ) throws(RegctlError) -> RegctlError? {
    let moment = try store.pruneRuns().first { $0.number == run }?.at ?? now
    let address = ArchivedAddress(archived.email, removedAt: moment)
    return try address.holder(in: store).map { taken in
      .account(.alreadyRegistered(email: taken.email, isConfirmed: taken.isConfirmed))
    }
  }
}
