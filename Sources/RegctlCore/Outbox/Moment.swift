/// Something that a database remembers the last time of.
enum Moment: String, CaseIterable, Sendable {
  case stoppedAlarm = "alarm_stopped"
  case overdueAlarm = "alarm_overdue"
  case expiredAlarm = "alarm_expired"
  case refusedAlarm = "alarm_refused"
  case heldAlarm = "alarm_held"
  /// Held mails were released.
  case release
}
