internal import Base
internal import SQL

extension Store {
  /// Unconfirmed accounts that are not administrators and may have been registered before a time,
  /// oldest first, and the position to continue from; `nil` at the end.
  func pruneCandidates(
    after place: ListPlace, cutoff: Instant, limit: Int
  ) throws(RegctlError) -> (candidates: [PruneCandidate], next: ListPlace?) {
    try require(.registeredOn)
    let horizon = try pruneHorizon(of: cutoff)
    // On SQLite two ranges, as in the list of unconfirmed accounts.
    let places = try rows(
      Statement(
        sqlite: """
          SELECT u.id, u.registered_on
          FROM (
            SELECT registered_on, id FROM users
            WHERE confirmed = FALSE AND registered_on = $1 AND id > $2
            UNION ALL
            SELECT registered_on, id FROM users
            WHERE confirmed = FALSE AND registered_on > $1
            ORDER BY 1, 2 LIMIT -1
          ) p CROSS JOIN users u
          WHERE u.id = p.id AND u.registered_on < $3 AND u.admin = FALSE
          LIMIT $4
          """,
        postgreSQL: """
          SELECT id, registered_on FROM users
          WHERE confirmed = FALSE AND (registered_on, id) > ($1, $2)
            AND registered_on < $3 AND admin = FALSE
          ORDER BY registered_on, id LIMIT $4
          """), bound(place), .integer(place.number), .text(horizon.databaseText),
      .integer(Int64(limit))
    ) { ListPlace(value: $0.value(1), number: $0.account(0).rawValue) }
    try requireOrder(of: places, by: \.self, after: place, in: mapping.table, numbered: \.number)
    // An account may have been confirmed between the two statements.
    let candidates = try pruneCandidates(
      places.map { AccountID(rawValue: $0.number) }, cutoff: cutoff
    ).compactMap { $0 }
      .filter { !$0.isConfirmed && !$0.isAdmin }
    return (candidates, places.last)
  }

  /// The time whose text bounds the dates of registrations before a cutoff: a local time may be ahead
  /// of UTC, and in an unknown zone it may be later by as much.
  func pruneHorizon(of cutoff: Instant) throws(RegctlError) -> Instant {
    let dates = try accountDates()
    return dates.haveZone && !dates.areUTC ? cutoff + DatabaseZone.greatestOffset : cutoff
  }

  /// The accounts with some IDs, in that order; `nil` for each that no longer exists.
  func pruneCandidates(
    _ ids: [AccountID], cutoff: Instant
  ) throws(RegctlError) -> [PruneCandidate?] {
    var found: [PruneCandidate?] = Array(repeating: nil, count: ids.count)
    if ids.isEmpty { return found }
    let dates = try accountDates()
    try forEach(
      Statement(
        sqlite: """
          SELECT w.key, u.id, u.email, u.confirmed, u.admin, u.registered_on,
            (SELECT max(at) FROM (
              SELECT at FROM regctl_audit WHERE account_id = u.id
              UNION ALL
              SELECT a.at FROM regctl_audit_accounts m JOIN regctl_audit a ON a.id = m.audit_id
              WHERE m.account_id = u.id) acts),
            coalesce(u.registered_on < $1, FALSE), a.registered_at
          FROM json_each($2) w
          CROSS JOIN users u LEFT JOIN regctl_accounts a ON a.account_id = u.id
          WHERE u.id = w.value
          """,
        postgreSQL: """
          SELECT w.key - 1, u.id, u.email, u.confirmed, u.admin, u.registered_on,
            (SELECT max(at) FROM (
              SELECT at FROM regctl_audit WHERE account_id = u.id
              UNION ALL
              SELECT a.at FROM regctl_audit_accounts m JOIN regctl_audit a ON a.id = m.audit_id
              WHERE m.account_id = u.id) acts),
            coalesce(u.registered_on < $1, FALSE), a.registered_at
          FROM unnest(CAST($2 AS BIGINT[])) WITH ORDINALITY AS w (value, key)
          JOIN users u ON u.id = w.value LEFT JOIN regctl_accounts a ON a.account_id = u.id
          """), .text(cutoff.databaseText), .integers(ids.map(\.rawValue))
    ) { row in
      let stored = row.optionalText(5) ?? ""
      let records = [row.optionalInstant(8)?.seconds].compactMap { $0 }
      found[row.count(0)] = PruneCandidate(
        id: row.account(1), email: row.text(2), isConfirmed: row.boolean(3),
        isAdmin: row.boolean(4), stored: stored, isOldByText: row.boolean(7),
        registeredOn: dates.date(stored, records: records),
        latestRegistration: dates.latest(stored, records: records),
        lastAct: row.optionalInstant(6))
    }
    try addMails(to: &found)
    let locked = try locked(among: found.compactMap { $0.map { ($0.id, $0.email) } })
    for index in found.indices where found[index].map({ locked.contains($0.id) }) ?? false {
      found[index]?.isLocked = true
    }
    let declined = try declinedLater(among: found.compactMap { $0?.id })
    for index in found.indices where found[index].map({ declined.contains($0.id) }) ?? false {
      found[index]?.isDeclinedLater = true
    }
    try addPurgedMails(to: &found)
    return found
  }

