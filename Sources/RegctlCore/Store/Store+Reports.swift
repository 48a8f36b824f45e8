internal import Base
internal import SQL

extension Store {
  /// Accounts by registration date, including pruned ones but not administrators that were created
  /// rather than registered.
  package func cohorts(
    by period: ReportPeriod.Length, in interval: ReportInterval, at now: Instant
  ) throws(RegctlError) -> [Cohort] {
    try require(.registeredOn)
    var cohorts = Cohorts(by: period, at: now)
    let byOperator = try accounts(actedOnAs: .confirmByOperator)
    let made = try accounts(actedOnAs: .createAdministrator)
    let dates = try accountDates()
    let records = try allDateRecords()
    // Text selects the day; which moments the local times of that day mean is known afterwards.
    let since = bound(
      interval.since.map { dates.areUTC ? $0 : $0 - .seconds(86_400) }?.databaseText ?? "")
    try forEach(
      "SELECT id, registered_on, confirmed, confirmed_on FROM users WHERE registered_on >= $1",
      since
    ) { row in
      let id = row.integer(0)
      let account = AccountID(rawValue: id)
      guard
        let registeredOn = row.optionalText(1).flatMap({
          dates.date($0, records: records.registrations(of: account))
        }), interval.contains(registeredOn.assumingUTC)
      else { return }
      if !made.isEmpty, made.contains(id) { return }
      let state: AccountLife.State =
        !row.boolean(2)
        ? .open
        : !byOperator.isEmpty && byOperator.contains(id)
          ? .confirmedByOperator : .confirmedByToken
      cohorts.add(
        AccountLife(
          registeredOn: registeredOn, state: state,
          end: state == .open
            ? nil
            : row.optionalText(3).flatMap {
              dates.date($0, records: records.confirmations(of: account))
            }))
    }
    try forEach(
      """
      SELECT t.registered_on, p.at FROM regctl_tombstones t JOIN regctl_prunes p ON p.run = t.run
      WHERE t.registered_on >= $1
      """, since
    ) { row in
      guard let registeredOn = row.optionalText(0).flatMap({ dates.date($0) }),
        interval.contains(registeredOn.assumingUTC)
      else { return }
      cohorts.add(
        AccountLife(registeredOn: registeredOn, state: .pruned, end: .moment(row.instant(1))))
    }
    return cohorts.all
  }

  private func accounts(actedOnAs act: AuditEntry.Act) throws(RegctlError) -> Set<Int64> {
    try rows(
      "SELECT account_id FROM regctl_audit WHERE act = $1 AND account_id > 0",
      .text(act.rawValue)
    ) { $0.integer(0) }.reduce(into: []) { $0.insert($1) }
  }

  /// The confirmation funnel of each domain, the domain with the most accounts first, including
  /// pruned accounts, whose domain is in the archive, or beside the tombstone once they were purged.
  package func funnel(in interval: ReportInterval) throws(RegctlError) -> [DomainFunnel] {
    if interval != ReportInterval() { try require(.registeredOn) }
    let dates = try accountDates()
    return try rows(
      Statement(
        sqlite: """
          SELECT domain, count(*), count(*) FILTER (WHERE is_mailed),
            count(*) FILTER (WHERE is_accepted), count(*) FILTER (WHERE is_confirmed)
          FROM (
            SELECT lower(substr(email, instr(email, '@') + 1)) AS domain,
              EXISTS (SELECT 1 FROM regctl_outbox WHERE account_id = users.id)
                OR EXISTS (
                  SELECT 1 FROM regctl_purged_mails WHERE account_id = users.id) AS is_mailed,
              EXISTS (
                SELECT 1 FROM regctl_outbox WHERE account_id = users.id AND state = 'sent')
                OR EXISTS (
                  SELECT 1 FROM regctl_purged_mails
                  WHERE account_id = users.id AND state = 'sent') AS is_accepted,
              confirmed <> FALSE AS is_confirmed
            FROM users WHERE registered_on >= $1 AND registered_on <= $2 AND id NOT IN (
              SELECT account_id FROM regctl_audit WHERE act = 'create-admin' AND account_id > 0)
            UNION ALL
            SELECT lower(substr(a.email, instr(a.email, '@') + 1)),
              t.mailed_at IS NOT NULL OR EXISTS (
                SELECT 1 FROM regctl_outbox o
                WHERE o.account_id = -t.account_id AND o.email = a.email COLLATE NOCASE)
                OR EXISTS (
                  SELECT 1 FROM regctl_purged_mails p WHERE p.account_id = -t.account_id),
              t.mailed_at IS NOT NULL, FALSE
            FROM regctl_tombstones t
            JOIN regctl_archive a ON a.run = t.run AND a.account_id = t.account_id
            WHERE t.registered_on >= $1 AND t.registered_on <= $2
            UNION ALL
            SELECT p.domain, p.mailed, t.mailed_at IS NOT NULL, FALSE
            FROM regctl_tombstones t
            JOIN regctl_purged_accounts p ON p.run = t.run AND p.account_id = t.account_id
            WHERE t.registered_on >= $1 AND t.registered_on <= $2
          ) accounts
          GROUP BY domain ORDER BY 2 DESC, 1
          """,
        postgreSQL: """
          SELECT domain, count(*), count(*) FILTER (WHERE is_mailed),
            count(*) FILTER (WHERE is_accepted), count(*) FILTER (WHERE is_confirmed)
          FROM (
            SELECT lower(substr(email COLLATE "C", strpos(email, '@') + 1)) AS domain,
              EXISTS (SELECT 1 FROM regctl_outbox WHERE account_id = users.id)
                OR EXISTS (
                  SELECT 1 FROM regctl_purged_mails WHERE account_id = users.id) AS is_mailed,
              EXISTS (
                SELECT 1 FROM regctl_outbox WHERE account_id = users.id AND state = 'sent')
                OR EXISTS (
                  SELECT 1 FROM regctl_purged_mails
                  WHERE account_id = users.id AND state = 'sent') AS is_accepted,
              confirmed AS is_confirmed
            FROM users WHERE registered_on >= $1 AND registered_on <= $2 AND id NOT IN (
              SELECT account_id FROM regctl_audit WHERE act = 'create-admin' AND account_id > 0)
            UNION ALL
            SELECT lower(substr(a.email COLLATE "C", strpos(a.email, '@') + 1)),
              t.mailed_at IS NOT NULL OR EXISTS (
                SELECT 1 FROM regctl_outbox o
                WHERE o.account_id = -t.account_id
                  AND lower(o.email COLLATE "C") = lower(a.email COLLATE "C"))
                OR EXISTS (
                  SELECT 1 FROM regctl_purged_mails p WHERE p.account_id = -t.account_id),
              t.mailed_at IS NOT NULL, FALSE
            FROM regctl_tombstones t
            JOIN regctl_archive a ON a.run = t.run AND a.account_id = t.account_id
            WHERE t.registered_on >= $1 AND t.registered_on <= $2
            UNION ALL
            SELECT p.domain, p.mailed, t.mailed_at IS NOT NULL, FALSE
            FROM regctl_tombstones t
            JOIN regctl_purged_accounts p ON p.run = t.run AND p.account_id = t.account_id
            WHERE t.registered_on >= $1 AND t.registered_on <= $2
          ) accounts
          GROUP BY domain ORDER BY 2 DESC, 1
          """), bound(interval.since.map { dates.text(of: $0) } ?? ""),
      interval.last.map { bound(dates.text(of: $0)) } ?? bound(ListPlace.end)
    ) { row in
      DomainFunnel(
        domain: row.text(0), registered: row.count(1), mailed: row.count(2),
        accepted: row.count(3), confirmed: row.count(4))
    }
  }

