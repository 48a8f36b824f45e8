internal import RegctlCore

extension Ailment {
  /// What is wrong.
  var message: String {
    switch self {
    case .damaged(let detail): "damaged: \(TerminalText.escape(detail))"
    case .malformedRows(let count, let first):
      "\(count) \(count == 1 ? "row holds" : "rows hold") a value that cannot be: "
        + TerminalText.escape(first.description)
    case .usersTable(let faults):
      "the users table cannot be used: "
        + faults.map(Diagnostic.words).joined(separator: "; ")
    case .permissions(let path, let permissions):
      "everybody may \(permissions & 0o002 == 0 ? "read" : "write") \(TerminalText.quote(path))"
    case .writableDirectory(let path, _):
      "everybody may write to the directory \(TerminalText.quote(path))"
    case .sameAddress(let groups):
      "\(groups.count) addresses in several spellings: \(Self.list(groups))"
    case .mangledHashes(let accounts):
      "\(Self.words(accounts)) with a hash written as hexadecimal text"
    case .unknownHashes(let accounts): "\(Self.words(accounts)) with what is no bcrypt hash"
    case .impossibleDates(let accounts): "\(Self.words(accounts)) with an impossible date"
    case .confirmedWithoutDate(let accounts): "\(Self.words(accounts)) confirmed without a date"
    case .unknownZone(let count):
      "the application registered \(count) \(count == 1 ? "account" : "accounts"), in local time"
    case .sampleAdministrator(let email):
      "\(TerminalText.quote(email)) has the password that the tutorial prints"
    case .clockBehind(let newest): "something was written down at \(newest.minuteText)"
    case .auditChanged(let number):
      "act \(number) is not what was written, or one before it is gone"
    case .mailStuck(let count, let since):
      "\(count) \(count == 1 ? "mail has" : "mails have") been due since \(since.minuteText)"
    }
  }

  /// What to type, or to do.
  var advice: Hint {
    switch self {
    case .damaged: "stop everything, copy the file, and go back to a backup"
    case .malformedRows: "correct it with sqlite3: commands that read it stop there"
    case .usersTable: "make the table again as the application's model has it"
    case .permissions(let path, _): Hint(ShellCommand("chmod o=", path))
    case .writableDirectory(_, isSticky: true): "move the database to a directory of its own"
    case .writableDirectory(let path, isSticky: false): Hint(ShellCommand("chmod o-w", path))
    case .sameAddress:
      "let one of each go in the application, then regctl migrate-db --unique-email"
    case .mangledHashes(let accounts), .unknownHashes(let accounts):
      "they cannot log in: \(ShellCommand("regctl set-password", Self.first(accounts)))"
    case .impossibleDates(let accounts):
      """
      prune keeps them; correct the application, and see: \
      \(ShellCommand("regctl show", Self.first(accounts)))
      """
    case .confirmedWithoutDate: "reports leave them out; correct the application"
    case .unknownZone: "set legacy_timezone, such as Europe/Berlin, so that prune knows their age"
    case .sampleAdministrator(let email): Hint(ShellCommand("regctl set-password", email))
    case .clockBehind: "set the clock: links of the future are refused"
    case .auditChanged: "compare regctl audit with that of a backup"
    case .mailStuck: "run regctl deliver every minute, by cron or its timer"
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
