/// A recommended next step for the operator who looks at an account.
package enum HistoryAdvice: Equatable, Sendable {
  case nothing
  /// The account or its domain is locked, and nothing else can be done for it before.
  case unlock(Lock)
  /// A mail is due.
  case deliver(waitingSince: Instant)
  /// A mail is held, because far more accounts were registered than usually.
  case releaseHeld(since: Instant)
  /// A mail was deferred, and is tried again at a time.
  case wait(until: Instant, Refusal?)
  case resend
  /// The last mail is too recent for another.
  case resendLater(from: Instant)
  /// The address was rejected, or may have been.
  case fixAddress(Refusal)
  /// The mailbox takes no mail.
  case otherWay(Refusal)
  /// Mail to the address was accepted by a relay and not delivered, and further mail is refused.
  case changeBounced(BounceRecord, likely: String?)
  /// The recipient's address is not at fault.
  case checkSetup(Refusal)
  /// An account with the same address in another spelling is confirmed.
  case namesake(String)
  /// A change to this address is pending.
  case confirmChange(to: String)

  /// The last words about a mail that was not accepted.
  package struct Refusal: Equatable, Sendable {
    package let mail: MailID
    package let reply: String?
    package let cause: RefusalCause

    /// The address that is probably meant, if the account's may be mistyped.
    package let likely: String?

    package init(mail: MailID, reply: String?, cause: RefusalCause, likely: String?) {
      self.mail = mail
      self.reply = reply
      self.cause = cause
      self.likely = likely
    }
  }
}

extension HistoryAdvice {
  init(
    on account: Account, mails: [OutboxEntry], resend: Resend, in store: Store, at now: Instant
  ) throws(RegctlError) {
    if account.isLocked, let lock = try store.lock(of: account) {
      self = .unlock(lock)
    } else if account.isConfirmed {
      let change = try store.waitingEmailChange(of: account)
      self = change.map { .confirmChange(to: $0.newEmail) } ?? .nothing
    } else if let namesake = try store.confirmedNamesake(of: account) {
      self = .namesake(namesake)
    } else if let bounce = try store.bounce(suppressing: account) {
      let likely = try store.likelyAddress(of: account)
      self = .changeBounced(bounce, likely: likely)
    } else if let held = mails.last(where: { $0.state == .held }) {
      self = .releaseHeld(since: held.queuedAt)
    } else if let last = mails.last {
      self = try Self(after: last, to: account, in: store, at: now)
    } else {
      self = .resend
    }
    if self == .resend,
      case .resendTooSoon(_, let next) = try resend.limit(on: account, in: store, at: now)
    {
      self = .resendLater(from: next)
    }
  }

  private init(
    after mail: OutboxEntry, to account: Account, in store: Store, at now: Instant
  ) throws(RegctlError) {
    switch mail.state {
    case .queued:
      guard let due = mail.nextAttemptAt, due > now else {
        self = .deliver(waitingSince: mail.queuedAt)
        return
      }
      self = .wait(
        until: due,
        try mail.lastReply.map { _ throws(RegctlError) in
          try Refusal(mail, of: account, in: store)
        })
    case .held: self = .releaseHeld(since: mail.queuedAt)
    case .sending:
      self = .deliver(waitingSince: mail.queuedAt)
    case .failed, .expired, .bounced:
      let refusal = try Refusal(mail, of: account, in: store)
      switch refusal.cause {
      case .mailbox: self = .otherWay(refusal)
      case .sender: self = .checkSetup(refusal)
      case .unknown where mail.state == .expired: self = .resend
      case .address, .unknown: self = .fixAddress(refusal)
      }
    case .sent, .cancelled:
      self = .resend
    }
  }
}

extension HistoryAdvice.Refusal {
  fileprivate init(
    _ mail: OutboxEntry, of account: Account, in store: Store
  ) throws(RegctlError) {
    var cause = RefusalCause(reply: mail.lastReply)
    // A mail waits after a permanent reply only if the fault is on this side.
    if cause == .unknown, mail.state == .queued, mail.lastReply?.utf8.first == UInt8(ascii: "5") {
      cause = .sender
    }
    let mayBeMistyped = cause == .address || cause == .unknown
    self.init(
      mail: mail.id, reply: mail.lastReply, cause: cause,
      likely: mayBeMistyped ? try store.likelyAddress(of: account) : nil)
  }
}

extension Store {
  /// The number of confirmed accounts used as a sample of domains, in a database of any size.
  private static let domainSampleSize = 10_000

  /// The address that is probably meant by that of an account, if its domain may be mistyped.
  fileprivate func likelyAddress(of account: Account) throws(RegctlError) -> String? {
    try domainTypo(newest: Self.domainSampleSize).correction(of: account.email)
  }
}
