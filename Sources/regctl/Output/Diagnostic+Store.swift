internal import Base
internal import RegctlCore

extension Diagnostic {
  /// Creates the diagnostic for an error of the database, with the engine's message if `isVerbose`.
  init(_ error: StoreError, isVerbose: Bool) {
    func detailed(_ message: String, _ detail: String) -> String {
      isVerbose && !detail.isEmpty ? "\(message) (\(TerminalText.escape(detail)))" : message
    }
    switch error {
    case .missing(let path):
      self.init(
        .dbMissing, .noInput, "no such database: \(TerminalText.quote(path))",
        hint: "regctl create-db, or use --db to name another database")
    case .exists(let path):
      self.init(
        .dbExists, .cannotCreate, "\(TerminalText.quote(path)) already exists",
        hint: "name another file, or use the existing database")
    case .taken(let server):
      self.init(
        .dbExists, .cannotCreate, "\(TerminalText.escape(server)) already has accounts",
        hint: "use them as they are, or name an empty database with --db")
    case .busy:
      self.init(
        .dbBusy, .temporary, "the database is locked by another process",
        hint: "run the command again, or wait longer with --busy-timeout 30s")
    case .lateSequence(let sequence):
      let finding = ServerFinding.lateSequence(sequence)
      self.init(.dbCorrupt, .inputOutput, finding.message, hint: finding.advice)
    case .corrupt(let detail):
      self.init(
        .dbCorrupt, .inputOutput, detailed("the database is damaged", detail),
        hint: DatabaseAdvice.recover)
    case .malformed(let row):
      self.init(
        .dbCorrupt, .inputOutput,
        "the database is damaged: \(TerminalText.escape(row.description))",
        hint: row.fault == .order
          ? DatabaseAdvice.rebuildIndexes : DatabaseAdvice.correctRow)
    case .ignored(let table, let triggers):
      let names = triggers.map(TerminalText.quote).joined(separator: ", ")
      self.init(
        .schemaMissing, .inputOutput,
        "a change to the table \(table) was ignored"
          + (names.isEmpty ? "" : "; its triggers: \(names)"),
        hint: "change the trigger with RAISE(IGNORE) so that it lets changes by regctl pass")
    case .schemaChanged(let detail):
      self.init(
        .schemaMissing, .inputOutput,
        "a table or column is missing or has changed: \(TerminalText.escape(detail))",
        hint: "regctl migrate-db")
    case .objectsMissing(let objects):
      self.init(
        .schemaMissing, .inputOutput,
        "another program removed or changed \(objects.joined(separator: ", "))",
        hint: "regctl migrate-db")
    case .foreignObject(let object):
      self.init(
        .schemaMissing, .inputOutput, "cannot create \(object): its name is in use",
        hint: "rename or drop what has the name, then regctl migrate-db")
    case .full:
      self.init(
        .dbFull, .inputOutput, "the disk is full; nothing was changed", hint: "free some disk space"
      )
    case .readOnly(let refusal):
      self.init(
        .dbReadonly, .noPermission, detailed(Self.words(for: refusal.cause), refusal.detail),
        hint: Self.hint(for: refusal))
    case .constraint(let detail):
      self.init(
        .schemaMissing, .inputOutput,
        "the users table rejected the row: \(TerminalText.escape(detail))",
        hint: "give its additional NOT NULL columns default values")
    case .notADatabase(let path):
      self.init(
        .notADatabase, .inputOutput, "\(TerminalText.quote(path)) is not \(DatabaseAdvice.kind)",
        hint: "use --db to name the right file")
    case .schemaTooNew(let found, let supported):
      self.init(
        .schemaTooNew, .inputOutput,
        "the database has schema \(found), newer than the supported schema \(supported); nothing was changed",
        hint: "install a newer version of regctl")
    case .schemaMissing(let path, let table, let hasUsers):
      if hasUsers {
        self.init(
          .schemaMissing, .inputOutput,
          "\(TerminalText.quote(path)) is an application's database that regctl has not adopted",
          hint: "regctl migrate-db --dry-run, then regctl migrate-db")
      } else {
        self.init(
          .schemaMissing, .inputOutput,
          "\(TerminalText.quote(path)) has no table \(TerminalText.escape(table))",
          hint: "use --db to name another database, or create one with regctl create-db")
      }
    case .mappingProposed(let path, let mapping):
      self.init(
        .schemaMissing, .inputOutput,
        "the accounts of \(TerminalText.quote(path)) seem to be in the table \(mapping.table)",
        hint: "add to regctl.conf: \(lines: mapping)")
    case .columnMissing(let column, let table):
      self.init(
        .configError, .configuration,
        "the table \(TerminalText.escape(table)) has no column for \(column.rawValue)",
        hint: "where the table has one, name it in users_columns")
    case .foreignUsersTable(let path, let faults):
      self.init(
        .schemaMissing, .inputOutput,
        "the users table of \(TerminalText.quote(path)) cannot be used: "
          + faults.map(Self.words).joined(separator: "; "),
        hint: Self.hint(for: faults))
    case .duplicateAddresses(let groups):
      let listed = groups.prefix(5).map(TerminalText.escape).joined(separator: "; ")
      self.init(
        .alreadyRegistered, .refused,
        "\(groups.count == 1 ? "one address has" : "\(groups.count) addresses have") "
          + "several accounts that differ only in case: \(listed)",
        hint: "delete or rename all but one of each, or migrate without --unique-email")
    case .auditChanged(let number):
      self.init(
        .dbCorrupt, .inputOutput,
        "audit entry \(number) was changed, or an entry before it was deleted",
        hint: "compare regctl audit with that of a backup, with --db BACKUP")
    case .auditHashMissing:
      self.init(
        .dbCorrupt, .inputOutput, "no audit entry has this hash",
        hint: "entries were deleted or rewritten: compare the audit with a backup")
    case .inputOutput(let detail):
      self.init(.ioError, .inputOutput, detailed("the database cannot be read or written", detail))
    case .unreachable(let server, let detail):
      self.init(
        .dbUnavailable, .unavailable,
        "cannot connect to \(TerminalText.escape(server)): \(TerminalText.escape(detail))",
        hint: "see whether the server runs and db names it: regctl config")
    case .refused(let server, let detail):
      self.init(
        .dbUnavailable, .unavailable,
        "\(TerminalText.escape(server)) refuses the connection: \(TerminalText.escape(detail))",
        hint: "see the user in db, and db_password_file: regctl config")
    case .connectionLost(let detail):
      self.init(
        .dbUnavailable, .temporary,
        detailed("the connection to the database server was lost", detail),
        hint: "run the command again")
    case .commitUnknown(let detail):
      self.init(
        .commitUnknown, .temporary,
        detailed("it is not known whether the changes were made", detail),
        hint: "look whether they were, before the command runs again")
    case .forbidden(let detail):
      self.init(
        .permissionDenied, .noPermission,
        "the database server denies it: \(TerminalText.escape(detail))",
        hint: "as the owner of the database: regctl migrate-db --grant ROLE")
    case .roleMissing(let role):
      self.init(
        .notFound, .refused, "no such role: \(TerminalText.quote(role))",
        hint: "create it on the server: CREATE ROLE name LOGIN")
    case .noRoles(let path):
      self.init(
        .usage, .usage, "\(TerminalText.quote(path)) is a file, for which there are no roles",
        hint: "give other users access with chown and chmod")
    case .unsupportedServer(let server, let product):
      self.init(
        .dbUnavailable, .configuration,
        "\(TerminalText.escape(server)) is \(product), which regctl does not work with",
        hint: DatabaseAdvice.supportedServers)
    case .unverifiedHost(let host):
      self.init(
        .configError, .configuration,
        "the certificate of \(TerminalText.quote(host)) would not be verified",
        hint: "remove sslmode from the address, or set it to verify-full")
    case .notCopied(let refusal):
      let place = "\(refusal.table) row \(refusal.row)" + (refusal.column.map { ", \($0)" } ?? "")
      self.init(
        .invalidValue, .data,
        "cannot be copied: \(TerminalText.escape(place)): \(Self.words(for: refusal.reason))",
        hint: "correct the row; nothing was written")
    case .schemaOutdated(let path):
      self.init(
        .schemaMissing, .inputOutput,
        "\(TerminalText.quote(path)) has an older schema, which is not copied to another engine",
        hint: "regctl migrate-db, with --db for a database that is not the configured one")
    case .bothFiles(let source, let destination):
      self.init(
        .usage, .usage,
        "\(TerminalText.quote(source)) and \(TerminalText.quote(destination)) are both files",
        hint: Hint(ShellCommand("regctl backup", destination)))
    case .irreplaceable(let path):
      self.init(
        .dbCorrupt, .inputOutput,
        "\(TerminalText.quote(path)) is damaged, and its content cannot be replaced",
        hint: DatabaseAdvice.moveAway)
    case .orphanedLog(let path):
      self.init(
        .dbExists, .cannotCreate,
        "\(TerminalText.quote(path)) belongs to a database that is not there",
        hint: Hint(ShellCommand("rm", path)))
    case .libraryMissing(let package, let detail):
      self.init(
        .dbUnavailable, .unavailable,
        "the library of the database server's client cannot be loaded: \(TerminalText.escape(detail))",
        hint: "install the package \(quoting: package)")
    case .unexpected(let code, let detail):
      self.init(
        .internal, .software,
        "unexpected \(code); this is a bug in regctl \(Regctl.version)"
          + (detail.isEmpty ? "" : ": \(TerminalText.escape(detail))"),
        hint: "report it together with the command line")
    }
  }

