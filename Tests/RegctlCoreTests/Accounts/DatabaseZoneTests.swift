import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DatabaseZone") struct DatabaseZoneTests {
  private func moments(_ local: String, _ zone: String) throws -> [String] {
    let instant = try #require(Instant(parsing: local))
    let range = try DatabaseZone(zone).moments(ofLocal: instant)
    return [range.lowerBound.rfc3339, range.upperBound.rfc3339]
  }

  // The expectations are those of Python's zoneinfo.
  @Test(arguments: [
    ("2026-11-23 09:00", "UTC", "2026-11-23T09:00:00Z"),
    ("2026-11-23 09:00", "Europe/Berlin", "2026-11-23T08:00:00Z"),
    ("2026-07-23 09:00", "Europe/Berlin", "2026-07-23T07:00:00Z"),
    ("2026-11-23 09:00", "Asia/Tokyo", "2026-11-23T00:00:00Z"),
    ("2026-11-23 09:00", "America/Los_Angeles", "2026-11-23T17:00:00Z"),
    ("2026-11-23 09:00", "Asia/Kathmandu", "2026-11-23T03:15:00Z"),
    ("2026-11-23 09:00", "Pacific/Kiritimati", "2026-11-22T19:00:00Z"),
    ("2026-11-23 09:00", "Etc/GMT+12", "2026-11-23T21:00:00Z"),
    ("1999-12-31 23:59:59", "Europe/Berlin", "1999-12-31T22:59:59Z"),
    ("2050-07-01 00:00", "Europe/Berlin", "2050-06-30T22:00:00Z"),
  ])
  func `a local time is one instant`(_ local: String, zone: String, expected: String) throws {
    #expect(try moments(local, zone) == [expected, expected])
  }

  @Test(arguments: [
    // Clocks are set back: from 03:00 to 02:00, from 02:00 to 01:00, and by half an hour.
    ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
    ("2026-10-25 01:59:59", "Europe/Berlin", "2026-10-24T23:59:59Z", "2026-10-24T23:59:59Z"),
    ("2026-10-25 03:00", "Europe/Berlin", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"),
    ("2026-11-01 01:15", "America/New_York", "2026-11-01T05:15:00Z", "2026-11-01T06:15:00Z"),
    ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
    // The same without summer time, when Russia changed its offset.
    ("2014-10-26 01:30", "Europe/Moscow", "2014-10-25T21:30:00Z", "2014-10-25T22:30:00Z"),
    // Clocks are set forward, from 02:00 to 03:00: this time does not exist.
    ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
    ("2026-03-29 03:00", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
  ])
  func `a repeated local time is two instants`(
    _ local: String, zone: String, first: String, second: String
  ) throws {
    #expect(try moments(local, zone) == [first, second])
  }

  @Test(arguments: [
    ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00Z"),
    ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:30:00Z"),
    ("2026-11-01 01:15", "America/St_Johns", "2026-11-01T03:45:00Z"),
    ("2026-11-23 09:00", "America/St_Johns", "2026-11-23T12:30:00Z"),
    ("2026-11-23 09:00", "UTC", "2026-11-23T09:00:00Z"),
  ])
  func `the offset before a change is preferred, as by Python`(
    _ local: String, zone: String, expected: String
  ) throws {
    let instant = try #require(Instant(parsing: local))
    let zone = try DatabaseZone(zone)
    #expect(zone.moment(ofLocal: instant).rfc3339 == expected)
  }

  @Test(arguments: [
    ("2026-10-25 01:30", "Europe/Berlin", "2026-10-25T02:30:00"),
    ("2026-10-25 00:30", "Europe/Berlin", "2026-10-25T02:30:00"),
    ("2026-11-23 09:00", "Pacific/Kiritimati", "2026-11-23T23:00:00"),
    ("2026-11-23 09:00", "UTC", "2026-11-23T09:00:00"),
  ])
  func `a moment has one local time`(_ utc: String, zone: String, expected: String) throws {
    let moment = try #require(Instant(parsing: utc))
    #expect(try DatabaseZone(zone).local(at: moment).localText == expected)
  }

  @Test func `a day has an offset unless clocks are changed near it`() throws {
    let berlin = try DatabaseZone("Europe/Berlin")
    let change = Int64(20_751)  // 2026-10-25
    #expect(
      (-2...2).map { berlin.offset(onLocalDay: change + $0) } == [7200, nil, nil, nil, 3600])
    #expect(DatabaseZone.utc.offset(onLocalDay: 0) == 0)
    #expect(try DatabaseZone.utc == DatabaseZone("UTC"))
  }

  @Test(arguments: [
    ("Europe/Berlin", "Europe/Berlin"), (":Asia/Tokyo", "Asia/Tokyo"), ("", "UTC"),
    ("Etc/UTC", "UTC"), ("CET-1CEST,M3.5.0,M10.5.0/3", nil), ("../etc/passwd", nil),
  ])
  func `the variable TZ names the zone of the system`(_ variable: String, zone: String?) {
    #expect(DatabaseZone.ofSystem(variable: variable)?.name == zone)
  }

  @Test func `without the variable a link does`() throws {
    let directory = try TemporaryDirectory()
    let link = "\(directory.path)/localtime"
    #expect(DatabaseZone.ofSystem(variable: nil, link: link) == nil)
    for (target, zone) in [
      ("/usr/share/zoneinfo/America/St_Johns", "America/St_Johns"), ("/etc/passwd", nil),
      ("/usr/share/zoneinfo/tzdata.zi", nil),
    ] {
      symlink(target, link)
      #expect(DatabaseZone.ofSystem(variable: nil, link: link)?.name == zone)
      unlink(link)
    }
  }

  // As with date(1).
  @Test func `clocks follow a rule, and a file that has no name`() throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/localtime"
    let noon = Instant(seconds: 1_795_435_200)
    func hours(_ variable: String?) -> Duration {
      DatabaseZone.ofClocks(variable: variable, file: file).local(at: noon) - noon
    }
    let tokyo = try FileSystem.read("/usr/share/zoneinfo/Asia/Tokyo", atMost: 100_000)
    try FileSystem.create(file, content: tokyo)
    #expect(hours(nil) == .seconds(9 * 3600))
    #expect(hours(file) == .seconds(9 * 3600))
    #expect(hours(":EST5EDT,M3.2.0,M11.1.0") == .seconds(-5 * 3600))
    for missing in ["Europe/Berln", "\(file).none"] { #expect(hours(missing) == .zero) }
  }

  @Test func `fractions of a second are kept`() throws {
    let local = Instant(microseconds: 1_795_424_400_123_456)
    #expect(
      try DatabaseZone("Asia/Tokyo").moments(ofLocal: local).lowerBound
        == local - .seconds(9 * 3600))
  }

  @Test(.timeLimit(.minutes(10)))
  func `several threads can use several zones`() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (zone, hours) in [("Asia/Tokyo", 9), ("Etc/GMT+12", -12), ("Etc/GMT-14", 14)] {
        group.addTask {
          let zone = try DatabaseZone(zone)
          for second in Int64(0)..<2000 {
            let local = Instant(seconds: second * 86_400)
            #expect(
              zone.moments(ofLocal: local).lowerBound == local - .seconds(Int64(hours) * 3600))
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test(arguments: [
    ("Europe/Berln", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"),
    ("Berlin", "Europe/Berlin"),
    ("Los_Angeles", "America/Los_Angeles"), ("utc", "UTC"), ("Nowhere/Atlantis", nil), ("", nil),
    ("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"), ("../zoneinfo/UTC", nil),
    ("Europe", "Europe/"), ("zone.tab", nil), ("Europe/Berlin\n", "Europe/Berlin"),
  ])
  func `an invalid zone is rejected with the nearest one`(_ name: String, suggestion: String?) {
    do throws(DatabaseZone.Fault) {
      _ = try DatabaseZone(name)
      Issue.record("\(name) is a zone")
    } catch {
      guard case .unknown(let found) = error else {
        Issue.record("\(error)")
        return
      }
      if let suggestion {
        #expect(found?.hasPrefix(suggestion) == true, "\(found ?? "nothing")")
      }
    }
  }
}
