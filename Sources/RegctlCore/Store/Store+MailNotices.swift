internal import Base
internal import Glibc
internal import PostgreSQL
internal import SQL

/// Notices of the server that a mail was queued.
///
/// They only shorten a wait: one that is lost, or that another program does not send, means that the
/// mail is found when the outbox is looked at the next time.
extension Store {
  /// The channel, whose name statements have as text.
  private static let mailChannel: StaticString = "regctl_mail"

  /// Makes the server tell this connection when a mail is queued; it must not be a pooler's.
  ///
  /// Mails that are already queued have to be looked for after this.
  func listenForMail() throws(RegctlError) {
    guard case .server = location else { return }
    let server = server
    if try naming({ () throws(DatabaseError) in try server.isPooled() }) {
      throw .delivery(.pooled(location.text))
    }
    try naming { () throws(DatabaseError) in try server.listen(to: Self.mailChannel) }
  }

  /// How long a mail may wait of which there was no notice.
  var mailPollInterval: Duration {
    switch location {
    case .file: .milliseconds(500)
    case .server: .seconds(5)
    }
  }

  /// Waits until a time, at most until there is a notice; returns whether there is one.
  func awaitMailNotice(until deadline: ContinuousClock.Instant) throws(RegctlError) -> Bool {
    switch location {
    case .file:
      let nap = min(deadline - .now, .seconds(1))
      if nap > .zero { _ = usleep(UInt32(nap.microseconds)) }
      return false
    case .server:
      let server = server
      return try naming { () throws(DatabaseError) in
        try server.awaitNotification(until: deadline)
      }
    }
  }

  /// Tells processes that wait for mail that there is some, when the transaction commits.
  func announceMail() throws(RegctlError) {
    guard case .server = location else { return }
    try run(Statement(postgreSQL: "SELECT pg_catalog.pg_notify('regctl_mail', '')"))
  }
}