  private static func words(for reason: CopyRefusal.Reason) -> String {
    switch reason {
    case .malformedText: "it is not valid UTF-8"
    case .zeroByte: "it contains a NUL byte"
    case .date(let text): "\(TerminalText.quote(text)) is not a date that both engines keep"
    case .type(let found): "it is \(TerminalText.escape(found)), not a value of the column's type"
    case .differs: "the copy has a different value"
    case .rejected(let detail): TerminalText.escape(detail)
    }
  }

  private static func hint(for faults: [UsersTableFault]) -> Hint {
    switch faults {
    case [.emailNotUnique]: "regctl migrate-db --unique-email"
    case _ where faults.allSatisfy(\.isMissingLanguage): DatabaseAdvice.language
    default: "use --db to name another database"
    }
  }

  static func words(for fault: UsersTableFault) -> String {
    switch fault {
    case .notATable(let kind): "it is not a table but of type '\(kind)'"
    case .withoutRowID: "it is a WITHOUT ROWID table"
    case .missingColumn(let name): "it has no column \(name)"
    case .missingLanguage(let name):
      "it has no column \(TerminalText.escape(name)) for the language"
    case .generatedColumn(let name): "\(name) is a generated column"
    case .identity(let type):
      "id has \(type.isEmpty ? "no type" : "the type \(TerminalText.escape(type))"), not INTEGER PRIMARY KEY"
    case .nullValues(let column, let count):
      "\(column) of \(count == 1 ? "an account" : "\(count) accounts") is NULL"
    case .type(let column, let type): "\(column) has the type \(TerminalText.escape(type))"
    case .emailNotUnique: "email is not unique"
    case .collation(let column, let name):
      "\(column) has the collation \(TerminalText.escape(name)), which regctl does not have"
    case .nondeterministicCollation(let column, let name):
      "\(column) has the collation \(TerminalText.escape(name)), which is not deterministic"
    case .notAKey(let column): "\(column) is not a primary key"
    case .noNumbers(let column): "\(column) has no default value"
    case .rowSecurity: "row-level security may hide accounts from this user"
    case .numbersBelowOne(let count):
      count == 1 ? "an account has a number below 1" : "\(count) accounts have numbers below 1"
    }
  }

