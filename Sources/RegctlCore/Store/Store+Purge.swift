internal import Base
internal import SQL
internal import SQLite

/// What is older than it is kept, and its removal, which leaves the figures of reports as they were.
///
/// Of mails, an account keeps their number, and when the first and the last of each state were
/// finished; of a pruned account, its tombstone keeps the domain.
extension Store {
  /// Throws where figures cannot be kept.
  func requireFigures() throws(RegctlError) {
    if keepsFigures { return }
    throw .store(
      .objectsMissing([Schema.purgedMails, Schema.purgedAccounts].map(\.description)))
  }

  /// Reads no figures where there are no tables of them, or where they may be those of others.
  func leaveOutFigures() {
    database.names = database.names.reading([
      "regctl_purged_mails": """
      (SELECT CAST(0 AS BIGINT) AS account_id, CAST('' AS TEXT) AS state,
        CAST(0 AS BIGINT) AS mails, CAST(0 AS BIGINT) AS first_at, CAST(0 AS BIGINT) AS last_at
      WHERE FALSE)
      """,
      "regctl_purged_accounts": """
      (SELECT CAST(0 AS BIGINT) AS run, CAST(0 AS BIGINT) AS account_id, CAST('' AS TEXT) AS domain,
        FALSE AS mailed WHERE FALSE)
      """,
    ])
  }

  /// Overwrites from now on what is deleted from a file; a server keeps it until it vacuums.
  ///
  /// See <https://www.sqlite.org/pragma.html#pragma_secure_delete>.
  func overwriteWhatIsDeleted() throws(RegctlError) {
    guard let file = database as? SQLiteDatabase else { return }
    try naming { () throws(DatabaseError) in try file.overwriteWhatIsDeleted() }
  }

  // MARK: Archive

  /// The number of archived accounts that were removed before a time.
  func archivedCount(before cutoff: Instant) throws(RegctlError) -> Int {
    try first(
      """
      SELECT count(*) FROM regctl_archive a
      WHERE coalesce(
        (SELECT p.at FROM regctl_prunes p WHERE p.run = a.run),
        (SELECT e.at FROM regctl_audit e WHERE e.id = -a.run)) < $1
      """, .integer(cutoff.seconds)
    ) { $0.count(0) } ?? 0
  }

  /// The archived accounts that were removed before a time, behind a place, by run and number.
  func archived(
    before cutoff: Instant, after place: ListPlace, limit: Int
  ) throws(RegctlError) -> [ListPlace] {
    let places = try rows(
      """
      SELECT a.run, a.account_id FROM regctl_archive a
      WHERE (a.run, a.account_id) > ($1, $2) AND coalesce(
        (SELECT p.at FROM regctl_prunes p WHERE p.run = a.run),
        (SELECT e.at FROM regctl_audit e WHERE e.id = -a.run)) < $3
      ORDER BY a.run, a.account_id LIMIT $4
      """, place.value, .integer(place.number), .integer(cutoff.seconds), .integer(Int64(limit))
    ) { ListPlace(value: .integer($0.integer(0)), number: $0.integer(1)) }
    try requireOrder(
      of: places, by: \.self, after: place, in: "regctl_archive", numbered: \.number)
    return places
  }

  /// Removes an archived account and what would have come back with it but mails; returns whether the
  /// archive still had it. Call it in a transaction.
  func purge(_ place: ListPlace) throws(RegctlError) -> Bool {
    let (run, number) = (place.value, Value.integer(place.number))
    let email = try first(
      "SELECT email FROM regctl_archive WHERE run = $1 AND account_id = $2", run, number
    ) { $0.text(0) }
    guard let email else { return false }
    try keepFigures(of: number, in: run, email)
    let entries = try auditEntries(of: AccountID(rawValue: -place.number))
    for address in FormerAddresses(of: [email], in: entries).all {
      try removePast(of: .text(address), number: number)
    }
    try changeOne(
      of: "regctl_archive", "DELETE FROM regctl_archive WHERE run = $1 AND account_id = $2", run,
      number)
    try removeArchivedColumns(of: number, in: run)
    return true
  }

