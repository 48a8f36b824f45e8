import RegctlCore
import Testing

@testable import regctl

@Suite("TimeReference") struct TimeReferenceTests {
  /// 2026-11-23, 09:00 UTC.
  private static let now = LocalNow(Instant(seconds: 1_795_424_400), variable: nil)

  @Test(arguments: [
    ("2026-11-22", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"),
    ("2026-11-22T10:30:00Z", "2026-11-22T10:30:00Z", "2026-11-22T10:30:00Z"),
    ("2026-11-22T10:30:00+02:00", "2026-11-22T08:30:00Z", "2026-11-22T08:30:00Z"),
    ("today", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
    ("yesterday", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"),
    ("2d", "2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z"),
    ("90m", "2026-11-23T07:30:00Z", "2026-11-23T07:30:00Z"),
  ])
  func `since begins with a day, until ends with it`(
    _ text: String, start: String, end: String
  ) throws {
    let reference = try TimeReference(option: text)
    #expect(reference.start(at: Self.now)?.rfc3339 == start)
    #expect(reference.end(at: Self.now)?.rfc3339 == end)
  }

  @Test func `never is before every time`() throws {
    let reference = try TimeReference(option: "never")
    #expect(reference.start(at: Self.now) == nil)
    #expect(reference.end(at: Self.now) == nil)
  }

  @Test(arguments: [0, 1, 86_399, -1, -86_400])
  func `a day begins at midnight, before 1970 too`(_ seconds: Int64) throws {
    let today = try TimeReference(option: "today")
    let start = try #require(today.start(at: LocalNow(Instant(seconds: seconds), variable: nil)))
    #expect(start.rfc3339.hasSuffix("T00:00:00Z"))
    #expect((0..<86_400).contains(seconds - start.seconds))
  }

  @Test(arguments: ["", "tomorrow", "Yesterday", "2026-11", "2026-02-30", "09:00", "2x", "-1d"])
  func `anything else is rejected`(_ text: String) {
    #expect(throws: UsageError.Expectation.self) { try TimeReference(option: text) }
  }

  // MARK: Time zones

  /// The instants from which and before which a reference selects, by clocks set by a value of `TZ`.
  private func interval(
    _ text: String, at now: String = "2026-11-23T09:00:00Z", _ variable: String?
  ) throws -> [String?] {
    let now = LocalNow(try #require(Instant(parsing: now)), variable: variable)
    let reference = try TimeReference(option: text)
    return [reference.start(at: now)?.rfc3339, reference.end(at: now)?.rfc3339]
  }

  // The expectations are those of Python's zoneinfo.
  @Test(arguments: [
    ("2026-11-23", "Europe/Berlin", "2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z"),
    ("2026-07-23", "Europe/Berlin", "2026-07-22T22:00:00Z", "2026-07-23T22:00:00Z"),
    ("2026-11-23", "America/New_York", "2026-11-23T05:00:00Z", "2026-11-24T05:00:00Z"),
    ("2026-11-23", "Asia/Kathmandu", "2026-11-22T18:15:00Z", "2026-11-23T18:15:00Z"),
    // 23 and 25 hours.
    ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
    ("2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
    ("2026-03-08", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
    ("2026-11-01", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
    // Clocks were set forward at midnight, and back to midnight.
    ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
    ("2026-11-01", "America/Havana", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
    // Samoa skipped a day.
    ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),
    ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
  ])
  func `a date is a day of the zone`(
    _ date: String, zone: String, start: String, end: String
  ) throws {
    #expect(try interval(date, zone) == [start, end])
  }

  @Test(arguments: [
    ("today", "2026-11-22T22:59:59Z", "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z"),
    ("today", "2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z"),
    ("yesterday", "2026-11-22T22:59:59Z", "2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z"),
    ("yesterday", "2026-11-22T23:00:00Z", "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z"),
    // On the day after clocks were changed.
    ("yesterday", "2026-03-30T09:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
    ("yesterday", "2026-10-26T09:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
  ])
  func `today in Berlin begins at midnight there`(
    _ text: String, now: String, start: String, end: String
  ) throws {
    #expect(try interval(text, at: now, "Europe/Berlin") == [start, end])
  }

  @Test(arguments: [
    ("2026-11-23T09:00", "2026-11-23T08:00:00Z"), ("2026-11-23 09:00:30", "2026-11-23T08:00:30Z"),
    ("2026-11-23T09:00Z", "2026-11-23T09:00:00Z"),
    ("2026-11-23T09:00+05:00", "2026-11-23T04:00:00Z"),
    // A time that occurs twice, and one that was skipped.
    ("2026-10-25T02:30", "2026-10-25T00:30:00Z"), ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
    // Ages do not depend on clocks.
    ("24h", "2026-11-22T09:00:00Z"), ("now", "2026-11-23T09:00:00Z"),
  ])
  func `a time without an offset is one in Berlin`(_ text: String, expected: String) throws {
    #expect(try interval(text, "Europe/Berlin") == [expected, expected])
  }

  // As with date(1).
  @Test(
    arguments: [
      (nil, "2026-11-23T00:00:00Z"), ("", "2026-11-23T00:00:00Z"), (":", "2026-11-23T00:00:00Z"),
      ("UTC", "2026-11-23T00:00:00Z"), ("Europe/Berlin", "2026-11-22T23:00:00Z"),
      (":Europe/Berlin", "2026-11-22T23:00:00Z"), ("Europe/Berln", "2026-11-23T00:00:00Z"),
      (":Europe/Berln", "2026-11-23T00:00:00Z"), ("../Europe/Berlin", "2026-11-23T00:00:00Z"),
      ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-11-22T23:00:00Z"), ("<+03>-3", "2026-11-22T21:00:00Z"),
    ] as [(String?, String)])
  func `TZ is read as by the C library`(_ variable: String?, start: String) throws {
    #expect(try interval("2026-11-23", variable)[0] == start)
  }
}