  private static func words(for cause: ReadOnlyRefusal.Cause) -> String {
    switch cause {
    case .file: "the database or its log is not writable"
    case .directory: "the directory of the database is not writable"
    case .log: "the log of the database cannot be opened, or its index cannot be created"
    case .interruptedChange: "an interrupted transaction must be rolled back first"
    }
  }

  /// The hint for a read-only database: the user to run as, or how to complete a change.
  private static func hint(for refusal: ReadOnlyRefusal) -> Hint {
    guard let owner = refusal.owner else {
      return "run regctl as the owner of the database and its directory"
    }
    guard refusal.cause == .interruptedChange else {
      return "run it as the owner of the database: \(ShellCommand(as: owner, "regctl"))"
    }
    return Hint(
      ShellCommand(
        as: owner, ShellCommand("regctl list-admins --quiet", options: ["--db": refusal.path])))
  }

  /// Creates the diagnostic for mail that cannot be delivered.
  init(_ error: DeliveryError) {
    switch error {
    case .notConfigured:
      self.init(
        .mailNotConfigured, .configuration, "no mail transport is configured",
        hint: "set mail_transport in regctl.conf; to try it out: mail_transport = stdout")
    case .missingSetting(let key):
      self.init(
        .mailNotConfigured, .configuration, "\(key) is not set",
        hint: "set \(quoting: key) in regctl.conf; see regctl config")
    case .clearText(let server):
      self.init(
        .configError, .configuration,
        "mail_security = none is allowed only for loopback, and \(TerminalText.quote(server)) is not",
        hint: "set mail_security to tls or starttls")
    case .passwordInClear:
      self.init(
        .configError, .configuration,
        "mail_username is set, but with mail_security = none the password would be sent in clear text",
        hint: "set mail_security to tls or starttls, or remove mail_username")
    case .running(let lock):
      self.init(
        .deliverRunning, .temporary,
        "another deliver is running (lock \(TerminalText.quote(lock)))",
        hint: "no action needed: it sends the mails that are due")
    case .inUse(let lock):
      self.init(
        .deliverRunning, .temporary,
        "a deliver, restore or erase is running (lock \(TerminalText.quote(lock)))",
        hint: "run the command again when it has ended")
    case .pooled(let database):
      self.init(
        .configError, .configuration,
        "deliver needs a connection of its own to \(TerminalText.escape(database)), not a pooler's",
        hint: "set db_deliver to the address of the server behind the pooler")
    case .outboxDamaged:
      self.init(
        .dbCorrupt, .inputOutput,
        "the database is damaged: an index of regctl_outbox does not agree with the table",
        hint: DatabaseAdvice.rebuildIndexes)
    case .declined(let reply):
      self.init(
        .mailUnavailable, .unavailable,
        "the server does not take mail from here: \(TerminalText.quote(reply))",
        hint:
          "the mails stay queued; fix the problem, see regctl doctor, and run regctl deliver again")
    case .unavailable(let reason):
      self.init(
        .mailUnavailable, .unavailable, "mail cannot be sent: \(TerminalText.escape(reason))",
        hint: "the mails stay queued; fix the problem and run regctl deliver again")
    case .wantsAccessToken(let reason):
      self.init(
        .mailUnavailable, .unavailable, "mail cannot be sent: \(TerminalText.escape(reason))",
        hint: """
          let msmtp send, which renews such tokens: mail_transport = sendmail, sendmail_path = \
          /usr/bin/msmtp; or ask for a password for applications
          """)
    }
  }