  /// Keeps the domain of a pruned account, and whether it was mailed.
  private func keepFigures(
    of number: Value, in run: Value, _ email: String
  ) throws(RegctlError) {
    let domain = email.utf8.firstIndex(of: UInt8(ascii: "@")).map {
      String(email[email.utf8.index(after: $0)...])
    }
    try self.run(
      """
      INSERT INTO regctl_purged_accounts (run, account_id, domain, mailed)
      SELECT t.run, t.account_id, lower(CAST($1 AS TEXT) {bytes}),
        t.mailed_at IS NOT NULL OR EXISTS (
          SELECT 1 FROM regctl_outbox o
          WHERE o.account_id = -t.account_id
            AND lower(o.email {bytes}) = lower(CAST($2 AS TEXT) {bytes}))
        OR EXISTS (SELECT 1 FROM regctl_purged_mails p WHERE p.account_id = -t.account_id)
      FROM regctl_tombstones t WHERE t.run = $3 AND t.account_id = $4
      """, .text(domain ?? ""), .text(email), run, number)
  }

  private func removePast(of address: Value, number: Value) throws(RegctlError) {
    try run(
      """
      DELETE FROM regctl_locks
      WHERE account_id = -CAST($1 AS BIGINT) AND lower(email) = lower($2)
      """, number, address)
    try run(
      """
      DELETE FROM regctl_locked_passwords
      WHERE account_id = -CAST($1 AS BIGINT) AND lower(email) = lower($2)
      """, number, address)
    try run(
      """
      DELETE FROM regctl_email_changes
      WHERE account_id = -CAST($1 AS BIGINT) AND lower(old_email) = lower($2)
      """, number, address)
  }

  /// The run that pruned an account with an address which was purged since, and when that run was.
  package func purgedRun(of email: String) throws(RegctlError) -> (run: Int64, at: Instant)? {
    var found: [(run: Int64, at: Instant)] = []
    for spelling in try spellings(of: email) {
      found += try rows(
        """
        SELECT p.run, r.at FROM regctl_purged_accounts p JOIN regctl_prunes r ON r.run = p.run
        WHERE EXISTS (
          SELECT 1 FROM regctl_audit_accounts m JOIN regctl_audit a ON a.id = m.audit_id
          WHERE m.account_id = -p.account_id AND a.act IN ('prune', 'prune-continued')
            AND lower(m.deleted_email {bytes}) = lower(CAST($1 AS TEXT) {bytes})
            AND a.detail = 'run ' || p.run)
        """, .text(spelling)
      ) { (run: $0.integer(0), at: $0.instant(1)) }
    }
    return found.max { $0.run < $1.run }
  }

  /// When a run was whose accounts were purged; `nil` when none of them was.
  package func purgedRun(_ run: Int64) throws(RegctlError) -> Instant? {
    try first(
      """
      SELECT at FROM regctl_prunes
      WHERE run = $1 AND EXISTS (SELECT 1 FROM regctl_purged_accounts p WHERE p.run = $1)
      """, .integer(run)
    ) { $0.instant(0) }
  }

  // MARK: Mails

  /// The number of settled mails that were finished before a time.
  func settledMailCount(before cutoff: Instant) throws(RegctlError) -> Int {
    try first(
      """
      SELECT count(*) FROM regctl_outbox
      WHERE state IN ('sent', 'failed', 'bounced', 'cancelled', 'expired') AND finished_at < $1
      """, .integer(cutoff.seconds)
    ) { $0.count(0) } ?? 0
  }

  /// The numbers of settled mails that were finished before a time, behind a number.
  func settledMails(
    before cutoff: Instant, after last: Int64, limit: Int
  ) throws(RegctlError) -> [Int64] {
    let numbers = try rows(
      """
      SELECT id FROM regctl_outbox
      WHERE id > $1 AND state IN ('sent', 'failed', 'bounced', 'cancelled', 'expired') AND finished_at < $2
      ORDER BY id LIMIT $3
      """, .integer(last), .integer(cutoff.seconds), .integer(Int64(limit))
    ) { $0.integer(0) }
    try requireOrder(
      of: numbers, by: \.self, after: last, in: "regctl_outbox", numbered: \.self)
    return numbers
  }

