import Testing

@testable import RegctlCore

@Suite("ReportPeriod") struct ReportPeriodTests {
  private func period(_ length: ReportPeriod.Length, _ day: String) throws -> ReportPeriod {
    ReportPeriod(length, of: try #require(Instant(parsing: day)))
  }

  @Test(arguments: [
    (ReportPeriod.Length.week, "2026-12-27", 1, "2026-W53"), (.week, "2026-12-28", 1, "2027-W01"),
    (.week, "1970-01-05", -2, "1969-W52"), (.month, "2026-12-31", 1, "2027-01"),
    (.month, "2026-01-01", -1, "2025-12"), (.month, "0001-01-01", 0, "1-01"),
  ])
  func `periods follow each other across a year`(
    _ length: ReportPeriod.Length, _ day: String, _ count: Int, name: String
  ) throws {
    #expect(try period(length, day).advanced(by: count).name == name)
  }

  @Test(arguments: [
    (ReportPeriod.Length.week, "2026-12-28", "2026", false), (.week, "2027-01-04", "2027", true),
    (.week, "2024-12-30", "2025", true), (.month, "2026-01-31", "2026", true),
    (.month, "2026-02-01", "2026", false),
  ])
  func `a year begins with its first period`(
    _ length: ReportPeriod.Length, _ day: String, _ year: String, isFirst: Bool
  ) throws {
    let period = try period(length, day)
    #expect(period.year == year && period.isFirstOfYear == isFirst)
  }

  @Test(arguments: [
    (ReportPeriod.Length.week, "2026-11-23", "2026-11-29", 0),
    (.week, "2026-11-22", "2026-11-23", 1), (.week, "2020-12-28", "2021-01-04", 1),
    (.month, "2025-12-31", "2027-01-01", 13), (.month, "2026-11-23", "2026-10-01", -1),
  ])
  func `the distance counts periods`(
    _ length: ReportPeriod.Length, _ first: String, _ second: String, distance: Int
  ) throws {
    let (first, second) = (try period(length, first), try period(length, second))
    #expect(first.distance(to: second) == distance)
    #expect((first < second) == (distance > 0))
    #expect(first.advanced(by: distance) == second)
  }
}
