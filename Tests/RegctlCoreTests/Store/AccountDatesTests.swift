import Testing

@testable import RegctlCore

@Suite("AccountDates") struct AccountDatesTests {
  private func dates(_ zone: String?) throws -> AccountDates {
    AccountDates(in: try zone.map(DatabaseZone.init))
  }

  private func instant(_ text: String) throws -> Instant {
    try #require(Instant(parsing: text))
  }

  @Test(arguments: [
    ("UTC", "2026-11-23 09:00:00.000000", "2026-11-23T09:00:00Z"),
    ("Europe/Berlin", "2026-11-23 09:00:00.000000", "2026-11-23T08:00:00Z"),
    ("Europe/Berlin", "2026-07-23 09:00:00", "2026-07-23T07:00:00Z"),
    ("Pacific/Kiritimati", "2026-11-23 09:00", "2026-11-22T19:00:00Z"),
    ("America/St_Johns", "2026-11-23 09:00:00.5", "2026-11-23T12:30:00Z"),
    ("America/St_Johns", "2026-07-23 09:00:00", "2026-07-23T11:30:00Z"),
    (nil, "2026-11-23 09:00:00.000000", "2026-11-23T09:00:00"),
    // An offset is obeyed in any zone.
    ("Europe/Berlin", "2026-11-23 09:00:00+05:30", "2026-11-23T03:30:00Z"),
    (nil, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"),
    // A repeated time is the first of the two, and a skipped one that after the change.
    ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25T00:30:00Z"),
    ("Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"),
    ("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29T01:30:00Z"),
  ])
  func `a date is read in the zone`(_ zone: String?, stored: String, expected: String) throws {
    let dates = try dates(zone)
    // The second time, the offset of the day is known.
    for _ in 0..<2 { #expect(dates.date(stored)?.rfc3339 == expected) }
    #expect(dates.date(utf8: Array(stored.utf8)[...])?.rfc3339 == expected)
  }

  @Test(arguments: [
    ("UTC", "yesterday"), ("Europe/Berlin", "2026-02-30"), (nil, ""),
    ("Asia/Tokyo", "0000-01-01"), ("America/New_York", "9999-12-31 23:59:59"),
  ])
  func `what no format can write is no date`(_ zone: String?, stored: String) throws {
    #expect(try dates(zone).date(stored) == nil)
    #expect(try dates(zone).latest(stored) == nil)
  }

  @Test(arguments: ["2026-10-25", "2026-03-29", "2026-11-23"])
  func `every local time of a day is read as without the cache`(_ day: String) throws {
    for name in ["Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati"] {
      let (zone, dates) = (try DatabaseZone(name), try dates(name))
      let midnight = try instant(day)
      for minute in Int64(-1440)..<2880 where minute % 7 == 0 {
        let local = midnight + .seconds(minute * 60)
        #expect(dates.date(local.databaseText) == .moment(zone.moment(ofLocal: local)))
      }
    }
  }

  @Test(arguments: [
    ("UTC", "2026-11-23 09:00:00.000000"), ("Europe/Berlin", "2026-11-23 10:00:00.000000"),
    ("Pacific/Kiritimati", "2026-11-23 23:00:00.000000"),
    ("America/St_Johns", "2026-11-23 05:30:00.000000"), (nil, "2026-11-23 09:00:00.000000"),
  ])
  func `a moment is written as local time, or as UTC without a zone`(
    _ zone: String?, stored: String
  ) throws {
    let moment = try instant("2026-11-23 09:00")
    #expect(try dates(zone).text(of: moment) == stored)
    #expect(try dates(zone).text(of: .moment(moment)) == stored)
    #expect(try dates(zone).text(of: .stored("2026-11-23")) == "2026-11-23")
  }

  @Test(arguments: [
    // Written in UTC, and as local time.
    ("Europe/Berlin", "2026-11-23 09:00:00.25", "2026-11-23 09:00"),
    ("Europe/Berlin", "2026-11-23 10:00:00.25", "2026-11-23 09:00"),
    // Both passes of a repeated hour.
    ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 00:30"),
    ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 01:30"),
    (nil, "2026-11-23 09:00:00", "2026-11-23 09:00"),
  ])
  func `a date that agrees with a record is the moment of the record`(
    _ zone: String?, stored: String, recorded: String
  ) throws {
    let record = try instant(recorded)
    let dates = try dates(zone)
    let date = try #require(dates.date(stored, records: [7, record.seconds]))
    #expect(date.moment?.seconds == record.seconds)
    #expect(dates.latest(stored, records: [record.seconds]) == date.moment)
  }

  @Test func `a date that was changed afterwards is read in the zone`() throws {
    let record = try instant("2026-11-23 09:00").seconds
    #expect(
      try dates("Europe/Berlin").date("2026-11-20 09:00:00", records: [record])?.rfc3339
        == "2026-11-20T08:00:00Z")
    #expect(
      try dates(nil).date("2026-11-20 09:00:00", records: [record])?.rfc3339
        == "2026-11-20T09:00:00")
  }

  @Test(arguments: [
    ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 01:30"),
    ("Europe/Berlin", "2026-10-25 09:00:00", "2026-10-25 08:00"),
    ("Europe/Berlin", "2026-11-23 09:00:00", "2026-11-23 08:00"),
    ("Europe/Berlin", "2026-10-25 02:30:00+02:00", "2026-10-25 00:30"),
    ("America/St_Johns", "2026-11-01 01:15:00", "2026-11-01 04:45"),
    ("UTC", "2026-11-23 09:00:00", "2026-11-23 09:00"),
    (nil, "2026-11-23 09:00:00", "2026-11-23 23:00"),
  ])
  func `the latest reading is the second pass, or fourteen hours later`(
    _ zone: String?, stored: String, expected: String
  ) throws {
    #expect(try dates(zone).latest(stored) == instant(expected))
  }

  @Test func `a stored date matches the moments that it may mean`() throws {
    let dates = try dates("Europe/Berlin")
    let stored = "2026-10-25 02:30:00"
    for (text, expected) in [
      ("2026-10-25 00:30", true), ("2026-10-25 01:30", true), ("2026-10-25 02:30", false),
    ] {
      #expect(try dates.matches(stored, instant(text)) == expected)
    }
    #expect(try !dates.matches("never", instant("2026-10-25")))
  }

  @Test func `any number of days can be read`() throws {
    let dates = try dates("Europe/Berlin")
    for day in Int64(0)..<10_010 {
      let local = Instant(seconds: day * 86_400 + 43_200)
      let distance = try #require(dates.date(local.databaseText)?.moment) - local
      #expect(distance == .seconds(-3600) || distance == .seconds(-7200))
    }
  }
}
