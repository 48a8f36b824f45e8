import Testing

@testable import RegctlCore

@Suite("Instant") struct InstantTests {
  private static let moment: Int64 = 1_795_424_400_000_000  // 2026-11-23 09:00 UTC

  @Test(arguments: [
    ("2026-11-23 09:00:00.000000", moment), ("2026-11-23T09:00:00Z", moment),
    ("2026-11-23t09:00:00z", moment), ("2026-11-23 09:00:00", moment), ("2026-11-23 09:00", moment),
    ("2026-11-23", moment - 32_400_000_000), ("2026-11-23T10:30:00+01:30", moment),
    ("2026-11-22 23:30:00-09:30", moment), ("2026-11-23T09:00:00+00:00", moment),
    ("2026-11-23 09:00:00.5", moment + 500_000), ("2026-11-23 09:00:00.123456", moment + 123_456),
    ("2026-11-23 09:00:00.1234569", moment + 123_456), ("2026-11-23 09:00:00.000001Z", moment + 1),
    ("1970-01-01 00:00:00", 0), ("1969-12-31 23:59:59.999999", -1),
    ("2000-02-29", 951_782_400_000_000),
    ("2024-02-29", 1_709_164_800_000_000), ("1600-02-29", -11_670_998_400_000_000),
    ("0000-01-01", -62_167_219_200_000_000), ("9999-12-31 23:59:59", 253_402_300_799_000_000),
  ])
  func `an instant is parsed as databases, programs and users write it`(
    _ text: String, microseconds: Int64
  ) {
    #expect(Instant(parsing: text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "", "yesterday", "2026", "2026-11", "2026-11-2", "2026-11-31", "2026-02-29", "1900-02-29",
    "2026-00-10", "2026-13-10", "2026-11-00", "2026-11-32", "26-11-23", "2026/11/23", "2026-11-23 ",
    "2026-11-23 24:00", "2026-11-23 09:60", "2026-11-23 09:00:60", "2026-11-23 9:00",
    "2026-11-23 09",
    "2026-11-23 09:00:00.", "2026-11-23 09:00:00 Z", "2026-11-23 09:00:00+0100",
    "2026-11-23 09:00:00+24:00", "2026-11-23 09:00:00+01:60", "2026-11-23 09:00:00Zx",
    "2026-11-23\n09:00", " 2026-11-23", "-2026-11-23", "２０２６-11-23", "2026-11-23Z", "1795424400",
  ])
  func `an invalid instant is nil`(_ text: String) {
    #expect(Instant(parsing: text) == nil)
  }

  @Test(arguments: [
    (moment, "2026-11-23 09:00:00.000000", "2026-11-23T09:00:00Z"),
    (moment + 1, "2026-11-23 09:00:00.000001", "2026-11-23T09:00:00Z"),
    (0, "1970-01-01 00:00:00.000000", "1970-01-01T00:00:00Z"),
    (-1, "1969-12-31 23:59:59.999999", "1969-12-31T23:59:59Z"),
    (-62_167_219_200_000_000, "0000-01-01 00:00:00.000000", "0000-01-01T00:00:00Z"),
    (951_868_799_999_999, "2000-02-29 23:59:59.999999", "2000-02-29T23:59:59Z"),
  ])
  func `an instant is formatted for the database and for programs`(
    _ microseconds: Int64, database: String, rfc3339: String
  ) {
    let instant = Instant(microseconds: microseconds)
    #expect(instant.databaseText == database)
    #expect(instant.rfc3339 == rfc3339)
    #expect(Instant(parsing: database) == instant)
  }

  @Test func `an instant is displayed to the minute`() {
    #expect(Instant(microseconds: Self.moment + 59_999_999).minuteText == "2026-11-23 09:00 UTC")
  }

  @Test(
    arguments: [
      (0, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2),
    ] as [(Int64, Int64)])
  func `seconds are rounded down`(_ microseconds: Int64, seconds: Int64) {
    #expect(Instant(microseconds: microseconds).seconds == seconds)
  }

  @Test func `instants and durations are added and subtracted`() {
    let start = Instant(seconds: 100)
    #expect(start + .milliseconds(1500) == Instant(microseconds: 101_500_000))
    #expect(start - .seconds(200) == Instant(seconds: -100))
    #expect(start - Instant(seconds: 40) == .seconds(60))
    #expect(Instant(seconds: 40) < start)
  }

  @Test func `no duration overflows`() {
    let ages = Duration.seconds(Int64.max)
    #expect((Instant(seconds: 0) + ages).microseconds == .max)
    #expect((Instant(seconds: -1) - ages).microseconds == .min)
  }
}
