internal import SQL

/// How many mails were sent in each minute, where their number is limited.
extension Store {
  /// The number of mails that were sent since the beginning of the minute of a time.
  func mailsSent(sinceMinuteOf moment: Instant) throws(RegctlError) -> Int {
    try first(
      "SELECT CAST(coalesce(sum(mails), 0) AS BIGINT) FROM regctl_pace WHERE minute >= $1",
      .integer(Self.minute(of: moment))
    ) { $0.count(0) } ?? 0
  }

  /// Counts mails in the minute in which they were sent, and forgets minutes before a time.
  func countSent(
    _ mails: Int, at now: Instant, forgettingUntil past: Instant
  ) throws(RegctlError) {
    try run("DELETE FROM regctl_pace WHERE minute < $1", .integer(Self.minute(of: past)))
    try changeOne(
      of: "regctl_pace",
      """
      INSERT INTO regctl_pace (minute, mails) VALUES ($1, $2)
      ON CONFLICT (minute) DO UPDATE SET mails = regctl_pace.mails + excluded.mails
      """, .integer(Self.minute(of: now)), .integer(Int64(mails)))
  }

  private static func minute(of moment: Instant) -> Int64 { moment.seconds / 60 }
}
