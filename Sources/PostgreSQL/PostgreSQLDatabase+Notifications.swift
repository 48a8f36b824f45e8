package import SQL

/// Notifications, which a server sends to the sessions that listen when a transaction commits.
///
/// See <https://www.postgresql.org/docs/15/sql-notify.html>. A pooler gives the session to others, so
/// there must be none (`isPooled`).
extension PostgreSQLDatabase {
  /// Listens to a channel until the connection ends.
  package func listen(to channel: StaticString) throws(DatabaseError) {
    try execute("LISTEN \(channel)")
  }

  /// Waits until a time for a notification, and returns whether one came since the last call.
  package func awaitNotification(
    until deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Bool {
    try connection.awaitNotification(until: deadline)
  }
}
