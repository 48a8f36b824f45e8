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
  package func retry(_ id: MailID) throws(RegctlError) -> OutboxEntry {
    try act(.retryMail, on: id, in: [.queued, .failed, .cancelled, .expired]) {
      entry throws(RegctlError) in try store.requeue(entry.id, at: now)
    }
  }

  /// Makes every permanently rejected mail due now and returns their number.
  package func retryAllFailed() throws(RegctlError) -> Int {
    try store.transaction { () throws(RegctlError) in
      let count = try store.requeueAllFailed(at: now)
      if count > 0 { try store.record(AuditEntry(act: .retryMail, at: now, actor: actor)) }
      return count
    }
  }

  /// Cancels a queued mail.
  package func cancel(_ id: MailID) throws(RegctlError) -> OutboxEntry {
    try act(.cancelMail, on: id, in: [.queued]) { entry throws(RegctlError) in
      try store.finish(
        entry.id, as: .cancelled, reply: "cancelled by \(actor.name)", at: now)
    }
  }

  private func act(
    _ act: AuditEntry.Act, on id: MailID, in states: [OutboxEntry.State],
    _ body: (OutboxEntry) throws(RegctlError) -> Void
  ) throws(RegctlError) -> OutboxEntry {
    try store.transaction { () throws(RegctlError) in
      guard let entry = try store.mail(id) else { throw .mail(.notFound("\(id.rawValue)")) }
      guard states.contains(entry.state) else {
        throw .mail(.settled(id, email: entry.email, entry.state))
      }
      try body(entry)
      try store.record(
        AuditEntry(
          act: act, at: now, actor: actor, account: entry.account, email: entry.email,
          reason: "mail \(id.rawValue)"))
      return entry
    }
  }
}
