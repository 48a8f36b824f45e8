/// The schedule for further attempts at a deferred mail.
enum RetrySchedule {
  private static let minutes: [Int64] = [1, 5, 15, 60, 240]

  /// The time of the next attempt after a number of attempts: increasing delays with jitter.
  static func nextAttempt(after attempts: Int, at now: Instant) -> Instant {
    let delay = minutes[min(max(attempts, 1), minutes.count) - 1] * 60
    return Instant(seconds: now.seconds + delay + Int64.random(in: 0...delay / 10))
  }

  /// The time of the next attempt after one that is not counted: in a quarter of an hour, and later
  /// the longer the mail has waited.
  static func nextAttempt(ofMailQueuedAt queued: Instant, at now: Instant) -> Instant {
    let delay = max(15 * 60, (now.seconds - queued.seconds) / 8)
    return Instant(seconds: now.seconds + delay + Int64.random(in: 0...delay / 10))
  }
}
