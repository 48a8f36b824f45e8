internal import Base
internal import RegctlCore

/// The zone in which text shows times.
///
/// Errors, hints, findings and tables show times, and few of them know the options of the command.
/// So the zone belongs to the task that runs it, and not to each of these values.
enum DisplayZone {
  /// The zone while a command with `--local` runs; `nil` for UTC.
  @TaskLocal static var current: DatabaseZone?
}

extension Instant {
  /// The instant to the minute, for people: `2026-11-23 09:00 UTC`, or `2026-11-23 10:00 +01:00`
  /// with `--local` in Berlin.
  var displayText: String {
    guard let zone = DisplayZone.current, !zone.isUTC else { return minuteText }
    let local = zone.local(at: self)
    // Before standard time, offsets had seconds, which ISO 8601 has no room for.
    let minutes = Int(local.seconds - seconds) / 60
    let sign = minutes < 0 ? "-" : "+"
    let (hour, minute) = abs(minutes).quotientAndRemainder(dividingBy: 60)
    return "\(local.localMinuteText) \(sign)\(CivilDate.twoDigits(hour)):"
      + CivilDate.twoDigits(minute)
  }
}

extension AccountDate {
  /// The date to the minute, for people; a local time of an unknown zone as it is stored.
  var displayText: String {
    switch self {
    case .moment(let moment): moment.displayText
    case .local(let local): local.localMinuteText
    }
  }
}
