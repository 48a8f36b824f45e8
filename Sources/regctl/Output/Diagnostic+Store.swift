internal import RegctlCore

extension Diagnostic {
  /// The words for what the database refuses; SQLite's own words only when asked for.
  init(_ error: StoreError, isVerbose: Bool) {
    func detailed(_ message: String, _ detail: String) -> String {
      isVerbose && !detail.isEmpty ? "\(message) (\(TerminalText.escape(detail)))" : message
    }
    switch error {
    case .missing(let path):
      self.init(
        .dbMissing, .noInput, "there is no database \(TerminalText.quote(path))",
        hint: "regctl create-db, or name another with --db")
    case .exists(let path):
      self.init(
        .dbExists, .cannotCreate, "\(TerminalText.quote(path)) exists already",
        hint: "nothing to do, or name another file")
    case .busy:
      self.init(
        .dbBusy, .temporary, "another process kept the database locked",
        hint: "run the command again, or wait longer with --busy-timeout 30s")
    case .corrupt(let detail):
      self.init(
        .dbCorrupt, .inputOutput, detailed("the database is damaged", detail),
        hint: "restore a backup, or see what is left with sqlite3 and .recover")
    case .malformed(let row):
      self.init(
        .dbCorrupt, .inputOutput,
        "the database is damaged: \(TerminalText.escape(row.description))",
        hint: row.fault == .order
          ? "copy the database, then: sqlite3 DATABASE REINDEX"
          : "correct the row with sqlite3, or restore a backup; regctl doctor lists such rows")
    case .ignored(let table, let triggers):
      let names = triggers.map(TerminalText.quote).joined(separator: ", ")
      self.init(
        .schemaMissing, .inputOutput,
        "the table \(table) ignored a change, which was not made"
          + (names.isEmpty ? "" : "; its triggers: \(names)"),
        hint: "a trigger with RAISE(IGNORE) must let regctl's changes pass")
    case .schemaChanged(let detail):
      self.init(
        .schemaMissing, .inputOutput,
        "a table or column is missing or has changed: \(TerminalText.escape(detail))",
        hint: "regctl doctor, then regctl migrate-db")
    case .full:
      self.init(
        .dbFull, .inputOutput, "the disk is full; nothing was changed", hint: "free some space")
    case .readOnly(let refusal):
      self.init(
        .dbReadonly, .noPermission, detailed(Self.words(for: refusal.cause), refusal.detail),
        hint: Self.hint(for: refusal))
    case .constraint(let detail):
      self.init(
        .schemaMissing, .inputOutput,
        "the users table refuses the row: \(TerminalText.escape(detail))",
        hint: "its further columns need default values before regctl can add accounts")
    case .notADatabase(let path):
      self.init(
        .notADatabase, .inputOutput, "\(TerminalText.quote(path)) is no SQLite database",
        hint: "name the right file with --db")
    case .schemaTooNew(let found, let supported):
      self.init(
        .schemaTooNew, .inputOutput,
        "the database has schema \(found), and this regctl knows \(supported); nothing was touched",
        hint: "install the newer regctl")
    case .schemaMissing(let path, let hasUsers):
      if hasUsers {
        self.init(
          .schemaMissing, .inputOutput,
          "\(TerminalText.quote(path)) is an application's database that regctl has not adopted",
          hint: "regctl migrate-db --dry-run, then regctl migrate-db")
      } else {
        self.init(
          .schemaMissing, .inputOutput, "\(TerminalText.quote(path)) has no users table",
          hint: "name another database with --db, or make one with regctl create-db")
      }
    case .foreignUsersTable(let path, let faults):
      self.init(
        .schemaMissing, .inputOutput,
        "the users table of \(TerminalText.quote(path)) cannot be used: "
          + faults.map(Self.words).joined(separator: "; "),
        hint: faults == [.emailNotUnique]
          ? "regctl migrate-db --unique-email" : "name another database with --db")
    case .duplicateAddresses(let groups):
      let listed = groups.prefix(5).map(TerminalText.escape).joined(separator: "; ")
      self.init(
        .alreadyRegistered, .refused,
        "\(groups.count == 1 ? "one address has" : "\(groups.count) addresses have") "
          + "several accounts that differ in case only: \(listed)",
        hint: "delete or rename all but one of each, or migrate without --unique-email")
    case .auditChanged(let number):
      self.init(
        .dbCorrupt, .inputOutput,
        "act \(number) of the audit is not what was written, or one before it is gone",
        hint: "compare regctl audit with that of a backup, with --db BACKUP")
    case .auditHashMissing:
      self.init(
        .dbCorrupt, .inputOutput, "no act of the audit has this hash",
        hint: "acts are gone, or all from some moment on were written anew: compare with a backup")
    case .inputOutput(let detail):
      self.init(.ioError, .inputOutput, detailed("the database cannot be read or written", detail))
    case .unexpected(let code, let detail):
      self.init(
        .internal, .software,
        "SQLite answered \(code), which is a bug in regctl \(Regctl.version)"
          + (detail.isEmpty ? "" : ": \(TerminalText.escape(detail))"),
        hint: "please report it with the command line you used")
    }
  }

