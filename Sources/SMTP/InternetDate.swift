internal import Base

/// The date and time of a header field (RFC 5322, section 3.3).
package enum InternetDate {
  /// An instant in seconds since 1970 as `Mon, 23 Nov 2026 09:00:00 +0000`.
  package static func text(of seconds: Int64) -> String {
    let date = CivilDate(secondsSince1970: seconds)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][date.daysSince1970.modulo(7)]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let clock = [date.hour, date.minute, date.second].map(CivilDate.twoDigits).joined(
      separator: ":")
    return "\(weekday), \(date.day) \(months[date.month - 1]) \(date.year) \(clock) +0000"
  }
}
