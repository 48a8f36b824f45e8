internal import Base

/// An account with the data that decides whether it is pruned.
package struct PruneCandidate: Sendable {
  package let id: AccountID
  package let email: String
  let isConfirmed: Bool
  let isAdmin: Bool

  /// The date as stored in the table.
  let stored: String

  /// Whether the stored text sorts before the cutoff, as the table compares texts.
  let isOldByText: Bool

  /// When the account was registered; `nil` when the stored value is not a date.
  package let registeredOn: AccountDate?

  /// The latest moment at which it may have been registered.
  let latestRegistration: Instant?

  /// Whether the stored date has an offset, which may make it later than its text.
  var hasOffset: Bool { Timestamp(stored)?.offset != nil }

  /// The time of the last audit entry about the account.
  let lastAct: Instant?

  /// When a mail was last accepted.
  private(set) var lastSent: Instant?
  private(set) var hasPendingMail = false

  /// The newest mail, and the newest one that was refused for good.
  private var lastMail: (number: Int64, state: OutboxEntry.State)?
  private var refusal: (number: Int64, reply: String?)?

  /// The state of the newest mail of those that were purged.
  private var lastPurgedState: OutboxEntry.State?
  var lastMailState: OutboxEntry.State? { lastMail?.state ?? lastPurgedState }

  /// The reply by which a mail was last refused for good.
  var lastRefusal: String? { refusal?.reply }

  /// Whether an operator locked the account, or its domain.
  var isLocked = false

  /// Whether its last mail was refused, after a relay took it, for a fault on this side.
  var isDeclinedLater = false

  /// The reason why an account is kept.
  package enum KeepReason: String, CaseIterable, Sendable {
    case locked
    case mailPending = "mail_pending"
    /// No mail was accepted or permanently rejected; the cause may be on our side.
    case noFinalAnswer = "no_final_answer"
    /// Far fewer accounts of its week were confirmed than of others: the application's mail was
    /// probably broken then.
    case weakCohort = "weak_cohort"
    case recentMail = "recent_mail"
    case recentAct = "recent_act"
    case unreadableDate = "unreadable_date"
    /// The date has an offset that makes it later than its text.
    case tooYoung = "too_young"
    /// Rows of the application's own tables reference it; they would be deleted or orphaned.
    case inUse = "in_use"

    // Changes that may have happened to an account since the plan was made.
    case gone
    case otherAddress = "other_address"
    /// The ID belongs to another registration.
    case otherRegistration = "other_registration"
    case confirmed
    case administrator
  }

  init(
    id: AccountID, email: String, isConfirmed: Bool, isAdmin: Bool, stored: String,
    isOldByText: Bool, registeredOn: AccountDate?, latestRegistration: Instant?, lastAct: Instant?
  ) {
    self.id = id
    self.email = email
    self.isConfirmed = isConfirmed
    self.isAdmin = isAdmin
    self.stored = stored
    self.isOldByText = isOldByText
    self.registeredOn = registeredOn
    self.latestRegistration = latestRegistration
    self.lastAct = lastAct
  }

  /// Adds one of its mails, in any order; `finishedAt` of one that was accepted, and the reply of one
  /// that was refused.
  mutating func addMail(
    _ number: Int64, _ state: OutboxEntry.State, finishedAt: Instant?, reply: String?
  ) {
    if number > lastMail?.number ?? .min { lastMail = (number, state) }
    switch state {
    case .queued, .held, .sending: hasPendingMail = true
    case .sent: lastSent = [lastSent, finishedAt].compactMap { $0 }.max()
    case .failed: if number > refusal?.number ?? .min { refusal = (number, reply) }
    case .bounced, .cancelled, .expired: break
    }
  }

  /// Adds its mails that were purged, which are older than all others.
  mutating func addPurged(_ mails: [(state: OutboxEntry.State, last: Instant)]) {
    let sent = mails.filter { $0.state == .sent }.map(\.last).max()
    lastSent = [lastSent, sent].compactMap { $0 }.max()
    lastPurgedState = mails.max { $0.last < $1.last }?.state
  }

  /// The account as written to a plan; `nil` when it has no date.
  var entry: PrunePlan.Entry? {
    registeredOn.map { PrunePlan.Entry(id: id, email: email, registeredOn: $0, stored: stored) }
  }

  /// The reason why the account is no longer the one in a plan, or may not be pruned.
  func reasonToSkip(_ entry: PrunePlan.Entry) -> KeepReason? {
    // Compared as bytes, since Swift considers some different texts equal.
    if !email.utf8.elementsEqual(entry.email.utf8) { return .otherAddress }
    if !stored.utf8.elementsEqual(entry.stored.utf8) { return .otherRegistration }
    if isConfirmed { return .confirmed }
    return isAdmin ? .administrator : nil
  }

  /// The latest time of a registration, a mail or an act, from which its age is counted; `nil` when
  /// its date is invalid.
  var lastActivity: Instant? {
    latestRegistration.map { registration in
      [registration, lastSent, lastAct].compactMap { $0 }.max() ?? registration
    }
  }

  /// The reason why the account is kept; `nil` when it is pruned.
  ///
  /// `weeks` decides on an account of which regctl knows no mail, where the application sends its own.
  func keepReason(
    cutoff: Instant, includesNeverMailed: Bool, weeks: WeeklyConfirmations?
  ) -> KeepReason? {
    guard let latestRegistration else { return .unreadableDate }
    if latestRegistration >= cutoff { return .tooYoung }
    if isLocked { return .locked }
    if hasPendingMail { return .mailPending }
    if let lastSent, lastSent >= cutoff { return .recentMail }
    if let lastAct, lastAct >= cutoff { return .recentAct }
    if includesNeverMailed { return nil }
    // A mail that bounced has the answer that its address is wrong, or its mailbox takes no mail.
    if lastMailState == .sent || lastMailState == .bounced {
      return isDeclinedLater ? .noFinalAnswer : nil
    }
    // A refusal for a fault on this side says nothing about the address.
    if lastMailState == .failed, RefusalCause(reply: lastRefusal) != .sender { return nil }
    guard let weeks, lastMailState == nil else { return .noFinalAnswer }
    return weeks.isWeak(registeredOn: stored) ? .weakCohort : nil
  }
}
