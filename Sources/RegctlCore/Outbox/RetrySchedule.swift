/// When a mail that was deferred is tried again.
enum RetrySchedule {
  private static let minutes: [Int64] = [1, 5, 15, 60, 240]

  /// The moment of the next attempt after so many: later each time, and not the same for all.
  static func nextAttempt(after attempts: Int, at now: Instant) -> Instant {
    let delay = minutes[min(max(attempts, 1), minutes.count) - 1] * 60
    return Instant(seconds: now.seconds + delay + Int64.random(in: 0...delay / 10))
  }
}
