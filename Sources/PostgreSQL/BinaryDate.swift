internal import Base

/// Dates in PostgreSQL's binary form, as text.
///
/// The text of a time is the one that SQLAlchemy stores in SQLite, of 26 bytes for the years 0 to
/// 9999: `2026-11-23 09:00:00.000000`. See `timestamp.h` and `date.h` of PostgreSQL.
enum BinaryDate {
  /// The seconds from 1970 to 2000, when PostgreSQL's time begins.
  private static let epoch: Int64 = 946_684_800

  /// The text of a time in microseconds since 2000-01-01.
  static func text(ofMicroseconds microseconds: Int64) -> [UInt8] {
    if let infinite = infinite(microseconds) { return infinite }
    let microsecond = Int(microseconds % 1_000_000 + 1_000_000) % 1_000_000
    let seconds = (microseconds - Int64(microsecond)) / 1_000_000
    let date = CivilDate(secondsSince1970: seconds + epoch)
    var text = Self.text(of: date)
    text.append(UInt8(ascii: " "))
    date.appendTime(to: &text)
    text.append(UInt8(ascii: "."))
    CivilDate.append(microsecond, digits: 6, to: &text)
    return text
  }

  /// The text of a date in days since 2000-01-01.
  static func text(ofDays days: Int32) -> [UInt8] {
    if let infinite = infinite(days) { return infinite }
    return text(of: CivilDate(secondsSince1970: Int64(days) * 86_400 + epoch))
  }

  private static func infinite<Number: FixedWidthInteger>(_ number: Number) -> [UInt8]? {
    if number == .max { return Array("infinity".utf8) }
    return number == .min ? Array("-infinity".utf8) : nil
  }

  /// A date with its year in four digits, or in more and with a sign where those are not enough, so
  /// that it is not taken for another date.
  private static func text(of date: CivilDate) -> [UInt8] {
    var text: [UInt8] = []
    guard !(0...9999).contains(date.year) else {
      date.appendDate(to: &text)
      return text
    }
    text += "\(date.year)-\(CivilDate.twoDigits(date.month))-\(CivilDate.twoDigits(date.day))".utf8
    return text
  }
}
