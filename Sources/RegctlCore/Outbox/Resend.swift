/// Queues another confirmation mail for an account.
package struct Resend: Sendable {
  private let interval: Duration
  private let maxPerDay: Int
  private let force: Bool
  private let revokesPrevious: Bool
  private let messageDomain: String?
  private let kind: MailKind

  /// Observes the configured limits, unless `force` is on; the mail is a confirmation or a reminder.
  package init(
    _ configuration: Configuration, kind: MailKind = .confirm, force: Bool, revokesPrevious: Bool
  ) {
    self.kind = kind
    interval = configuration.resendInterval
    maxPerDay = configuration.resendMaxPerDay
    messageDomain = configuration.messageDomain
    self.force = force
    self.revokesPrevious = revokesPrevious
  }

  package enum Effect: Equatable, Sendable {
    case queued(Account, MailID)
    case alreadyConfirmed(Account)
  }

  /// Queues the mail, or makes a queued one due now, so that one request never sends two mails.
  ///
  /// Links of earlier mails stay valid until they expire, so that users do not follow dead links.
  package func perform(
    _ email: String, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Effect {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      try store.requireUnlocked(account)
      guard !account.isConfirmed else { return .alreadyConfirmed(account) }
      let isLimited = try refusal(of: account, in: store, at: now)
      if let isLimited, !force { throw .account(isLimited) }
      if revokesPrevious {
        try store.revokeTokens(of: account.id, at: now)
        try store.record(AuditEntry(.revokeTokens, on: account, at: now, by: actor))
      }
      let act: AuditEntry.Act = isLimited == nil ? .resend : .resendForced
      try store.record(AuditEntry(act, on: account, at: now, by: actor, detail: detail))
      return .queued(account, try queue(account, due: now, in: store, at: now))
    }
  }

  /// What the audit says about the mail, if it is not the usual one.
  var detail: String? { kind == .confirm ? nil : "template \(kind.rawValue)" }

  /// Queues the mail within a transaction that records it, with a due time. A person who was invited
  /// and has set no password gets the invitation again.
  func queue(
    _ account: Account, due: Instant, in store: Store, at now: Instant
  ) throws(RegctlError) -> MailID {
    let due = try max(due, store.earliestLink(of: account.id, at: now))
    let kind = try store.isInvited(account) ? .invite : kind
    if let pending = try store.pendingMail(.confirm, of: account.id) {
      try store.reschedule(pending, as: kind, at: now, due: due)
      return pending
    }
    try store.cancelHeldMail(of: account.id, at: now)
    return try store.enqueue(
      kind, to: account, at: now, due: due, messageDomain: messageDomain)
  }

  /// What prevents a further mail: that the last one bounced, or a limit.
  private func refusal(
    of account: Account, in store: Store, at now: Instant
  ) throws(RegctlError) -> AccountError? {
    if let bounce = try store.bounce(suppressing: account) {
      return .bounced(email: account.email, bounce)
    }
    return try limit(on: account, in: store, at: now)
  }

  /// The limit that prevents a further mail, if any.
  func limit(
    on account: Account, in store: Store, at now: Instant
  ) throws(RegctlError) -> AccountError? {
    let (count, lastResend) = try store.acts(
      [.resend, .resendForced], on: account.id, since: now - .seconds(86_400))
    let lastMail = try store.lastQueued(.confirm, for: account.id)
    if let last = [lastResend, lastMail].compactMap({ $0 }).max(), now < last + interval {
      return .resendTooSoon(email: account.email, next: last + interval)
    }
    return count >= maxPerDay
      ? .resendLimit(email: account.email, perDay: maxPerDay) : nil
  }
}
