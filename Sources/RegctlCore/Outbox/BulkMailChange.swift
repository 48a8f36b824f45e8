/// Retries, cancels or releases the mails that a filter selects, a batch at a time, in the order of their IDs.
package final class BulkMailChange {
  package enum Kind: Sendable {
    case retry, cancel, release

    /// The states in which a mail can be changed so.
    package var states: [OutboxEntry.State] {
      switch self {
      case .retry: [.queued, .failed, .cancelled, .expired]
      case .cancel: [.queued, .held]
      case .release: [.held]
      }
    }
  }

  private let kind: Kind
  private let filter: OutboxFilter
  private let now: Instant
  private let actor: Actor
  private var remaining: Int
  private var last: ListPlace?

  /// Whether the change is in the audit, so that further mails continue its entry.
  private var isRecorded = false

  /// A change of at most `limit` mails; those in a state that does not allow it are left out, and
  /// those of deleted accounts.
  package init(
    _ kind: Kind, of filter: OutboxFilter, limit: Int, at now: Instant, by actor: Actor
  ) {
    var filter = filter
    filter.states = (filter.states ?? kind.states).filter(kind.states.contains)
    filter.excludesDeletedAccounts = true
    self.kind = kind
    self.filter = filter
    remaining = limit
    self.now = now
    self.actor = actor
  }

  /// The next mails that would be changed; `nil` at the end. Changes nothing.
  package func preview(
    atMost limit: Int = 1000, in store: Store
  ) throws(RegctlError) -> [OutboxEntry]? {
    advance(beyond: try next(limit, in: store))
  }

  /// Changes the next mails in one transaction, and returns them as they were; `nil` at the end.
  package func perform(
    atMost limit: Int, in store: Store
  ) throws(RegctlError) -> [OutboxEntry]? {
    let mails = try store.transaction { () throws(RegctlError) in
      let mails = try next(limit, in: store)
      if mails.isEmpty { return mails }
      for mail in mails { try change(mail, in: store) }
      let act: AuditEntry.Act =
        switch kind {
        case .retry: .retryMail
        case .cancel: .cancelMail
        case .release: .releaseHeld
        }
      if kind == .release { try store.set(.release, to: now) }
      try store.record(
        AuditEntry(act: act, at: now, actor: actor), on: mails.map(\.account),
        continues: isRecorded)
      return mails
    }
    if !mails.isEmpty { isRecorded = true }
    return advance(beyond: mails)
  }

  private func change(_ mail: OutboxEntry, in store: Store) throws(RegctlError) {
    switch kind {
    case .retry, .release: try store.requeue(mail.id, at: now)
    case .cancel:
      try store.finish(mail.id, as: .cancelled, reply: "cancelled by \(actor.name)", at: now)
    }
  }

  private func next(_ limit: Int, in store: Store) throws(RegctlError) -> [OutboxEntry] {
    let size = min(limit, remaining)
    return size > 0 ? try store.mails(after: last, matching: filter, limit: size) : []
  }

  private func advance(beyond mails: [OutboxEntry]) -> [OutboxEntry]? {
    remaining -= mails.count
    last = mails.last.map(filter.order.place) ?? last
    return mails.isEmpty ? nil : mails
  }
}