  /// Removes the settled mails with numbers in a range that were finished before a time, with their
  /// attempts, and returns how many; call it in a transaction.
  func purgeMails(
    _ range: ClosedRange<Int64>, before cutoff: Instant
  ) throws(RegctlError) -> Int {
    let values = [range.lowerBound, range.upperBound, cutoff.seconds].map(Value.integer)
    try run(
      """
      INSERT INTO regctl_purged_mails (account_id, state, mails, first_at, last_at)
      SELECT account_id, state, count(*), min(finished_at), max(finished_at) FROM regctl_outbox
      WHERE id BETWEEN $1 AND $2
        AND state IN ('sent', 'failed', 'bounced', 'cancelled', 'expired') AND finished_at < $3
      GROUP BY account_id, state
      """, values)
    try run(
      """
      DELETE FROM regctl_attempts WHERE mail_id IN (
        SELECT id FROM regctl_outbox
        WHERE id BETWEEN $1 AND $2
          AND state IN ('sent', 'failed', 'bounced', 'cancelled', 'expired') AND finished_at < $3)
      """, values)
    try purgeBounces(range, before: cutoff)
    let count = try first(
      """
      SELECT count(*) FROM regctl_outbox
      WHERE id BETWEEN $1 AND $2
        AND state IN ('sent', 'failed', 'bounced', 'cancelled', 'expired') AND finished_at < $3
      """, values[0], values[1], values[2]
    ) { $0.count(0) }
    let removed = try run(
      """
      DELETE FROM regctl_outbox
      WHERE id BETWEEN $1 AND $2
        AND state IN ('sent', 'failed', 'bounced', 'cancelled', 'expired') AND finished_at < $3
      """, values)
    guard removed == count else { throw ignoredChange(of: "regctl_outbox") }
    return removed
  }

  /// Attaches the figures of a restored account's purged mails to it.
  func giveBackPurgedMails(number old: Value, to restored: Value) throws(RegctlError) {
    guard keepsFigures else { return }
    try run(
      """
      UPDATE regctl_purged_mails SET account_id = $1 WHERE account_id = -CAST($2 AS BIGINT)
      """, restored, old)
  }

  // MARK: Changes of address

  /// The number of requested changes of address that are as old, with no mail under way.
  func settledChangeCount(before cutoff: Instant) throws(RegctlError) -> Int {
    try first(
      """
      SELECT count(*) FROM regctl_email_changes
      WHERE coalesce(confirmed_at, voided_at, requested_at) < $1 AND NOT EXISTS (
        SELECT 1 FROM regctl_outbox o
        WHERE o.account_id = regctl_email_changes.account_id AND o.state IN ('queued', 'held', 'sending'))
      """, .integer(cutoff.seconds)
    ) { $0.count(0) } ?? 0
  }

  /// The numbers of such requests behind a number.
  ///
  /// Mails are counted for each: a server may read the whole outbox for `NOT EXISTS`.
  func settledChanges(
    before cutoff: Instant, after last: Int64, limit: Int
  ) throws(RegctlError) -> [Int64] {
    let numbers = try rows(
      """
      SELECT request FROM regctl_email_changes
      WHERE request > $1 AND coalesce(confirmed_at, voided_at, requested_at) < $2
        AND (
          SELECT count(*) FROM regctl_outbox o
          WHERE o.account_id = regctl_email_changes.account_id
            AND o.state IN ('queued', 'held', 'sending')) = 0
      ORDER BY request LIMIT $3
      """, .integer(last), .integer(cutoff.seconds), .integer(Int64(limit))
    ) { $0.integer(0) }
    try requireOrder(
      of: numbers, by: \.self, after: last, in: "regctl_email_changes", numbered: \.self)
    return numbers
  }

  /// Removes such requests with numbers in a range, and returns how many; call it in a transaction.
  func purgeChanges(
    _ range: ClosedRange<Int64>, before cutoff: Instant
  ) throws(RegctlError) -> Int {
    try run(
      """
      DELETE FROM regctl_email_changes
      WHERE request BETWEEN $1 AND $2 AND coalesce(confirmed_at, voided_at, requested_at) < $3
        AND NOT EXISTS (
          SELECT 1 FROM regctl_outbox o
          WHERE o.account_id = regctl_email_changes.account_id
            AND o.state IN ('queued', 'held', 'sending'))
      """, .integer(range.lowerBound), .integer(range.upperBound), .integer(cutoff.seconds))
  }
}