  /// Adds what the mails of candidates say: read together, since a query of each account for each of
  /// its questions takes twice as long.
  private func addMails(to found: inout [PruneCandidate?]) throws(RegctlError) {
    let places = found.indices.filter { found[$0] != nil }
    let ids = places.compactMap { found[$0]?.id.rawValue }
    try forEach(
      Statement(
        sqlite: """
          SELECT m.id, w.key, m.state, m.finished_at, m.last_reply
          FROM json_each($1) w CROSS JOIN regctl_outbox m WHERE m.account_id = w.value
          """,
        postgreSQL: """
          SELECT m.id, w.key - 1, m.state, m.finished_at, m.last_reply
          FROM unnest(CAST($1 AS BIGINT[])) WITH ORDINALITY AS w (value, key)
          JOIN regctl_outbox m ON m.account_id = w.value
          """), .integers(ids)
    ) { row in
      let state = row.word(2, else: OutboxEntry.State.failed)
      found[places[row.count(1)]]?.addMail(
        row.integer(0), state, finishedAt: state == .sent ? row.optionalInstant(3) : nil,
        reply: state == .failed ? row.optionalText(4) : nil)
    }
  }

  /// The number of accounts registered on each day before a time, and of confirmed ones among them,
  /// including pruned accounts but no administrators; the days are as the table stores them.
  func confirmationsByDay(
    registeredBefore horizon: Instant
  ) throws(RegctlError) -> [(day: String, accounts: Int, confirmed: Int)] {
    var days: [(day: String, accounts: Int, confirmed: Int)] = []
    // On SQLite grouped here and not in SQL, which would sort all rows: most follow one of the same
    // day.
    try forEach(
      Statement(
        sqlite: """
          SELECT substr(registered_on, 1, 10), 1, confirmed <> FALSE FROM users
          WHERE admin = FALSE AND registered_on < $1
          UNION ALL
          SELECT substr(registered_on, 1, 10), 1, FALSE FROM regctl_tombstones
          WHERE registered_on < $1
          """,
        postgreSQL: """
          SELECT CAST(registered_on AS DATE), count(*), count(*) FILTER (WHERE confirmed)
          FROM users WHERE admin = FALSE AND registered_on < $1 GROUP BY 1
          UNION ALL
          SELECT CAST(registered_on AS DATE), count(*), 0 FROM regctl_tombstones
          WHERE registered_on < $1 GROUP BY 1
          """), .text(horizon.databaseText)
    ) { row in
      let day = row.text(0)
      if days.last?.day != day { days.append((day, 0, 0)) }
      days[days.count - 1].accounts += row.count(1)
      days[days.count - 1].confirmed += row.count(2)
    }
    return days
  }

  /// Calls a body for each confirmed account that was registered from one time through another; local
  /// times of an unknown zone are taken for UTC.
  func forEachConfirmed(
    registeredFrom first: Instant, through last: Instant,
    body: (_ email: String, AccountDate) -> Void
  ) throws(RegctlError) {
    let dates = try accountDates()
    // The zone of what is stored may be any.
    let (earliest, latest) = (
      first - DatabaseZone.greatestOffset, last + DatabaseZone.greatestOffset
    )
    try forEach(
      """
      SELECT u.email, u.registered_on, a.registered_at
      FROM users u LEFT JOIN regctl_accounts a ON a.account_id = u.id
      WHERE u.confirmed <> FALSE AND u.registered_on >= $1 AND u.registered_on <= $2
      """, .text(earliest.databaseText), .text(latest.databaseText)
    ) { row in
      let records = [row.optionalInstant(2)?.seconds].compactMap { $0 }
      if let date = dates.date(row.text(1), records: records) { body(row.text(0), date) }
    }
  }

