/// How many mails may be sent in an hour. A database of schema 6 or earlier does not count them.
struct Pace {
  /// The limit; `nil` if there is none.
  let mailsPerHour: Int?

  /// How many more mails may be claimed now, with those that are claimed and have no result yet.
  ///
  /// Minutes are counted, so that the limit holds in every hour, and up to a minute longer.
  func allowance(
    withClaimed claimed: Int, in store: Store, at now: Instant
  ) throws(RegctlError) -> Int {
    guard let mailsPerHour, store.keepsMoments else { return .max }
    let sent = try store.mailsSent(sinceMinuteOf: now - .seconds(3600))
    return max(0, mailsPerHour - claimed - sent)
  }

  /// Counts mails that were sent; call it in the transaction that records them.
  func count(_ mails: Int, in store: Store, at now: Instant) throws(RegctlError) {
    if mailsPerHour == nil || mails == 0 || !store.keepsMoments { return }
    try store.countSent(mails, at: now, forgettingUntil: now - .seconds(7200))
  }
}
