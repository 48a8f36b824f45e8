/// Operations on mails of the outbox, each in its own transaction.
package struct OutboxControl {
  private let store: Store
  private let now: Instant
  private let actor: Actor

  package init(in store: Store, at now: Instant, by actor: Actor) {
    self.store = store
    self.now = now
    self.actor = actor
  }

  /// Makes a mail due now, with lifetime and attempts as if it were new.
  ///
  /// A sent mail is not sent again: its link may be in use.
  package func retry(_ mail: MailReference) throws(RegctlError) -> OutboxEntry {
    try act(.retryMail, on: mail, in: BulkMailChange.Kind.retry.states) {
      entry throws(RegctlError) in try store.requeue(entry.id, at: now)
    }
  }

  /// Cancels a queued mail.
  package func cancel(_ mail: MailReference) throws(RegctlError) -> OutboxEntry {
    try act(.cancelMail, on: mail, in: BulkMailChange.Kind.cancel.states) {
      entry throws(RegctlError) in
      try store.finish(
        entry.id, as: .cancelled, reply: "cancelled by \(actor.name)", at: now)
    }
  }

  private func act(
    _ act: AuditEntry.Act, on mail: MailReference, in states: [OutboxEntry.State],
    _ body: (OutboxEntry) throws(RegctlError) -> Void
  ) throws(RegctlError) -> OutboxEntry {
    try store.transaction { () throws(RegctlError) in
      let entry = try entry(mail, in: states)
      try body(entry)
      try store.record(
        AuditEntry(
          act: act, at: now, actor: actor, account: entry.account, email: entry.email,
          detail: "mail \(entry.id.rawValue)"))
      return entry
    }
  }

  /// The mail that is meant, if it is in one of some states.
  private func entry(
    _ mail: MailReference, in states: [OutboxEntry.State]
  ) throws(RegctlError) -> OutboxEntry {
    switch mail {
    case .id(let id):
      guard let entry = try store.mail(id) else { throw .mail(.notFound("\(id.rawValue)")) }
      guard states.contains(entry.state) else {
        throw .mail(.settled(id, email: entry.email, entry.state))
      }
      return entry
    case .account(let word):
      let account = try store.account(named: word)
      let mails = try store.mails(of: account.id)
      let eligible = mails.filter { states.contains($0.state) }
      guard let entry = eligible.first, eligible.count == 1 else {
        throw .mail(
          eligible.isEmpty
            ? .noneEligible(email: account.email, mails.map(\.state))
            : .severalEligible(email: account.email, count: eligible.count))
      }
      return entry
    }
  }
}
