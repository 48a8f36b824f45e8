import Testing

@testable import RegctlCore

@Suite("RetrySchedule") struct RetryScheduleTests {
  private static let now = Instant(seconds: 1_795_424_400)

  /// The seconds until the next attempt, many samples.
  private func delays(after attempts: Int) -> [Int64] {
    (0..<500).map { _ in
      RetrySchedule.nextAttempt(after: attempts, at: Self.now).seconds - Self.now.seconds
    }
  }

  @Test(
    arguments: [
      (1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (6, 240), (7, 240), (1000, 240), (.max, 240),
      (0, 1),
    ] as [(Int, Int64)])
  func `each delay is longer, up to four hours and a tenth`(
    _ attempts: Int, minutes: Int64
  ) throws {
    let delays = delays(after: attempts)
    #expect(try #require(delays.min()) >= minutes * 60)
    #expect(try #require(delays.max()) <= minutes * 66)
  }

  @Test(arguments: [1, 5])
  func `mails deferred together are not retried together`(_ attempts: Int) {
    #expect(Set(delays(after: attempts)).count > 1)
  }
}