  /// Creates the diagnostic for a prune run that was rejected or cannot be undone.
  init(_ error: PruneError) {
    switch error {
    case .tooMany(let count, let limit):
      self.init(
        .pruneCap, .refused,
        "\(count) accounts to prune, limit \(limit); none deleted",
        hint: "check with regctl prune --dry-run, then use --max \(count)")
    case .moreThanHalf(let count, let total):
      self.init(
        .pruneCap, .refused,
        "\(count) of \(total) accounts to prune, more than half; none deleted",
        hint: "check with regctl prune --dry-run, then use --max \(count)")
    case .unknownRun(let run, let email):
      self.init(
        .notFound, .noUser,
        "the archive has no accounts of prune run \(run)"
          + (email.map { " for \(TerminalText.quote($0))" } ?? ""), hint: "regctl list-prunes")
    case .notPruned(let email):
      self.init(
        .notFound, .noUser,
        "no prune run has \(TerminalText.quote(email)) in the archive",
        hint: email.unlessSecret.map { Hint(ShellCommand("regctl show", $0)) })
    case .purged(let run, let moment, let email):
      let subject = email.map(TerminalText.escape) ?? "the accounts of run \(run)"
      self.init(
        .notFound, .noUser,
        email == nil
          ? "\(subject) were pruned on \(moment.displayText) and purged after archive_keep"
          : "\(subject) was pruned in run \(run) on \(moment.displayText) and purged after archive_keep",
        hint: email.map { Hint(ShellCommand("regctl register", $0)) } ?? "regctl list-prunes")
    case .unknownWave(let number):
      self.init(
        .notFound, .noUser, "no wave begins with account \(number.rawValue)",
        hint: "regctl prune --waves")
    case .plan(let path, let line, let fault):
      let another: Hint = "write a new plan with regctl prune --plan FILE"
      self.init(
        .invalidValue, .data,
        "\(TerminalText.quote(path)) line \(line): \(Self.words(for: fault))",
        hint: fault == .changed ? "see regctl list-prunes, then \(another)" : another)
    }
  }

