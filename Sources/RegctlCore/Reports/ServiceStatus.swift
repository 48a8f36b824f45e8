/// The accounts, the mails and the regular work of a service, at a glance.
package struct ServiceStatus: Equatable, Sendable {
  package struct Accounts: Equatable, Sendable {
    package let all: Int
    package let unconfirmed: Int

    /// How many accounts are locked themselves.
    package let locked: Int
    package let lockedDomains: Int
  }

  package struct Mails: Equatable, Sendable {
    /// The number of mails in each state.
    package internal(set) var counts: [OutboxEntry.State: Int] = [:]

    /// How many queued mails are due.
    package internal(set) var due = 0

    /// How many queued mails a server has deferred.
    package internal(set) var deferred = 0

    /// When the queued mail with the earliest due time is due, or has been due since.
    package internal(set) var next: Instant?

    /// When a mail was last accepted.
    package internal(set) var lastSent: Instant?

    /// How many mails that were queued lately failed, bounced or expired.
    package internal(set) var lately: [OutboxEntry.State: Int] = [:]

    package func count(_ state: OutboxEntry.State) -> Int { counts[state] ?? 0 }
  }

  package let accounts: Accounts
  package let mails: Mails

  /// When `deliver` last had an answer of a server.
  package let lastDelivery: Instant?

  /// The last run that pruned accounts.
  package let lastPrune: PruneRun?

  /// What needs attention.
  package let findings: [StatusFinding]

  /// Reads the state of a store.
  package init(
    of store: Store, _ configuration: Configuration, at now: Instant
  ) throws(RegctlError) {
    let (locked, lockedDomains) = try store.lockCounts()
    accounts = Accounts(
      all: try store.accountCount(), unconfirmed: try store.unconfirmedCount(), locked: locked,
      lockedDomains: lockedDomains)
    mails = try store.mailTotals(at: now, since: now - StatusFinding.lately)
    lastDelivery = [mails.lastSent, try store.lastAttempt()].compactMap { $0 }.max()
    lastPrune = try store.pruneRuns().first
    findings = try StatusFinding.all(on: mails, in: store, configuration, at: now)
  }
}