  static func words(for fault: UsersTableFault) -> String {
    switch fault {
    case .notATable(let kind): "it is not a table but of the kind '\(kind)'"
    case .withoutRowID: "it is a WITHOUT ROWID table"
    case .missingColumn(let name): "it has no column \(name)"
    case .generatedColumn(let name): "\(name) is a generated column"
    case .identity(let type):
      "id is \(type.isEmpty ? "without a type" : TerminalText.escape(type)), not INTEGER PRIMARY KEY"
    case .nullValues(let column, let count):
      "\(column) of \(count == 1 ? "an account" : "\(count) accounts") is NULL"
    case .type(let column, let type): "\(column) has the type \(TerminalText.escape(type))"
    case .emailNotUnique: "email is not unique"
    case .collation(let column, let name):
      "\(column) has the collation \(TerminalText.escape(name)), which regctl does not have"
    case .numbersBelowOne(let count):
      count == 1 ? "an account has a number below 1" : "\(count) accounts have numbers below 1"
    }
  }

  private static func words(for cause: ReadOnlyRefusal.Cause) -> String {
    switch cause {
    case .file: "the database, or the log beside it, cannot be written"
    case .directory: "the directory of the database cannot be written"
    case .log: "the log beside the database cannot be opened, or its index made"
    case .interruptedChange: "an interrupted change has to be completed first"
    }
  }

  /// The user who may do it, and what completes an interrupted change.
  private static func hint(for refusal: ReadOnlyRefusal) -> Hint {
    guard let owner = refusal.owner else {
      return "run as the user who owns the database and its directory"
    }
    guard refusal.cause == .interruptedChange else {
      return "run it as the user who owns the database: \(ShellCommand(as: owner, "regctl"))"
    }
    return Hint(
      ShellCommand(
        as: owner, ShellCommand("regctl list-admins --quiet", options: ["--db": refusal.path])))
  }

  /// The words for mail that cannot leave.
  init(_ error: DeliveryError) {
    switch error {
    case .notConfigured:
      self.init(
        .mailNotConfigured, .configuration, "nothing says how mail leaves this machine",
        hint: "set mail_transport in regctl.conf, for a try: mail_transport = stdout")
    case .missingSetting(let key):
      self.init(
        .mailNotConfigured, .configuration, "\(key) is not set",
        hint: "set \(quoting: key) in regctl.conf; see regctl config")
    case .clearText(let server):
      self.init(
        .configError, .configuration,
        "mail_security = none is for this machine only, and \(TerminalText.quote(server)) is another",
        hint: "set mail_security to tls or starttls")
    case .passwordInClear:
      self.init(
        .configError, .configuration,
        "mail_username is set, and with mail_security = none the password would travel in clear",
        hint: "set mail_security to tls or starttls, or take mail_username away")
    case .running(let lock):
      self.init(
        .deliverRunning, .temporary,
        "another deliver is running (lock \(TerminalText.quote(lock)))",
        hint: "nothing to do: it will send what is due")
    case .outboxDamaged:
      self.init(
        .dbCorrupt, .inputOutput,
        "the database is damaged: an index of regctl_outbox does not agree with the table",
        hint: "copy the database, then: sqlite3 DATABASE REINDEX")
    case .unavailable(let reason):
      self.init(
        .mailUnavailable, .unavailable, "mail cannot leave: \(TerminalText.escape(reason))",
        hint: "the mails wait; repair it and run regctl deliver again")
    }
  }

  /// The words for a run of prune that is not made, or not undone.
  init(_ error: PruneError) {
    switch error {
    case .tooMany(let count, let limit):
      self.init(
        .pruneCap, .refused, "\(count) accounts would go, more than \(limit): nothing is deleted",
        hint: "look with regctl prune --dry-run, then use --max \(count)")
    case .moreThanHalf(let count, let total):
      self.init(
        .pruneCap, .refused,
        "\(count) of \(total) accounts would go, more than half: nothing is deleted",
        hint: "look with regctl prune --dry-run, then use --max \(count)")
    case .unknownRun(let run, let email):
      self.init(
        .notFound, .noUser,
        "nothing of run \(run) is in the archive"
          + (email.map { " for \(TerminalText.quote($0))" } ?? ""), hint: "regctl list-prunes")
    case .plan(let path, let line, let fault):
      let another: Hint = "make another plan with regctl prune --plan FILE"
      self.init(
        .invalidValue, .data,
        "\(TerminalText.quote(path)) line \(line): \(Self.words(for: fault))",
        hint: fault == .changed ? "see regctl list-prunes, then \(another)" : another)
    }
  }

