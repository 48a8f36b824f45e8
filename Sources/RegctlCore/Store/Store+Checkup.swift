internal import SQL
internal import System

extension Store {
  /// The tutorial's administrator, whose password was `admin`.
  private static let sampleAdministrator = "ad@min.com"

  /// Whether others can access the file, create another beside it, or replace a directory above it;
  /// `nil` for a database on a server, whose files are its administrator's.
  package func permissionFindings() throws(RegctlError) -> [Finding]? {
    switch (location, resolvedLocation) {
    case (.file(let path), .file(let resolvedPath)):
      try [Self.permissionFinding(path), Self.directoryFinding(above: resolvedPath)]
        .compactMap { $0 }
    case (.server, _), (_, .server): nil
    }
  }

  private static func permissionFinding(_ path: String) throws(RegctlError) -> Finding? {
    guard let status = try fileAccess(FileSystem.status(of: path)), status.permissions & 0o007 != 0
    else {
      return nil
    }
    return .permissions(path: path, status.permissions)
  }

  private static func directoryFinding(above path: String) throws(RegctlError) -> Finding? {
    let directories = try fileAccess(ResolvedPath(path)).places.filter { $0.status.isDirectory }
    let writable = directories.last { directory in
      let isWritable = directory.status.permissions & 0o002 != 0
      // In sticky directories above the database's own, others cannot replace anything.
      return isWritable && (!directory.status.isSticky || directory.path == directories.last?.path)
    }
    return writable.map { .writableDirectory(path: $0.path, isSticky: $0.status.isSticky) }
  }

  /// Damaged pages and indexes.
  package func damage() throws(RegctlError) -> Finding? {
    try firstFault().map(Finding.damaged)
  }

  /// Whether the schema is older than the one that this version writes; it works, but more slowly.
  package func schemaFinding() throws(RegctlError) -> Finding? {
    guard let found = try schemaVersion(), found < Schema.version else { return nil }
    return .oldSchema(found: found, current: Schema.version)
  }

  /// Whether the application's table still has a structure that regctl supports.
  package func usersTableFinding() throws(RegctlError) -> Finding? {
    let isUnique = try emailIndex() == .unique
    guard let users = try UsersTable(in: self) else { return .usersMissing }
    let faults = users.faults(makingEmailUnique: isUnique)
    return faults.isEmpty ? nil : .usersTable(faults)
  }

  /// Reads every row that commands read one by one, and finds invalid values.
  package func rowFinding() throws(RegctlError) -> Finding? {
    var count = 0
    var first: MalformedRow?
    func note(_ value: MalformedValue) {
      count += 1
      if first == nil { first = MalformedRow(value) }
    }
    try forEachMalformedRow(
      "SELECT id, email, admin, confirmed, registered_on, confirmed_on FROM users",
      reading: { _ = AccountRow(row: $0) }, body: note)
    try forEachMalformedRow(
      "SELECT account_id, registered_at, not_before FROM regctl_accounts",
      reading: { _ = AccountSideRecord(row: $0) }, body: note)
    try forEachMalformedRow(
      """
      SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
        finished_at, last_reply, message_id, possible_duplicate, template
      FROM regctl_outbox
      """, reading: { _ = OutboxEntry(row: $0) }, body: note)
    try forEachMalformedRow(
      """
      SELECT id, at, actor, uid, replace(act, '-continued', ''), account_id, email, {new_email},
        {detail}, reason
      FROM regctl_audit
      """,
      reading: { _ = auditEntry($0) }, body: note)
    try forEachMalformedRow(
      """
      SELECT request, account_id, old_email, new_email, confirmed_at, voided_at
      FROM regctl_email_changes
      """, reading: { _ = EmailChange(row: $0) }, body: note)
    if keepsAttempts {
      try forEachMalformedRow(
        "SELECT mail_id, attempt, at, result, reply FROM regctl_attempts",
        reading: { _ = DeliveryAttempt(row: $0) }, body: note)
    }
    try forEachMalformedRow(
      "SELECT run, at, actor, cutoff, pruned, restored FROM regctl_prunes",
      reading: { _ = PruneRun(row: $0) }, body: note)
    if hasLocks {
      try forEachMalformedRow(
        "SELECT domain, at, actor, reason FROM regctl_locks", reading: { _ = Lock(row: $0) },
        body: note)
    }
    if keepsLanguages {
      try forEachMalformedRow(
        "SELECT language FROM regctl_languages",
        reading: { _ = $0.word(0, else: MailLanguage.english) }, body: note)
    }
    return first.map { .malformedRows(count: count, first: $0) }
  }

