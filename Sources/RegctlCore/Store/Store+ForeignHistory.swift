internal import SQL

/// History of accounts that were deleted while the trigger on `users` was missing.
///
/// SQLite gives the number of a deleted account to the next one, and the trigger keeps their history
/// apart. Without it, a row belongs to an account only if it has an address of that account.
///
/// A server gives no number again, so there only the rows of accounts that are gone are concerned.
extension Store {
  /// Separates the history of deleted accounts from the accounts that have their numbers now, as the
  /// trigger would have done; call it in the transaction that restores the trigger.
  ///
  /// What cannot be proven to belong to an account is separated from it. It stays in the audit and
  /// in the outbox, under the negative number.
  func separateHistory(at now: Instant) throws(RegctlError) {
    if case .server = location {
      try separateDeletedAccounts()
      try cancelMailsOfDeletedAccounts(at: now)
      return
    }
    try execute(
      Statement(
        sqlite: """
          CREATE TEMP TABLE regctl_owned (
            account_id INTEGER NOT NULL,
            email TEXT NOT NULL COLLATE NOCASE,
            PRIMARY KEY (account_id, email)
          ) WITHOUT ROWID
          """))
    try listAddresses()
    try separateAuditAndRequests()
    try separateMails(at: now)
    try separateActsOnMany()
    try forgetDeletedAccounts()
    try execute(Statement(sqlite: "DROP TABLE temp.regctl_owned"))
  }

  /// Lists the present and the former addresses of every account: a change of address is recorded
  /// with the former address, and names the new one in its reason.
  private func listAddresses() throws(RegctlError) {
    try run(
      Statement(
        sqlite: """
          INSERT INTO regctl_owned (account_id, email)
          WITH RECURSIVE owned (account_id, email) AS (
            SELECT id, email FROM users
            UNION
            SELECT a.account_id, a.email FROM owned o JOIN regctl_audit a ON a.account_id = o.account_id
            WHERE a.act IN ($1, $2) AND a.email IS NOT NULL
              AND substr(a.reason || ': ', 1, length(o.email) + 5) = 'to ' || o.email || ': ')
          SELECT account_id, email FROM owned WHERE TRUE ON CONFLICT DO NOTHING
          """), .text(AuditEntry.Act.changeEmail.rawValue),
      .text(AuditEntry.Act.confirmEmailChange.rawValue))
  }

  private func separateAuditAndRequests() throws(RegctlError) {
    try run(
      Statement(
        sqlite: """
          UPDATE regctl_audit SET account_id = -account_id
          WHERE account_id > 0 AND NOT EXISTS (
            SELECT 1 FROM regctl_owned o
            WHERE o.account_id = regctl_audit.account_id
              AND (regctl_audit.email IS NULL OR o.email = regctl_audit.email))
          """))
    try run(
      Statement(
        sqlite: """
          UPDATE regctl_email_changes SET account_id = -account_id
          WHERE account_id > 0 AND NOT EXISTS (
            SELECT 1 FROM regctl_owned o
            WHERE o.account_id = regctl_email_changes.account_id
              AND o.email = regctl_email_changes.old_email)
          """))
  }

  /// Mails of a change go to the requested address too.
  private func separateMails(at now: Instant) throws(RegctlError) {
    try run(
      Statement(
        sqlite: """
          INSERT INTO regctl_owned (account_id, email)
          SELECT account_id, new_email FROM regctl_email_changes WHERE account_id > 0
          ON CONFLICT DO NOTHING
          """))
    try run(
      Statement(
        sqlite: """
          UPDATE regctl_outbox SET account_id = -account_id
          WHERE account_id > 0 AND NOT EXISTS (
            SELECT 1 FROM regctl_owned o
            WHERE o.account_id = regctl_outbox.account_id AND o.email = regctl_outbox.email)
          """))
    try cancelMailsOfDeletedAccounts(at: now)
  }

