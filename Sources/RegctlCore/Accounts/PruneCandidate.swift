/// An unconfirmed account that was registered before a cutoff, with what decides on its fate.
package struct PruneCandidate: Sendable {
  package let id: AccountID
  package let email: String

  /// When it was registered; `nil` when the table holds something that is no date.
  package let registeredOn: Instant?

  /// When a mail was last accepted.
  let lastSent: Instant?

  /// When an operator last did something to it.
  let lastAct: Instant?
  let hasPendingMail: Bool
  let lastMailState: OutboxEntry.State?

  /// Why an account is kept.
  package enum KeepReason: String, CaseIterable, Sendable {
    case mailPending = "mail_pending"
    /// No mail was accepted or refused for good: the fault may be ours.
    case noFinalAnswer = "no_final_answer"
    case recentMail = "recent_mail"
    case recentAct = "recent_act"
    case unreadableDate = "unreadable_date"
    /// Its date has an offset, by which it is younger than its text.
    case tooYoung = "too_young"
    /// Rows of the application's own tables refer to it, and would go with it or be left behind.
    case inUse = "in_use"
  }

  /// Why the account is kept, or `nil` when it goes.
  func keepReason(cutoff: Instant, includesNeverMailed: Bool) -> KeepReason? {
    guard let registeredOn else { return .unreadableDate }
    if registeredOn >= cutoff { return .tooYoung }
    if hasPendingMail { return .mailPending }
    if let lastSent, lastSent >= cutoff { return .recentMail }
    if let lastAct, lastAct >= cutoff { return .recentAct }
    let isAnswered = lastMailState == .sent || lastMailState == .failed
    return isAnswered || includesNeverMailed ? nil : .noFinalAnswer
  }
}
