/// The schedule for further attempts at a deferred mail.
enum RetrySchedule {
  private static let minutes: [Int64] = [1, 5, 15, 60, 240]

  /// The time of the next attempt after a number of attempts: increasing delays with jitter.
  static func nextAttempt(after attempts: Int, at now: Instant) -> Instant {
    let delay = minutes[min(max(attempts, 1), minutes.count) - 1] * 60
    return Instant(seconds: now.seconds + delay + Int64.random(in: 0...delay / 10))
  }
}
