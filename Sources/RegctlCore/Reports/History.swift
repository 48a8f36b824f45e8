/// An account and its known history.
package struct History: Equatable, Sendable {
  package let account: Account

  /// The address with its domain in the other spelling; `nil` where there is none.
  package let otherSpelling: OtherSpelling?

  /// Oldest first.
  package let events: [HistoryEvent]
  package let advice: HistoryAdvice

  /// Reads the history of an account; the advice observes the limits of a resend.
  package init(
    of account: Account, resend: Resend, in store: Store, at now: Instant
  ) throws(RegctlError) {
    let mails = try store.mails(of: account.id)
    let acts = try store.auditEntries(of: account.id)
    self.account = account
    otherSpelling = try OtherSpelling(of: account.email)
    var events: [HistoryEvent] = []
    // The audit records registrations and confirmations made by regctl, and by which user.
    if let registered = account.registeredOn,
      !acts.contains(where: { [.register, .createAdministrator].contains($0.act) })
    {
      events.append(HistoryEvent(at: registered, .registered))
    }
    events += acts.map(HistoryEvent.init)
    for mail in mails { events += HistoryEvent.all(of: mail, try store.attempts(at: mail.id)) }
    events += try store.bounces(of: account.id).flatMap(HistoryEvent.all)
    for change in try store.voidedEmailChanges(of: account.id) {
      var event = HistoryEvent(at: .moment(change.at), .emailChangeVoided)
      event.detail = "to \(change.newEmail)"
      events.append(event)
    }
    if let confirmed = account.confirmedOn,
      !acts.contains(where: { $0.at.seconds == confirmed.moment?.seconds && $0.confirms })
    {
      events.append(HistoryEvent(at: confirmed, .confirmed))
    }
    // Within a second, causes come before effects; otherwise the order of reading is kept.
    self.events = events.enumerated().sorted { left, right in
      (left.element.order, left.element.kind.rank, left.offset)
        < (right.element.order, right.element.kind.rank, right.offset)
    }.map(\.element)
    advice = try HistoryAdvice(on: account, mails: mails, resend: resend, in: store, at: now)
  }
}

extension AuditEntry {
  fileprivate var confirms: Bool {
    [.confirmByToken, .confirmByOperator, .createAdministrator].contains(act)
  }
}
