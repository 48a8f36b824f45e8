import Testing

@testable import Base

@Suite("CivilDate") struct CivilDateTests {
  @Test(
    arguments: [
      (0, "1970-1-1 0:0:0"), (-1, "1969-12-31 23:59:59"), (86_399, "1970-1-1 23:59:59"),
      (86_400, "1970-1-2 0:0:0"), (951_782_400, "2000-2-29 0:0:0"), (951_868_800, "2000-3-1 0:0:0"),
      (1_709_164_800, "2024-2-29 0:0:0"), (1_795_424_400, "2026-11-23 9:0:0"),
      (2_147_483_648, "2038-1-19 3:14:8"), (4_107_542_400, "2100-3-1 0:0:0"),
      (4_294_967_296, "2106-2-7 6:28:16"), (253_402_300_799, "9999-12-31 23:59:59"),
      (-2_203_891_200, "1900-3-1 0:0:0"), (-11_670_998_400, "1600-2-29 0:0:0"),
      (-62_135_596_800, "1-1-1 0:0:0"), (-62_167_219_200, "0-1-1 0:0:0"),
      (-62_167_219_201, "-1-12-31 23:59:59"),
    ] as [(Int64, String)])
  func `an instant has a date and a time`(_ seconds: Int64, text: String) {
    let date = CivilDate(secondsSince1970: seconds)
    #expect(
      "\(date.year)-\(date.month)-\(date.day) \(date.hour):\(date.minute):\(date.second)" == text)
  }

  @Test func `every day of four centuries follows the one before`() throws {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var expected = try #require(CivilDate.days(year: 1899, month: 12, day: 31))
    for year in 1900..<2300 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for month in 1...12 {
        for day in 1...(lengths[month - 1] + (month == 2 && isLeap ? 1 : 0)) {
          expected += 1
          guard CivilDate.days(year: year, month: month, day: day) == expected else {
            Issue.record("\(year)-\(month)-\(day)")
            return
          }
        }
      }
    }
  }

  @Test(arguments: [
    (2026, 2, 29), (2100, 2, 29), (1900, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1),
    (2026, 1, 0), (2026, 1, 32), (-1, 1, 1), (10_000, 1, 1),
  ])
  func `an invalid date is nil`(_ year: Int, month: Int, day: Int) {
    #expect(CivilDate.days(year: year, month: month, day: day) == nil)
  }

  @Test(arguments: [(7, 7, 0), (8, 7, 1), (-1, 7, 6), (-7, 7, 0), (-8, 7, 6)])
  func `a remainder is never negative`(_ number: Int, divisor: Int, rest: Int) {
    #expect(number.modulo(divisor) == rest)
  }
}