  private static func words(for fault: PrunePlan.Fault) -> String {
    let words =
      switch fault {
      case .changed: "the plan was changed while it was being applied"
      case .notAPlan: "not the first line of a prune plan"
      case .unknownVersion(let version): "unknown plan version \(version)"
      case .notAnAccount: "not an account of a prune plan"
      case .count(let count, let expected):
        count < expected
          ? "the plan ends after \(count) of \(expected) accounts"
          : "the plan has more accounts than its first line states"
      case .shorterThanLinks(let age):
        "the cutoff is less than the lifetime of a link ago: \(TextRenderer.words(age))"
      }
    return fault == .changed ? words : "\(words); nothing was deleted"
  }

  /// The diagnostic for a confirmation question that was answered with no.
  static let declined = Diagnostic(.declined, .refused, "cancelled; nothing was changed")

  /// The diagnostic for the mail that `--wait` waits for.
  static func notAcceptedYet(reason: String?) -> Diagnostic {
    Diagnostic(
      .mailDeferred, .temporary,
      "the mail was not accepted" + (reason.map { ": \(TerminalText.escape($0))" } ?? ""),
      hint: "regctl list-outbox")
  }

  /// Creates the diagnostic for an operation that is not possible on a mail.
  init(_ error: MailError) {
    switch error {
    case .notFound(let word):
      self.init(
        .notFound, .noUser, "no such mail: \(TerminalText.quote(word))",
        hint: "regctl list-outbox")
    case .unusableAddress(let id, let email):
      self.init(
        .invalidEmail, .data,
        "mail \(id.rawValue) has a recipient that cannot be mailed: \(TerminalText.quote(email))",
        hint: nil)
    case .underWay(let id):
      self.init(
        .deliverRunning, .temporary,
        "mail \(id.rawValue) is being sent, so that a report about it is recorded later",
        hint: "run it again")
    case .foreignMessageID(let id):
      self.init(
        .dbCorrupt, .inputOutput,
        "the Message-ID of mail \(id.rawValue) was not made by regctl",
        hint: Hint(ShellCommand("regctl cancel-mail", "\(id.rawValue)")))
    case .noneEligible(let email, let states) where states.isEmpty:
      self.init(
        .notFound, .noUser, "no mail to \(TerminalText.escape(email))",
        hint: Hint(ShellCommand("regctl show", email)))
    case .noneEligible(let email, let states):
      self.init(
        .notFound, .refused,
        "no mail to \(TerminalText.escape(email)) for this: \(Self.words(for: states))",
        hint: Hint(ShellCommand("regctl list-outbox", options: ["--email": email])))
    case .severalEligible(let email, let count):
      self.init(
        .notFound, .refused,
        "\(count) mails to \(TerminalText.escape(email)); give the id of one",
        hint: Hint(ShellCommand("regctl list-outbox", options: ["--email": email])))
    case .settled(let id, let email, let state):
      let words = state == .sending ? "is being sent" : "is \(state.rawValue)"
      self.init(
        .notFound, .refused, "mail \(id.rawValue) to \(TerminalText.escape(email)) \(words)",
        hint: Self.hint(on: state, of: email))
    }
  }