  private func cancelMailsOfDeletedAccounts(at now: Instant) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_outbox SET state = 'cancelled', finished_at = $1, next_attempt_at = NULL,
        last_reply = 'the account was deleted'
      WHERE account_id < 0 AND state IN ('queued', 'sending')
      """, .integer(now.seconds))
  }

  /// The accounts of an act on many are recorded without an address: one is an account of today if
  /// that account is known to have existed by then. An application's date of registration may be
  /// local time, up to 12 hours behind UTC.
  private func separateActsOnMany() throws(RegctlError) {
    try run(
      Statement(
        sqlite: """
          UPDATE regctl_audit_accounts SET account_id = -account_id,
            deleted_email = coalesce(
              (SELECT email FROM regctl_outbox
                WHERE account_id = -regctl_audit_accounts.account_id ORDER BY id DESC LIMIT 1),
              (SELECT email FROM regctl_audit
                WHERE account_id = -regctl_audit_accounts.account_id ORDER BY id DESC LIMIT 1),
              '')
          WHERE account_id > 0 AND NOT EXISTS (
            SELECT 1 FROM regctl_audit a
            WHERE a.id = regctl_audit_accounts.audit_id AND (
              EXISTS (
                SELECT 1 FROM regctl_outbox o
                WHERE o.account_id = regctl_audit_accounts.account_id AND o.queued_at <= a.at)
              OR EXISTS (
                SELECT 1 FROM regctl_audit b
                WHERE b.account_id = regctl_audit_accounts.account_id AND b.at <= a.at)
              OR EXISTS (
                SELECT 1 FROM users u
                WHERE u.id = regctl_audit_accounts.account_id
                  AND (a.at = CAST(strftime('%s', u.registered_on) AS INTEGER)
                    OR a.at >= CAST(strftime('%s', u.registered_on) AS INTEGER) + 43200))))
          """))
  }

  /// Does with the rows of accounts that are gone what the trigger does, where no other account has
  /// their numbers.
  private func separateDeletedAccounts() throws(RegctlError) {
    try execute(
      Statement(
        postgreSQL: """
          DELETE FROM regctl_accounts r WHERE NOT EXISTS (
            SELECT 1 FROM users u WHERE u.id = r.account_id);
          DELETE FROM regctl_campaigns r WHERE NOT EXISTS (
            SELECT 1 FROM users u WHERE u.id = r.account_id);
          UPDATE regctl_outbox r SET account_id = -account_id
          WHERE account_id > 0 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = r.account_id);
          UPDATE regctl_email_changes r SET account_id = -account_id
          WHERE account_id > 0 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = r.account_id);
          UPDATE regctl_audit r SET account_id = -account_id
          WHERE account_id > 0 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = r.account_id);
          UPDATE regctl_audit_accounts r SET account_id = -account_id,
            deleted_email = coalesce(
              (SELECT email FROM regctl_outbox
                WHERE account_id = -r.account_id ORDER BY id DESC LIMIT 1),
              (SELECT email FROM regctl_audit
                WHERE account_id = -r.account_id ORDER BY id DESC LIMIT 1),
              '')
          WHERE account_id > 0 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = r.account_id)
          """))
  }

  /// A revocation of tokens stays while there is an account with the number: it harms no other.
  private func forgetDeletedAccounts() throws(RegctlError) {
    try run(
      """
      DELETE FROM regctl_campaigns WHERE NOT EXISTS (
        SELECT 1 FROM regctl_outbox o
        WHERE o.account_id = regctl_campaigns.account_id AND o.queued_at >= regctl_campaigns.at)
      """)
    try run(
      """
      DELETE FROM regctl_accounts WHERE NOT EXISTS (
        SELECT 1 FROM users u WHERE u.id = regctl_accounts.account_id)
      """)
    try run(
      """
      UPDATE regctl_accounts SET registered_at = NULL
      WHERE registered_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM regctl_audit a
        WHERE a.account_id = regctl_accounts.account_id AND a.at <= regctl_accounts.registered_at)
      """)
  }

  /// Hides, for this connection, rows that may be the history of a deleted account: those without
  /// the present address of the account that has the number. Views shadow the tables. On a server,
  /// where no other account has the number, nothing is hidden.
  ///
  /// The whole history is seen again when the trigger is restored.
  func hideForeignHistory() throws(RegctlError) {
    if case .server = location { return }
    guard try hasTable(mapping.table) else { return }
    try execute(
      Statement(
        sqlite: """
          CREATE TEMP VIEW regctl_outbox AS SELECT * FROM main.regctl_outbox m
          WHERE account_id < 0 OR EXISTS (
            SELECT 1 FROM {table} u
            WHERE u.{id} = m.account_id AND u.{email} = m.email COLLATE NOCASE);
          CREATE TEMP VIEW regctl_email_changes AS SELECT * FROM main.regctl_email_changes m
          WHERE account_id < 0 OR EXISTS (
            SELECT 1 FROM {table} u
            WHERE u.{id} = m.account_id AND u.{email} = m.old_email COLLATE NOCASE);
          CREATE TEMP VIEW regctl_audit AS SELECT id, at, actor, uid, act,
            CASE WHEN account_id > 0 AND NOT EXISTS (
              SELECT 1 FROM {table} u
              WHERE u.{id} = m.account_id AND u.{email} = m.email COLLATE NOCASE)
            THEN -account_id ELSE account_id END AS account_id,
            subject_id, accounts_hash, email, reason, hash
          FROM main.regctl_audit m;
          CREATE TEMP VIEW regctl_audit_accounts AS SELECT
            min(account_id, -account_id) AS account_id, audit_id, subject_id,
            coalesce(deleted_email, '') AS deleted_email
          FROM main.regctl_audit_accounts
          """))
  }
}
