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
  }

  /// Why the account is kept, or `nil` when it goes.
  func keepReason(cutoff: Instant, includesNeverMailed: Bool) -> KeepReason? {
    if registeredOn == nil { return .unreadableDate }
    if hasPendingMail { return .mailPending }
    if let lastSent, lastSent >= cutoff { return .recentMail }
    if let lastAct, lastAct >= cutoff { return .recentAct }
    let isAnswered = lastMailState == .sent || lastMailState == .failed
    return isAnswered || includesNeverMailed ? nil : .noFinalAnswer
  }
}