  /// What to do about a mail in a state that does not allow a change.
  private static func hint(on state: OutboxEntry.State, of email: String) -> Hint? {
    switch state {
    case .sent, .bounced: Hint(ShellCommand("regctl resend", email))
    case .held: Hint(ShellCommand("regctl release-held", options: ["--email": email]))
    case .queued, .sending, .failed, .cancelled, .expired: nil
    }
  }

  /// How many mails are in each of some states: `1 sent, 2 cancelled`.
  private static func words(for states: [OutboxEntry.State]) -> String {
    OutboxEntry.State.allCases.compactMap { state in
      let count = states.count { $0 == state }
      return count == 0 ? nil : "\(count) \(state.rawValue)"
    }.joined(separator: ", ")
  }

  /// The diagnostic for deferred mails.
  static func mailDeferred(_ count: Int, next: Instant?) -> Diagnostic {
    let when = next.map { "; next try \($0.displayText)" } ?? ""
    return Diagnostic(
      .mailDeferred, .temporary,
      "\(count) \(count == 1 ? "mail was" : "mails were") not accepted this time\(when)",
      hint: "regctl list-outbox --state queued")
  }

  /// The diagnostic for a delivery pass that `mail_max_per_hour` ended.
  static let paced = Diagnostic(
    .mailDeferred, .temporary,
    "as many mails were sent in an hour as mail_max_per_hour allows; mails that are due wait",
    hint: "regctl status")

  /// The diagnostic for mails that a flood of registrations holds.
  static func held(_ count: Int) -> Diagnostic {
    Diagnostic(
      .floodHeld, .temporary,
      "far more accounts are registered than usually; \(Plural.count(count, "confirmation mail")) "
        + "\(Plural.form(count, "is", "are")) held",
      hint: "regctl list-outbox --state held, then regctl release-held or regctl prune --waves")
  }

  /// The diagnostic for a delivery pass that reached its time limit with mail left.
  static let outOfTime = Diagnostic(
    .mailDeferred, .temporary,
    "the time limit was reached; the mails that are still due wait for the next run",
    hint: "regctl deliver, or a longer --timeout")

  /// Creates the diagnostic for a rejected template.
  init(_ error: TemplateError) {
    // Not truncated: the file name is at the end.
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
        ("the placeholder {{ \(placeholder.rawValue) }} is missing", "add the link to the template")
      case .unclosed: ("a {{ has no }} on its line", nil)
      case .tooLarge: ("longer than 1 MiB", nil)
      case .logic:
        ("{% logic %} and {# comments #} are not supported, only text and {{ placeholders }}", nil)
      case .controlByte: ("the subject contains a control character", nil)
      case .notUTF8: ("the file is not UTF-8", nil)
      }
    self.init(.templateError, .configuration, "template \(place): \(words)", hint: hint)
  }
}
