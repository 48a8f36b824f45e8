/// An account with what decides on its decision when accounts are pruned.
package struct PruneCandidate: Sendable {
  package let id: AccountID
  package let email: String
  let isConfirmed: Bool
  let isAdmin: Bool

  /// The date as the table holds it.
  let stored: String

  /// Whether it comes before the cutoff in the order of the table, which compares texts.
  let isOldByText: Bool

  /// When it was registered, local time being taken for UTC; `nil` when the table holds something
  /// that is not a date.
  package let registeredOn: Instant?

  /// Whether the date is local time of the application, as it has no offset either.
  let isLocal: Bool

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

    // What may have happened to an account since a plan was made.
    case gone
    case otherAddress = "other_address"
    /// Its number belongs to another registration.
    case otherRegistration = "other_registration"
    case confirmed
    case administrator
  }

  /// The account as a plan holds it; `nil` when it has no date.
  var entry: PrunePlan.Entry? {
    registeredOn.map { PrunePlan.Entry(id: id, email: email, registeredOn: $0, stored: stored) }
  }

  /// Why the account is not the one of a plan any more, or not one that may go.
  func reasonToSkip(_ entry: PrunePlan.Entry) -> KeepReason? {
    // By bytes, as Swift takes some different texts for equal.
    if !email.utf8.elementsEqual(entry.email.utf8) { return .otherAddress }
    if !stored.utf8.elementsEqual(entry.stored.utf8) { return .otherRegistration }
    if isConfirmed { return .confirmed }
    return isAdmin ? .administrator : nil
  }

  /// The latest moment at which it may have been registered.
  private func latestRegistration(in zone: LegacyZone?, cutoff: Instant) -> Instant? {
    guard let registeredOn, isLocal else { return registeredOn }
    guard let zone else { return registeredOn + LegacyZone.greatestOffset }
    // Far from the cutoff the zone makes no difference.
    if registeredOn + .seconds(86_400) < cutoff { return registeredOn }
    return zone.moments(ofLocal: registeredOn).upperBound
  }

  /// Why the account is kept, or `nil` when it goes; without a zone, local time may be any.
  func keepReason(
    cutoff: Instant, zone: LegacyZone?, includesNeverMailed: Bool
  ) -> KeepReason? {
    guard let registeredOn = latestRegistration(in: zone, cutoff: cutoff) else {
      return .unreadableDate
    }
    if registeredOn >= cutoff { return .tooYoung }
    if hasPendingMail { return .mailPending }
    if let lastSent, lastSent >= cutoff { return .recentMail }
    if let lastAct, lastAct >= cutoff { return .recentAct }
    let isAnswered = lastMailState == .sent || lastMailState == .failed
    return isAnswered || includesNeverMailed ? nil : .noFinalAnswer
  }
}
