internal import SQL

/// When something happened last. A database of schema 6 or earlier remembers nothing.
extension Store {
  /// When something happened last; `nil` if it never did.
  func moment(_ moment: Moment) throws(RegctlError) -> Instant? {
    guard keepsMoments else { return nil }
    return try first(
      "SELECT at FROM regctl_moments WHERE name = $1", .text(moment.rawValue)
    ) { $0.instant(0) }
  }

  /// Notes when something happened; call it in a transaction.
  func set(_ moment: Moment, to now: Instant) throws(RegctlError) {
    guard keepsMoments else { return }
    try changeOne(
      of: "regctl_moments",
      """
      INSERT INTO regctl_moments (name, at) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET at = excluded.at
      """, .text(moment.rawValue), .integer(now.seconds))
  }
}
