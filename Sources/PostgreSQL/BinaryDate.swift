internal import Base

/// Dates in PostgreSQL's binary form, as text.
///
/// The text of a time is the one that SQLAlchemy stores in SQLite, of 26 bytes for the years 1 to
/// 9999: `2026-11-23 09:00:00.000000`. PostgreSQL reads each text as the same date. See
/// `timestamp.h` and `date.h` of PostgreSQL.
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
    if date.isBeforeChrist { text += " BC".utf8 }
    return text
  }

  /// The text of a date in days since 2000-01-01.
  static func text(ofDays days: Int32) -> [UInt8] {
    if let infinite = infinite(days) { return infinite }
    let date = CivilDate(secondsSince1970: Int64(days) * 86_400 + epoch)
    return text(of: date) + Array((date.isBeforeChrist ? " BC" : "").utf8)
  }

  private static func infinite<Number: FixedWidthInteger>(_ number: Number) -> [UInt8]? {
    if number == .max { return Array("infinity".utf8) }
    return number == .min ? Array("-infinity".utf8) : nil
  }

  /// The year, the month and the day; a year after 9999 has more digits than others, and one before
  /// the year 1 is marked as such at the end, as in PostgreSQL's own texts.
  private static func text(of date: CivilDate) -> [UInt8] {
    var text: [UInt8] = []
    if date.year > 9999 { text += "\(date.year / 10_000)".utf8 }
    CivilDate.append(date.isBeforeChrist ? 1 - date.year : date.year, digits: 4, to: &text)
    text += "-\(CivilDate.twoDigits(date.month))-\(CivilDate.twoDigits(date.day))".utf8
    return text
  }
}

extension CivilDate {
  /// Whether the year is 0, which is 1 BC, or negative.
  fileprivate var isBeforeChrist: Bool { year < 1 }
}