  /// Accounts whose addresses regctl treats as the same.
  package func addressFinding() throws(RegctlError) -> Finding? {
    let duplicates = try duplicateAddresses() + duplicateSpellings()
    return duplicates.isEmpty ? nil : .sameAddress(duplicates)
  }

  /// Groups of addresses that differ in the spelling of their domain, each joined by commas.
  private func duplicateSpellings() throws(RegctlError) -> [String] {
    let international = try rows(
      Statement(
        sqlite: """
          SELECT email FROM users
          WHERE email LIKE '%xn--%' OR length(CAST(email AS BLOB)) > length(email)
          """,
        postgreSQL: """
          SELECT email FROM users
          WHERE lower(email COLLATE "C") LIKE '%xn--%' OR octet_length(email) > length(email)
          """)
    ) { $0.text(0) }
    // By bytes: strings that are canonically equivalent in Unicode are different addresses.
    var groups: [[UInt8]: [String]] = [:]
    for email in international {
      groups[Array(try AddressSpellings(of: email).identity.utf8), default: []].append(email)
    }
    return groups.values
      .filter { group in group.contains { !AddressSpellings.isSame($0, group[0]) } }
      .map { $0.sorted().joined(separator: ", ") }.sorted()
  }

  /// Password hashes that no password can match.
  package func passwordFindings() throws(RegctlError) -> [Finding] {
    var count = 0
    var sample: [String] = []
    // The usual ones are sorted out here, because each row that is read takes time.
    try forEach(
      Statement(
        sqlite: """
          SELECT email, password FROM users WHERE password <> '!'
            AND NOT (password GLOB '$2[aby]$[0-9][0-9]$*' AND length(password) = 60)
          """,
        postgreSQL: """
          SELECT email, password FROM users WHERE password <> '!'
            AND NOT (password ~ '^[$]2[aby][$][0-9][0-9][$]' AND length(password) = 60)
          """)
    ) { row in
      if PasswordHash(stored: row.text(1)).isHash { return }
      count += 1
      if sample.count < 3 { sample.append(row.text(0)) }
    }
    let bare = try accounts(
      "SELECT email, count(*) OVER () FROM users WHERE password = '!' LIMIT 3")
    let unknown = count == 0 ? nil : Finding.Accounts(count: count, sample: sample)
    return [bare.map(Finding.bareMarkers), unknown.map(Finding.unknownHashes)].compactMap { $0 }
  }

  /// Whether new hashes of regctl are of another scheme than those of the application.
  package func schemeFinding(
    configured: PasswordPolicy.Scheme
  ) throws(RegctlError) -> Finding? {
    guard let usual = try usualScheme(), usual != configured else { return nil }
    return .otherScheme(usual: usual, configured: configured)
  }

  /// Invalid or missing dates.
  package func dateFindings(at now: Instant) throws(RegctlError) -> [Finding] {
    let impossible =
      try mapping.name(of: .registeredOn) == nil
      ? nil
      : accounts(
        Statement(
          sqlite: """
            SELECT email, count(*) OVER () FROM users
            WHERE julianday(registered_on) IS NULL OR registered_on > $1
              OR (confirmed_on IS NOT NULL AND (julianday(confirmed_on) IS NULL OR confirmed_on > $1))
            LIMIT 3
            """,
          postgreSQL: """
            SELECT email, count(*) OVER () FROM users
            WHERE registered_on BETWEEN '0001-01-01' AND $1 IS NOT TRUE
              OR confirmed_on NOT BETWEEN '0001-01-01' AND $1
            LIMIT 3
            """), .text((now + .seconds(86_400)).databaseText))
    let undated =
      try mapping.name(of: .confirmedOn) == nil
      ? nil
      : accounts(
        """
        SELECT email, count(*) OVER () FROM users
        WHERE confirmed <> FALSE AND confirmed_on IS NULL LIMIT 3
        """)
    return [
      impossible.map(Finding.impossibleDates), undated.map(Finding.confirmedWithoutDate),
    ].compactMap { $0 }
  }