  /// The number of accounts.
  package func accountCount() throws(RegctlError) -> Int {
    try first("SELECT count(*) FROM users") { Int($0.integer(0)) } ?? 0
  }

  /// Starts a prune run and returns its number.
  func beginPruneRun(
    cutoff: Instant, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Int64 {
    try insert(
      into: "regctl_prunes",
      "INSERT INTO regctl_prunes (at, actor, uid, cutoff) VALUES ($1, $2, $3, $4) RETURNING run",
      .integer(now.seconds), .text(actor.name), .integer(Int64(actor.uid)),
      .integer(cutoff.seconds))
  }

  /// Moves accounts to the archive of a run and returns their number; call it in the transaction that
  /// has read them. Throws, so that all stay, if one is confirmed or an administrator.
  func archive(
    _ accounts: [AccountID], run: Int64, at now: Instant
  ) throws(RegctlError) -> Int {
    let numbers = Value.integers(accounts.map(\.rawValue))
    try self.run(
      Statement(
        sqlite: """
          INSERT INTO regctl_tombstones (run, account_id, registered_on, mailed_at)
          SELECT $1, id, registered_on,
            coalesce(
              (SELECT min(first_at) FROM regctl_purged_mails
                WHERE account_id = users.id AND state = 'sent'),
              (SELECT min(finished_at) FROM regctl_outbox
                WHERE account_id = users.id AND state = 'sent'))
          FROM users
          WHERE id IN (SELECT value FROM json_each($2)) AND confirmed = FALSE AND admin = FALSE
          """,
        postgreSQL: """
          INSERT INTO regctl_tombstones (run, account_id, registered_on, mailed_at)
          SELECT $1, id, registered_on,
            coalesce(
              (SELECT min(first_at) FROM regctl_purged_mails
                WHERE account_id = users.id AND state = 'sent'),
              (SELECT min(finished_at) FROM regctl_outbox
                WHERE account_id = users.id AND state = 'sent'))
          FROM users
          WHERE id = ANY ($2) AND confirmed = FALSE AND admin = FALSE
          """), .integer(run), numbers)
    let archived = try archive(numbers, in: run)
    let reservation = try prepareReservation()
    try separatePast(of: numbers)
    let deleted = try self.run(
      Statement(
        sqlite: """
          DELETE FROM {table}
          WHERE {id} IN (SELECT value FROM json_each($1))
            AND {confirmed} = FALSE AND {admin} = FALSE
          """,
        postgreSQL: """
          DELETE FROM {table}
          WHERE {id} = ANY ($1) AND {confirmed} = FALSE AND {admin} = FALSE
          """), numbers)
    try changeOne(
      of: "regctl_prunes", "UPDATE regctl_prunes SET pruned = pruned + $1 WHERE run = $2",
      .integer(Int64(deleted)), .integer(run))
    guard archived == deleted, deleted == accounts.count else {
      throw ignoredChange(of: mapping.table)
    }
    try reserve(reservation, at: now)
    return deleted
  }

  // MARK: Restoring

  /// The prune runs, newest first.
  package func pruneRuns() throws(RegctlError) -> [PruneRun] {
    try rows(
      """
      SELECT run, at, actor, cutoff, pruned, restored FROM regctl_prunes ORDER BY run DESC
      """, transform: PruneRun.init(row:))
  }

  /// The newest run whose archive contains an address, ignoring ASCII case and the spelling of its
  /// domain.
  package func pruneRun(of email: String) throws(RegctlError) -> Int64? {
    try spellings(of: email).map { spelling throws(RegctlError) in
      try first(
        Statement(
          sqlite: """
            SELECT max(run) FROM regctl_archive WHERE email = $1 COLLATE NOCASE AND run > 0
            """,
          postgreSQL: """
            SELECT max(run) FROM regctl_archive
            WHERE lower(email COLLATE "C") = lower(CAST($1 AS TEXT) COLLATE "C") AND run > 0
            """), .text(spelling)
      ) { $0.optionalInteger(0) }.flatMap { $0 }
    }.compactMap { $0 }.max()
  }

  /// The number of accounts that the archive has of a run.
  package func archivedCount(in run: Int64) throws(RegctlError) -> Int {
    try first("SELECT count(*) FROM regctl_archive WHERE run = $1", .integer(run)) { $0.count(0) }
      ?? 0
  }

  /// Restores an account from the archive of a prune run or of a deletion, under its old ID if that
  /// is free.
  func restore(_ id: AccountID, of run: Int64) throws(RegctlError) -> AccountID {
    let isFree = try account(id) == nil
    if isFree { try release(id) }
    let restored = try insertArchived(id, of: run, keepingNumber: isFree)
    try self.run(
      """
      INSERT INTO regctl_accounts (account_id, registered_at, not_before)
      SELECT $1, registered_at, not_before FROM regctl_archive
      WHERE run = $2 AND account_id = $3
        AND (registered_at IS NOT NULL OR not_before IS NOT NULL)
      ON CONFLICT (account_id) DO UPDATE
      SET registered_at = excluded.registered_at, not_before = excluded.not_before
      """, .integer(restored), .integer(run), .integer(id.rawValue))
    try giveBackPast(of: id, in: run, to: restored)
    return AccountID(rawValue: restored)
  }

  /// Reattaches the history of a restored account, under each address that it had, and removes it
  /// from the archive.
  private func giveBackPast(
    of id: AccountID, in run: Int64, to restored: Int64
  ) throws(RegctlError) {
    let (number, old) = (Value.integer(run), Value.integer(id.rawValue))
    let email = try first(
      "SELECT email FROM regctl_archive WHERE run = $1 AND account_id = $2", number, old
    ) { $0.text(0) }
    let entries = try auditEntries(of: AccountID(rawValue: -id.rawValue))
    for address in FormerAddresses(of: [email ?? ""], in: entries).all {
      try giveBackPast(of: address, number: old, to: .integer(restored))
    }
    try changeOne(
      of: "regctl_archive", "DELETE FROM regctl_archive WHERE run = $1 AND account_id = $2", number,
      old)
    try removeArchivedColumns(of: old, in: number)
    try giveBackPurgedMails(number: old, to: .integer(restored))
    try self.run("DELETE FROM regctl_tombstones WHERE run = $1 AND account_id = $2", number, old)
    if run < 0 { return }
    try changeOne(
      of: "regctl_prunes", "UPDATE regctl_prunes SET restored = restored + 1 WHERE run = $1", number
    )
  }

  /// Reattaches what the account with a number did, and what was mailed to it, under an address.
  private func giveBackPast(
    of address: String, number old: Value, to restored: Value
  ) throws(RegctlError) {
    try giveBackLocks(of: address, number: old, to: restored)
    try giveBackBounces(of: address, number: old, to: restored)
    try giveBackLanguage(of: address, number: old, to: restored)
    try run(
      """
      UPDATE regctl_email_changes SET account_id = $1
      WHERE account_id = -CAST($2 AS BIGINT) AND lower(old_email) = lower($3)
      """, restored, old, .text(address))
    // Mails of a change go to the requested address too.
    try run(
      """
      UPDATE regctl_outbox SET account_id = $1
      WHERE account_id = -CAST($2 AS BIGINT) AND (lower(email) = lower($3) OR lower(email) IN (
        SELECT lower(new_email) FROM regctl_email_changes
        WHERE account_id = $1 AND lower(old_email) = lower($3)))
      """, restored, old, .text(address))
    try run(
      """
      UPDATE regctl_audit SET account_id = $1
      WHERE account_id = -CAST($2 AS BIGINT) AND lower(email) = lower($3)
      """, restored, old, .text(address))
    try run(
      """
      UPDATE regctl_audit_accounts SET account_id = $1, deleted_email = NULL
      WHERE account_id = -CAST($2 AS BIGINT) AND lower(deleted_email) = lower($3)
      """, restored, old, .text(address))
  }
}

extension PruneRun {
  /// A run from the columns run, at, actor, cutoff, pruned, restored.
  init(row: borrowing Row) {
    self.init(
      number: row.integer(0), at: row.instant(1), actor: row.text(2), cutoff: row.instant(3),
      pruned: row.count(4), restored: row.count(5))
  }
}
