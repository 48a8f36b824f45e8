import RegctlCore
import Testing

@testable import regctl

@Suite("TimeReference") struct TimeReferenceTests {
  /// 2026-11-23, 09:00 UTC.
  private static let now = Instant(seconds: 1_795_424_400)

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
    let start = try #require(today.start(at: Instant(seconds: seconds)))
    #expect(start.rfc3339.hasSuffix("T00:00:00Z"))
    #expect((0..<86_400).contains(seconds - start.seconds))
  }

  @Test(arguments: ["", "tomorrow", "Yesterday", "2026-11", "2026-02-30", "09:00", "2x", "-1d"])
  func `anything else is rejected`(_ text: String) {
    #expect(throws: UsageError.Expectation.self) { try TimeReference(option: text) }
  }
}
