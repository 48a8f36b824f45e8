/// A problem found in the data.
package enum Finding: Equatable, Sendable {
  /// Accounts that share a problem: their number, and some of their addresses.
  package struct Accounts: Equatable, Sendable {
    package let count: Int
    package let sample: [String]
  }

  case damaged(detail: String)
  /// The schema is older than the one that this version writes.
  case oldSchema(found: Int64, current: Int64)
  /// There is no table of accounts.
  case usersMissing
  /// Objects of the schema that another program removed or replaced.
  case objectsMissing([String])
  /// The application migrates the database with Alembic.
  case alembic
  /// Rows with invalid values: their number, and the first.
  case malformedRows(count: Int, first: MalformedRow)
  /// The application's table does not have the required structure.
  case usersTable([UsersTableFault])
  /// Others can access the file.
  case permissions(path: String, UInt32)
  /// Others can write to a directory in the file's path, and so place a journal beside the file.
  case writableDirectory(path: String, isSticky: Bool)
  /// Addresses that differ only in ASCII case.
  case sameAddress([String])
  /// Accounts without a password whose `!` makes the application's login fail with an error.
  case bareMarkers(Accounts)
  /// Passwords that are no hash: they allow no login.
  case unknownHashes(Accounts)
  /// Most of the newest hashes are of another scheme than those that regctl writes.
  case otherScheme(usual: PasswordPolicy.Scheme, configured: PasswordPolicy.Scheme)
  /// Registered or confirmed at an invalid date, or after tomorrow.
  case impossibleDates(Accounts)
  case confirmedWithoutDate(Accounts)
  /// The application registered accounts in local time of an unknown zone.
  case unknownZone(count: Int)
  /// The application registered accounts to which regctl sent no mail, and no setting says who does.
  case unknownMails(count: Int)
  /// The tutorial's administrator, with the tutorial's password.
  case sampleAdministrator(email: String)
  /// A recorded time is in the future.
  case clockBehind(newest: Instant)
  /// An audit entry was changed after it was written.
  case auditChanged(number: Int64)
  /// Mails are overdue.
  case mailStuck(count: Int, since: Instant)
  /// Every mail goes to one address, not to those that they are for.
  case mailsRedirected(to: String)
  /// Mails wait because the server takes no mail from here.
  case mailsDeclined(count: Int, reply: String)
  /// Mails were accepted by a relay, which was then refused for a fault on this side.
  case mailsDeclinedLater(count: Int, reply: String)
  case server(ServerFinding)
  case sender(SenderFinding)
}
