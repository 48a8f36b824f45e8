/// A time as year, month, day and time of day in UTC (proleptic Gregorian calendar).
package struct CivilDate: Equatable, Sendable {
  package let year: Int
  package let month: Int
  package let day: Int
  package let hour: Int
  package let minute: Int
  package let second: Int

  /// Whole days since 1970-01-01.
  package let daysSince1970: Int

  /// The date of a time in seconds since 1970.
  package init(secondsSince1970 seconds: Int64) {
    let secondOfDay = Int(seconds).modulo(86_400)
    daysSince1970 = (Int(seconds) - secondOfDay) / 86_400
    (hour, minute, second) = (secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60)
    // Years are counted from 1 March, so that the leap day is the last of its year:
    // https://howardhinnant.github.io/date_algorithms.html, `civil_from_days`.
    let shifted = daysSince1970 + 719_468
    let dayOfEra = shifted.modulo(146_097)
    let era = (shifted - dayOfEra) / 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  }

  /// The days since 1970-01-01 of a date, or `nil` for an invalid date.
  package static func days(year: Int, month: Int, day: Int) -> Int? {
    guard isDay(year: year, month: month, day: day) else { return nil }
    let shiftedYear = month <= 2 ? year - 1 : year
    let yearOfEra = shiftedYear.modulo(400)
    let era = (shiftedYear - yearOfEra) / 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Whether there is such a day.
  static func isDay(year: Int, month: Int, day: Int) -> Bool {
    (0...9999).contains(year) && (1...12).contains(month) && day >= 1
      && day <= dayCount(ofMonth: month, in: year)
  }

  private static func dayCount(ofMonth month: Int, in year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  // MARK: Text

  /// Appends the date: `2026-11-23`.
  package func appendDate(to bytes: inout [UInt8]) {
    // The formats allow four digits only.
    Self.append(min(max(year, 0), 9999), digits: 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.append(month, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.append(day, digits: 2, to: &bytes)
  }

  /// Appends the hour and the minute: `09:00`.
  package func appendMinute(to bytes: inout [UInt8]) {
    Self.append(hour, digits: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    Self.append(minute, digits: 2, to: &bytes)
  }

  /// Appends the time of day: `09:00:00`.
  package func appendTime(to bytes: inout [UInt8]) {
    appendMinute(to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    Self.append(second, digits: 2, to: &bytes)
  }

  /// A number from 0 to 99 with a leading zero.
  package static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  /// Appends the last digits of a number, with leading zeros.
  package static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }
}

extension Int {
  /// The remainder that is never negative, for a positive divisor.
  package func modulo(_ divisor: Int) -> Int {
    let rest = self % divisor
    return rest < 0 ? rest + divisor : rest
  }
}