  /// Accounts of the application, whose dates are in local time.
  package func zoneFinding() throws(RegctlError) -> Finding? {
    if try accountDates().haveZone { return nil }
    let count =
      try first(
        """
        SELECT count(*) FROM users u LEFT JOIN regctl_accounts a ON a.account_id = u.id
        WHERE a.registered_at IS NULL
        """
      ) { $0.count(0) } ?? 0
    return count == 0 ? nil : .unknownZone(count: count)
  }

  /// Unconfirmed accounts that the application registered and regctl did not mail to: only the
  /// operator knows whether the application does, and may have answered by a setting.
  package func mailsFinding(isAnswered: Bool) throws(RegctlError) -> Finding? {
    if isAnswered { return nil }
    let count =
      try first(
        """
        SELECT count(*) FROM users u LEFT JOIN regctl_accounts a ON a.account_id = u.id
        WHERE u.confirmed = FALSE AND u.admin = FALSE AND a.registered_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM regctl_outbox WHERE account_id = u.id)
          AND NOT EXISTS (
            SELECT 1 FROM regctl_audit_accounts m JOIN regctl_audit e ON e.id = m.audit_id
            WHERE m.account_id = u.id AND e.act LIKE 'import%')
        """
      ) { $0.count(0) } ?? 0
    return count == 0 ? nil : .unknownMails(count: count)
  }

  /// Whether an administrator has the password that the tutorial publishes.
  package func administratorFinding() throws(RegctlError) -> Finding? {
    guard let account = try accountIfAny(Self.sampleAdministrator) else { return nil }
    let password = SecretBytes(Array("admin".utf8))
    let hash = try passwordHash(of: account.id)
    for longPasswords in [PasswordPolicy.LongPasswords.refuse, .sha256]
    where try hash.verifies(password, under: longPasswords, spending: .single) {
      return .sampleAdministrator(email: account.email)
    }
    return nil
  }

  /// Whether a recorded time is in the future: the clock was ahead then, or is behind now.
  ///
  /// Not only the newest row counts, which may have been written since the clock was set back.
  package func clockFinding(at now: Instant) throws(RegctlError) -> Finding? {
    let newest =
      try first(
        """
        SELECT max(at) FROM (
          SELECT at FROM (SELECT at FROM regctl_audit ORDER BY id DESC LIMIT 100) a
          UNION ALL
          SELECT queued_at FROM (SELECT queued_at FROM regctl_outbox ORDER BY id DESC LIMIT 100) m
        ) moments
        """
      ) { $0.optionalInstant(0) } ?? nil
    guard let newest, newest > now + .seconds(60) else { return nil }
    return .clockBehind(newest: newest)
  }

  /// Whether an audit entry was changed after it was written.
  package func auditFinding() throws(RegctlError) -> Finding? {
    do throws(RegctlError) {
      _ = try verifyAudit(including: nil)
      return nil
    } catch .store(.auditChanged(let number)) {
      return .auditChanged(number: number)
    }
  }

  /// Mails that the server does not take from here, or that have been due for an hour without an
  /// attempt.
  package func outboxFinding(at now: Instant) throws(RegctlError) -> Finding? {
    if let declined = try declinedMails(at: now) {
      return .mailsDeclined(count: declined.count, reply: declined.reply)
    }
    if let declined = try mailsDeclinedLater(since: now - StatusFinding.lately) {
      return .mailsDeclinedLater(count: declined.count, reply: declined.reply)
    }
    let stuck = try first(
      """
      SELECT count(*), min(next_attempt_at) FROM regctl_outbox
      WHERE state = 'queued' AND next_attempt_at < $1
      """, .integer(now.seconds - 3600)
    ) { (count: $0.count(0), since: $0.optionalInstant(1)) }
    guard let stuck, let since = stuck.since else { return nil }
    return .mailStuck(count: stuck.count, since: since)
  }

  /// The accounts returned by a query for addresses and their number.
  private func accounts(
    _ statement: Statement, _ values: Value...
  ) throws(RegctlError) -> Finding.Accounts? {
    var count = 0
    let sample = try rows(statement, values) { row in
      count = row.count(1)
      return row.text(0)
    }
    return count == 0 ? nil : Finding.Accounts(count: count, sample: sample)
  }
}