  private static func words(for fault: PrunePlan.Fault) -> String {
    let words =
      switch fault {
      case .changed: "somebody changed the plan while it was done"
      case .notAPlan: "that is not how a plan of prune begins"
      case .unknownVersion(let version): "a plan of version \(version) is not known here"
      case .notAnAccount: "that is not an account as a plan holds it"
      case .count(let count, let expected):
        count < expected
          ? "the plan ends after \(count) of \(expected) accounts"
          : "the plan has more accounts than its first line says"
      case .shorterThanLinks(let age):
        "the cutoff is too young: links live for \(TextRenderer.words(age))"
      }
    return fault == .changed ? words : "\(words); nothing is deleted"
  }

  /// Somebody was asked and said no.
  static let declined = Diagnostic(.declined, .refused, "nothing is done")

  /// The words for the one mail that somebody waits for.
  static func notAcceptedYet(reason: String?) -> Diagnostic {
    Diagnostic(
      .mailDeferred, .temporary,
      "the mail was not accepted" + (reason.map { ": \(TerminalText.escape($0))" } ?? ""),
      hint: "regctl list-outbox")
  }

  /// The words for a mail that nothing can be done to.
  init(_ error: MailError) {
    switch error {
    case .notFound(let word):
      self.init(
        .notFound, .noUser, "there is no mail \(TerminalText.quote(word))",
        hint: "regctl list-outbox")
    case .unusableAddress(let id, let email):
      self.init(
        .invalidEmail, .data,
        "mail \(id.rawValue) is to \(TerminalText.quote(email)), which is no address to mail to",
        hint: nil)
    case .foreignMessageID(let id):
      self.init(
        .dbCorrupt, .inputOutput,
        "the Message-ID of mail \(id.rawValue) is not one that regctl makes",
        hint: Hint(ShellCommand("regctl cancel-mail", "\(id.rawValue)")))
    case .settled(let id, let email, let state):
      let words = state == .sending ? "is being sent" : "is \(state.rawValue)"
      self.init(
        .notFound, .refused, "mail \(id.rawValue) to \(TerminalText.escape(email)) \(words)",
        hint: state == .sent ? Hint(ShellCommand("regctl resend", email)) : nil)
    }
  }

  /// The words for mails that were not accepted this time.
  static func mailDeferred(_ count: Int, next: Instant?) -> Diagnostic {
    let when = next.map { "; next try \($0.minuteText)" } ?? ""
    return Diagnostic(
      .mailDeferred, .temporary,
      "\(count) \(count == 1 ? "mail was" : "mails were") not accepted this time\(when)",
      hint: "regctl list-outbox --state queued")
  }

  /// The words for a pass of delivery that left mail because its time was over.
  static let outOfTime = Diagnostic(
    .mailDeferred, .temporary,
    "the time limit was reached; mail that is due waits for the next run",
    hint: "regctl deliver, or a longer --timeout")

  /// The words for a template that is refused.
  init(_ error: TemplateError) {
    // Whole: the file's name stands at the end.
    let place = "'\(TerminalText.escape(error.name))'" + (error.line.map { " line \($0)" } ?? "")
    let (words, hint): (String, Hint?) =
      switch error.fault {
      case .unknown(let name, let known):
        (
          SecretText.isName(name) && !name.utf8.contains(UInt8(ascii: "-"))
            ? "unknown placeholder \(TerminalText.quote(name))" : "unknown placeholder",
          EditDistance.nearest(to: name, among: known.map(\.rawValue)).map {
            "did you mean {{ \(quoting: $0) }}?"
          } ?? "the placeholders are \(quoting: known.map(\.rawValue))"
        )
      case .missing(let placeholder):
        ("the placeholder {{ \(placeholder.rawValue) }} is missing", "put the link into the mail")
      case .unclosed: ("a {{ has no }} on its line", nil)
      case .tooLarge: ("it is longer than 1 MiB", nil)
      case .logic:
        ("a template holds text and {{ placeholders }}, no {% logic %} or {# comments #}", nil)
      case .controlByte: ("the subject holds a control character", nil)
      case .notUTF8: ("the file is not UTF-8", nil)
      }
    self.init(.templateError, .configuration, "template \(place): \(words)", hint: hint)
  }
}
