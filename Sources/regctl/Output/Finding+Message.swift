internal import Base
internal import RegctlCore

extension Finding {
  /// The description of the finding.
  var message: String {
    switch self {
    case .damaged(let detail): "damaged: \(TerminalText.escape(detail))"
    case .oldSchema(let found, let current):
      "the database has schema \(found); the current schema is \(current)"
    case .usersMissing: "there is no table named users"
    case .objectsMissing(let objects):
      "another program removed or changed \(objects.joined(separator: ", "))"
    case .alembic: "the application uses Alembic, which drops what no model knows"
    case .malformedRows(let count, let first):
      "\(count) \(count == 1 ? "row holds" : "rows hold") an invalid value: "
        + TerminalText.escape(first.description)
    case .usersTable(let faults):
      "the users table cannot be used: "
        + faults.map(Diagnostic.words).joined(separator: "; ")
    case .permissions(let path, let permissions):
      "\(TerminalText.quote(path)) is \(permissions & 0o002 == 0 ? "readable" : "writable") by others"
    case .writableDirectory(let path, _):
      "the directory \(TerminalText.quote(path)) is writable by others"
    case .sameAddress(let groups):
      "\(groups.count) addresses with several spellings: \(Self.list(groups))"
    case .bareMarkers(let accounts):
      "\(Self.words(accounts)) with the password !, which the application cannot read"
    case .unknownHashes(let accounts):
      "\(Self.words(accounts)) with a password that is not a known hash"
    case .otherScheme(let usual, let configured):
      "the newest hashes are of \(usual.rawValue), and regctl writes \(configured.rawValue)"
    case .impossibleDates(let accounts): "\(Self.words(accounts)) with an invalid date"
    case .confirmedWithoutDate(let accounts): "\(Self.words(accounts)) confirmed without a date"
    case .unknownZone(let count):
      "the application registered \(count) \(count == 1 ? "account" : "accounts"), in local time"
    case .unknownMails(let count):
      "the application registered \(count) unconfirmed \(count == 1 ? "account" : "accounts")"
        + " without a mail of regctl"
    case .sampleAdministrator(let email):
      "\(TerminalText.quote(email)) has the tutorial's published password"
    case .clockBehind(let newest):
      "the newest record is dated \(newest.displayText), later than now"
    case .auditChanged(let number):
      "audit entry \(number) was changed, or an entry before it was deleted"
    case .mailStuck(let count, let since):
      "\(count) \(count == 1 ? "mail has" : "mails have") been due since \(since.displayText)"
    case .mailsRedirected(let address):
      "every mail goes to \(TerminalText.escape(address)), not to its own recipient"
    case .mailsDeclined(let count, let reply):
      "\(Plural.count(count, "mail waits", "mails wait")) because the server does not take mail from "
        + "here: \(TerminalText.quote(reply))"
    case .mailsDeclinedLater(let count, let reply):
      "another server refused \(Plural.count(count, "mail")) of the relay, because it does not take "
        + "mail from here: \(TerminalText.quote(reply))"
    case .server(let finding): finding.message
    case .sender(let finding): finding.message
    }
  }

  /// The hint for correcting it.
  var advice: Hint {
    switch self {
    case .oldSchema, .objectsMissing, .bareMarkers: "regctl migrate-db"
    case .usersMissing: "create the table with the application, then regctl migrate-db"
    case .alembic: DatabaseAdvice.alembic
    case .damaged: "stop the application, copy the file, and restore a backup"
    case .malformedRows: DatabaseAdvice.correctListedRows
    case .usersTable(let faults) where faults.allSatisfy(\.isMissingLanguage):
      DatabaseAdvice.language
    case .usersTable: "create the table again from the application's model"
    case .permissions(let path, _): Hint(ShellCommand("chmod o=", path))
    case .writableDirectory(_, isSticky: true): "move the database to a directory of its own"
    case .writableDirectory(let path, isSticky: false): Hint(ShellCommand("chmod o-w", path))
    case .sameAddress:
      "delete all but one of each in the application, then regctl migrate-db --unique-email"
    case .unknownHashes(let accounts):
      "they cannot log in: \(ShellCommand("regctl set-password", Self.first(accounts)))"
    case .otherScheme(let usual, _):
      "if the application cannot read both, set password_scheme = \(quoting: usual.rawValue)"
    case .impossibleDates(let accounts):
      """
      prune keeps them; fix the application, and see: \
      \(ShellCommand("regctl show", Self.first(accounts)))
      """
    case .confirmedWithoutDate: "reports leave them out; fix the application"
    case .unknownZone:
      "set db_timezone, for example to Europe/Berlin, so that their dates and ages are known"
    case .unknownMails:
      "set application_mails: yes if the application mails its links, so that prune takes them; else no"
    case .sampleAdministrator(let email): Hint(ShellCommand("regctl set-password", email))
    case .clockBehind: "set the clock: links from the future are refused"
    case .auditChanged: "compare regctl audit with that of a backup"
    case .mailStuck: "run regctl deliver every minute, from cron or by its timer"
    case .mailsRedirected: "remove mail_redirect_all where users wait for their mail"
    case .mailsDeclined:
      "ask who runs the server; regctl send-test shows each step, and regctl deliver tries again"
    case .mailsDeclinedLater:
      "ask who runs the relay; see: \(ShellCommand("regctl list-bounces", options: ["--state": "declined"]))"
    case .server(let finding): finding.advice
    case .sender(let finding): finding.advice
    }
  }

  private static func words(_ accounts: Accounts) -> String {
    "\(accounts.count) \(accounts.count == 1 ? "account" : "accounts")"
      + " (\(list(accounts.sample))\(accounts.count > accounts.sample.count ? ", ..." : ""))"
  }

  private static func list(_ emails: [String]) -> String {
    emails.prefix(3).map(TerminalText.escape).joined(separator: ", ")
  }

  private static func first(_ accounts: Accounts) -> String { accounts.sample.first ?? "EMAIL" }
}