  /// The mails that were queued in an interval, by period, oldest first.
  package func queuedMails(
    by length: ReportPeriod.Length, in interval: ReportInterval
  ) throws(RegctlError) -> [QueuedMails] {
    var found: [ReportPeriod: QueuedMails] = [:]
    try forEach(
      """
      SELECT queued_at / 86400 * 86400, state, count(*), count(*) FILTER (WHERE attempts > 0)
      FROM regctl_outbox WHERE queued_at >= $1 AND queued_at <= $2 GROUP BY 1, 2
      """, .integer(interval.since?.seconds ?? .min),
      .integer(interval.last?.seconds ?? .max)
    ) { row in
      let period = ReportPeriod(length, of: row.instant(0))
      found[period, default: QueuedMails(of: period)].add(
        row.count(2), row.word(1, else: .failed), attempted: row.count(3))
    }
    return found.values.sorted { $0.period < $1.period }
  }

  /// Metrics for a monitoring system.
  package func metrics(at now: Instant) throws(RegctlError) -> [Metric] {
    var metrics: [Metric] = []
    let unconfirmed = try number("SELECT count(*) FROM users WHERE confirmed = FALSE")
    let all = try number("SELECT count(*) FROM users")
    for (state, count) in [("confirmed", all - unconfirmed), ("unconfirmed", unconfirmed)] {
      metrics.append(Metric(name: "regctl_accounts", label: ("state", state), value: count))
    }
    var mails: [OutboxEntry.State: (count: Int, finishedAt: Instant?)] = [:]
    try forEach(
      "SELECT state, count(*), max(finished_at) FROM regctl_outbox GROUP BY state"
    ) { row in
      mails[row.word(0, else: .failed)] = (row.count(1), row.optionalInstant(2))
    }
    for (state, purged) in try purgedMailTotals() {
      let kept = mails[state]
      mails[state] = (
        (kept?.count ?? 0) + purged.count, kept?.finishedAt ?? purged.lastFinished
      )
    }
    for state in OutboxEntry.State.allCases {
      metrics.append(
        Metric(
          name: "regctl_mails", label: ("state", state.rawValue),
          value: Int64(mails[state]?.count ?? 0)))
    }
    let due = try nextAttempt() ?? now
    let others: [(String, Int64)] = [
      ("regctl_mail_overdue_seconds", max(0, (now - due).wholeSeconds)),
      ("regctl_last_mail_timestamp_seconds", mails[.sent]?.finishedAt?.seconds ?? 0),
      (
        "regctl_pruned_accounts_total",
        try number("SELECT CAST(sum(pruned) AS BIGINT) FROM regctl_prunes")
      ),
      ("regctl_last_prune_timestamp_seconds", try number("SELECT max(at) FROM regctl_prunes")),
    ]
    return metrics + others.map { Metric(name: $0.0, value: $0.1) }
  }

  /// The single number that a query returns; `NULL` is 0.
  private func number(_ statement: Statement, _ values: Value...) throws(RegctlError) -> Int64 {
    try rows(statement, values) { $0.optionalInteger(0) }.first.flatMap { $0 } ?? 0
  }
}
