/// An account and its known history.
package struct History: Equatable, Sendable {
  /// An event in the history of an account.
  package struct Event: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
      case registered, confirmed
      case mailQueued(MailID)
      case mailFinished(MailID, OutboxEntry.State)
      case act(AuditEntry.Act)
      /// A pending change of address became invalid.
      case emailChangeVoided
    }

    package let at: AccountDate
    package let kind: Kind
    package let actor: String?
    package let detail: String?
  }

  /// A recommended next step for the operator.
  package enum Advice: Equatable, Sendable {
    case nothing
    case deliver(waitingSince: Instant)
    case resend
    /// The mail was rejected; `likely` is the probable correct address.
    case fixAddress(reply: String?, likely: String?)
    /// An account with the same address in another spelling is confirmed.
    case namesake(String)
    /// A change to this address is pending.
    case confirmChange(to: String)
  }

  package let account: Account

  /// The address with its domain in the other spelling; `nil` where there is none.
  package let otherSpelling: OtherSpelling?
  package let events: [Event]
  package let advice: Advice

  /// Reads the history of an account, oldest event first.
  package init(of account: Account, in store: Store) throws(RegctlError) {
    let mails = try store.mails(of: account.id)
    let acts = try store.auditEntries(of: account.id)
    self.account = account
    otherSpelling = try OtherSpelling(of: account.email)
    var events: [Event] = []
    // The audit records registrations and confirmations made by regctl, and by which user.
    if let registered = account.registeredOn,
      !acts.contains(where: { [.register, .createAdministrator].contains($0.act) })
    {
      events.append(Event(at: registered, kind: .registered, actor: nil, detail: nil))
    }
    for act in acts {
      events.append(
        Event(at: .moment(act.at), kind: .act(act.act), actor: act.actor.name, detail: act.reason))
    }
    for mail in mails {
      events.append(
        Event(
          at: .moment(mail.queuedAt), kind: .mailQueued(mail.id), actor: nil, detail: mail.email))
      if let finished = mail.finishedAt {
        events.append(
          Event(
            at: .moment(finished), kind: .mailFinished(mail.id, mail.state), actor: nil,
            detail: mail.lastReply))
      }
    }
    for change in try store.voidedEmailChanges(of: account.id) {
      events.append(
        Event(
          at: .moment(change.at), kind: .emailChangeVoided, actor: nil,
          detail: "to \(change.newEmail)"))
    }
    if let confirmed = account.confirmedOn,
      !acts.contains(where: { $0.at.seconds == confirmed.moment?.seconds && $0.confirms })
    {
      events.append(Event(at: confirmed, kind: .confirmed, actor: nil, detail: nil))
    }
    // Within a second, causes come before effects; otherwise the order of reading is kept.
    self.events = events.enumerated().sorted { left, right in
      (left.element.order, left.element.kind.rank, left.offset)
        < (right.element.order, right.element.kind.rank, right.offset)
    }.map(\.element)
    advice = try Self.advice(for: account, mails: mails, in: store)
  }

  /// The number of confirmed accounts used as a sample of domains, in a database of any size.
  private static let domainSampleSize = 10_000

  private static func advice(
    for account: Account, mails: [OutboxEntry], in store: Store
  ) throws(RegctlError) -> Advice {
    if account.isConfirmed {
      return try store.waitingEmailChange(of: account).map { .confirmChange(to: $0.newEmail) }
        ?? .nothing
    }
    if let namesake = try store.confirmedNamesake(of: account) { return .namesake(namesake) }
    guard let last = mails.last else { return .resend }
    switch last.state {
    case .queued, .sending: return .deliver(waitingSince: last.queuedAt)
    case .failed:
      return .fixAddress(
        reply: last.lastReply,
        likely: try store.domainTypo(newest: domainSampleSize).correction(of: account.email))
    case .sent, .cancelled, .expired: return .resend
    }
  }
}

extension History.Event {
  /// The second by which it is sorted. A registration whose zone is not known is before all else,
  /// and a confirmation is sorted as if it were in UTC.
  fileprivate var order: Int64 {
    if kind == .registered, at.moment == nil { return .min }
    return at.assumingUTC.seconds
  }
}

extension History.Event.Kind {
  /// The position of an event among others of the same second.
  fileprivate var rank: Int {
    switch self {
    case .registered, .act(.register), .act(.createAdministrator): 0
    case .act(.revokeTokens), .act(.resend), .act(.resendForced), .act(.changeEmail),
      .act(.requestEmailChange), .act(.requestReset):
      1
    case .mailQueued: 2
    case .mailFinished: 3
    case .act, .confirmed, .emailChangeVoided: 4
    }
  }
}

extension AuditEntry {
  fileprivate var confirms: Bool {
    [.confirmByToken, .confirmByOperator, .createAdministrator].contains(act)
  }
}
