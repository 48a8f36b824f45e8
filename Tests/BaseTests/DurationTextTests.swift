import Testing

@testable import Base

@Suite("Duration as text") struct DurationTextTests {
  @Test(
    arguments: [
      (-5, "0s", "0 seconds", 0, TimeUnit.second), (0, "0s", "0 seconds", 0, .second),
      (1, "1s", "1 second", 1, .second), (59, "59s", "59 seconds", 59, .second),
      (60, "1m", "1 minute", 1, .minute), (90, "1m", "1 minute", 90, .second),
      (3600, "1h", "1 hour", 1, .hour), (5400, "1h", "1 hour", 90, .minute),
      (86_400, "1d", "1 day", 1, .day), (90_000, "1d", "1 day", 25, .hour),
      (604_800, "7d", "7 days", 7, .day), (1_209_600, "14d", "14 days", 14, .day),
    ] as [(Int, String, String, Int, TimeUnit)])
  func `a duration is formatted in its greatest unit`(
    _ seconds: Int, abbreviation: String, words: String, count: Int, unit: TimeUnit
  ) {
    let duration = Duration.seconds(seconds)
    #expect(duration.abbreviation == abbreviation)
    #expect(duration.words == words)
    #expect(duration.exactCount.count == count)
    #expect(duration.exactCount.unit == unit)
  }
}
