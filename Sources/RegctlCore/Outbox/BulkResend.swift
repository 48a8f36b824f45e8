/// Queues another confirmation mail for many accounts, spread over time.
package struct BulkResend {
  /// A number of mails per period.
  package struct Rate: Equatable, Sendable {
    let count: Int
    let period: Duration

    package init(_ count: Int, per period: Duration) {
      self.count = count
      self.period = period
    }

    /// The time from the first mail until the mail with an index is due.
    func delay(ofMail index: Int) -> Duration { period * index / count }
  }

  /// The reason why an account gets no mail.
  package enum SkipReason: String, CaseIterable, Sendable {
    case mailPending = "mail_pending"
    case tooSoon = "too_soon"
    case limit
    /// The account or its domain is locked.
    case locked
    /// Mail to the address was not delivered.
    case bounced
    /// The account already received a mail of this campaign.
    case inCampaign = "in_campaign"
    /// The account was confirmed or deleted after it was listed.
    case notUnconfirmed = "not_unconfirmed"
  }

  /// The result for an account.
  package struct Decision: Equatable, Sendable {
    /// The reason why the account gets no mail; `nil` when it gets one.
    package let skipReason: SkipReason?

    /// The mail, after it was queued.
    package let mail: MailID?
    package let due: Instant?

    static func queued(_ mail: MailID?, due: Instant) -> Decision {
      Decision(skipReason: nil, mail: mail, due: due)
    }

    static func skipped(_ reason: SkipReason) -> Decision {
      Decision(skipReason: reason, mail: nil, due: nil)
    }
  }

  private let resend: Resend
  private let campaign: String?
  private let rate: Rate?
  private let limit: Int
  private let start: Instant
  private let actor: Actor
  private var queued = 0

  /// Whether the resend is in the audit, so that further accounts continue its entry.
  private var isRecorded = false

  /// Creates a resend; one with a campaign can be repeated, and each account gets one mail of it.
  package init(
    _ configuration: Configuration, kind: MailKind = .confirm, campaign: String?, rate: Rate?,
    limit: Int = .max, at start: Instant, by actor: Actor
  ) {
    self.limit = limit
    resend = Resend(configuration, kind: kind, force: false, revokesPrevious: false)
    self.campaign = campaign
    self.rate = rate
    self.start = start
    self.actor = actor
  }

  /// Whether the limit of queued mails is reached.
  package var isFull: Bool { queued >= limit }

  /// The results that accounts would have, up to the limit, without changing anything.
  package mutating func preview(
    _ accounts: [ListedAccount], in store: Store
  ) throws(RegctlError) -> [Decision] {
    var decisions: [Decision] = []
    for account in accounts where !isFull {
      if let reason = try reasonToSkip(store.account(account.id), in: store) {
        decisions.append(.skipped(reason))
      } else {
        decisions.append(.queued(nil, due: due(ofMail: queued)))
        queued += 1
      }
    }
    return decisions
  }

  /// Queues mails for accounts in one transaction, up to the limit.
  package mutating func perform(
    _ accounts: [ListedAccount], in store: Store
  ) throws(RegctlError) -> [Decision] {
    let decisions = try store.transaction { () throws(RegctlError) in
      try queueMails(to: accounts, in: store)
    }
    let count = decisions.count { $0.skipReason == nil }
    queued += count
    if count > 0 { isRecorded = true }
    return decisions
  }

  /// Queues mails to accounts, up to the limit; call it in a transaction.
  private func queueMails(
    to accounts: [ListedAccount], in store: Store
  ) throws(RegctlError) -> [Decision] {
    var decisions: [Decision] = []
    var queued = queued
    var mailed: [AccountID] = []
    for unconfirmed in accounts where queued < limit {
      guard let account = try store.account(unconfirmed.id) else {
        decisions.append(.skipped(.notUnconfirmed))
        continue
      }
      if let reason = try reasonToSkip(account, in: store) {
        decisions.append(.skipped(reason))
        continue
      }
      let due = due(ofMail: queued)
      let mail = try resend.queue(account, due: due, in: store, at: start)
      mailed.append(account.id)
      if let campaign { try store.join(account.id, campaign, at: start) }
      decisions.append(.queued(mail, due: due))
      queued += 1
    }
    if !mailed.isEmpty {
      let details = [resend.detail, campaign.map { "campaign \($0)" }].compactMap { $0 }
      let detail = details.isEmpty ? nil : details.joined(separator: ", ")
      try store.record(
        AuditEntry(act: .resend, at: start, actor: actor, detail: detail), on: mailed,
        continues: isRecorded)
    }
    return decisions
  }

  /// When the mail with an index is due.
  private func due(ofMail index: Int) -> Instant {
    rate.map { start + $0.delay(ofMail: index) } ?? start
  }

  private func reasonToSkip(
    _ account: Account?, in store: Store
  ) throws(RegctlError) -> SkipReason? {
    guard let account, !account.isConfirmed else { return .notUnconfirmed }
    if account.isLocked { return .locked }
    if try store.bounce(suppressing: account) != nil { return .bounced }
    if let campaign, try store.hasJoined(account.id, campaign) { return .inCampaign }
    if try store.pendingMail(.confirm, of: account.id) != nil { return .mailPending }
    if try store.holdsMail(to: account.id) { return .mailPending }
    switch try resend.limit(on: account, in: store, at: start) {
    case .resendTooSoon: return .tooSoon
    case .some: return .limit
    case nil: return nil
    }
  }
}
