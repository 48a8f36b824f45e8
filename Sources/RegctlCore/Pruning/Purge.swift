internal import Base

/// Removes for good what is older than it is kept: accounts in the archive, settled mails with their
/// attempts, and requested changes of address.
///
/// Reports keep their figures, and the audit stays whole. Each transaction removes a batch, so that
/// others who write wait little, and a run that was stopped is continued by the next one.
package struct Purge: Sendable {
  /// What is removed, or would be.
  package struct Totals: Equatable, Sendable {
    /// Archived accounts.
    package internal(set) var accounts = 0
    package internal(set) var mails = 0

    /// Requested changes of address, but for those of archived accounts.
    package internal(set) var changes = 0

    package var isEmpty: Bool { self == Totals() }

    /// How many rows that are.
    package var sum: Int { accounts + mails + changes }
  }

  /// The time before which an account must have been removed; `nil` when none is ever purged.
  package let archiveCutoff: Instant?

  /// The time before which a mail must have been finished; `nil` when none is ever purged.
  package let outboxCutoff: Instant?

  /// How many rows the first transaction removes.
  private static let firstBatchSize = 200

  /// Purges what is too old at a moment; throws where that could be needed for a valid link.
  package init(_ configuration: Configuration, at now: Instant) throws(RegctlError) {
    archiveCutoff = try Self.cutoff(
      configuration.archiveKeep, of: "archive_keep", configuration, at: now)
    outboxCutoff = try Self.cutoff(
      configuration.outboxKeep, of: "outbox_keep", configuration, at: now)
  }

  private static func cutoff(
    _ span: TimeSpan, of setting: String, _ configuration: Configuration, at now: Instant
  ) throws(RegctlError) -> Instant? {
    guard case .finite(let age) = span else { return nil }
    try configuration.requireLongerThanLinks(age, setting: setting)
    return now - age
  }

  /// What a run would remove.
  package func survey(_ store: Store) throws(RegctlError) -> Totals {
    var totals = Totals()
    if let archiveCutoff { totals.accounts = try store.archivedCount(before: archiveCutoff) }
    if let outboxCutoff {
      totals.mails = try store.settledMailCount(before: outboxCutoff)
      totals.changes = try store.settledChangeCount(before: outboxCutoff)
    }
    return totals
  }

  /// Removes what is too old, and calls `report` with the totals so far after each batch.
  ///
  /// The first batch that removes something is recorded in the audit.
  package func perform(
    in store: Store, at now: Instant, by actor: Actor, report: (Totals) -> Void = { _ in }
  ) throws(RegctlError) -> Totals {
    try store.requireFigures()
    try store.overwriteWhatIsDeleted()
    var totals = Totals()
    let entry = AuditEntry(act: .purge, at: now, actor: actor, detail: detail)
    if let archiveCutoff {
      var pacer = BatchPacer(first: Self.firstBatchSize)
      var place: ListPlace? = .beginning
      while let last = place {
        let isFirst = totals.isEmpty
        let (count, next) = try pacer.run(in: store) { size throws(RegctlError) in
          try Self.purgeAccounts(
            before: archiveCutoff, after: last, limit: size, recording: isFirst ? entry : nil,
            in: store)
        }
        totals.accounts += count
        place = next
        report(totals)
      }
    }
    if let outboxCutoff {
      totals.mails = try Self.purgeRows(
        recording: totals.isEmpty ? entry : nil, in: store,
        find: { last, limit throws(RegctlError) in
          try store.settledMails(before: outboxCutoff, after: last, limit: limit)
        },
        remove: { range throws(RegctlError) in
          try store.purgeMails(range, before: outboxCutoff)
        },
        report: { mails in
          var soFar = totals
          soFar.mails = mails
          report(soFar)
        })
      try store.transaction { () throws(RegctlError) in
        try store.purgeBouncesWithoutMail(before: outboxCutoff)
      }
      totals.changes = try Self.purgeRows(
        recording: totals.isEmpty ? entry : nil, in: store,
        find: { last, limit throws(RegctlError) in
          try store.settledChanges(before: outboxCutoff, after: last, limit: limit)
        },
        remove: { range throws(RegctlError) in
          try store.purgeChanges(range, before: outboxCutoff)
        },
        report: { changes in
          var soFar = totals
          soFar.changes = changes
          report(soFar)
        })
    }
    return totals
  }

  /// The ages, as the audit has them.
  private var detail: String {
    [("archive", archiveCutoff), ("mails", outboxCutoff)].compactMap { subject, cutoff in
      cutoff.map { "\(subject) before \($0.rfc3339)" }
    }.joined(separator: ", ")
  }

  /// Removes the next archived accounts in one transaction, and returns the place behind them; `nil`
  /// at the end. The rows are looked for before it, because to read keeps no one waiting.
  private static func purgeAccounts(
    before cutoff: Instant, after last: ListPlace, limit: Int, recording entry: AuditEntry?,
    in store: Store
  ) throws(RegctlError) -> (count: Int, next: ListPlace?) {
    let places = try store.archived(before: cutoff, after: last, limit: limit)
    if places.isEmpty { return (0, nil) }
    let count = try store.transaction { () throws(RegctlError) in
      var count = 0
      for place in places where try store.purge(place) { count += 1 }
      if count > 0, let entry { try store.record(entry) }
      return count
    }
    return (count, places.last)
  }

  /// Removes numbered rows, a batch at a time, and returns how many.
  private static func purgeRows(
    recording entry: AuditEntry?, in store: Store,
    find: (_ last: Int64, _ limit: Int) throws(RegctlError) -> [Int64],
    remove: (ClosedRange<Int64>) throws(RegctlError) -> Int, report: (Int) -> Void
  ) throws(RegctlError) -> Int {
    var pacer = BatchPacer(first: firstBatchSize)
    var total = 0
    var last: Int64? = .min
    while let before = last {
      let isFirst = total == 0
      let (count, next) = try pacer.run(in: store) { size throws(RegctlError) in
        let numbers = try find(before, size)
        guard let first = numbers.first, let end = numbers.last else {
          return (count: 0, next: Int64?.none)
        }
        let count = try store.transaction { () throws(RegctlError) in
          let count = try remove(first...end)
          if count > 0, isFirst, let entry { try store.record(entry) }
          return count
        }
        return (count: count, next: Int64?.some(end))
      }
      total += count
      last = next
      report(total)
    }
    return total
  }
}

extension Configuration {
  /// Throws if an age is less than the lifetime of a link.
  package func requireLongerThanLinks(
    _ age: Duration, setting key: String
  ) throws(RegctlError) {
    guard age < tokenMaxAge else { return }
    throw .configuration(
      ConfigurationError(
        origin: origin(of: key),
        fault: .value(
          setting: key, value: effective.first { $0.key == key }?.value ?? "",
          fault: .shorterThanLinks(tokenMaxAge))))
  }
}
