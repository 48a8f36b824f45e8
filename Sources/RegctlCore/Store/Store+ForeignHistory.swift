internal import SQL

/// History of accounts that were deleted while the trigger on `users` was missing.
///
/// The number of a deleted account may be given to the next one: by SQLite, and by a server whose
/// table was dropped and created. The trigger keeps their histories apart. Without it, a row belongs
/// to an account only if it has an address of that account.
extension Store {
  /// Separates the history of deleted accounts from the accounts that have their numbers now, as the
  /// trigger would have done; call it in the transaction that restores the trigger.
  ///
  /// What cannot be proven to belong to an account is separated from it. It stays in the audit and
  /// in the outbox, under the negative number.
  func separateHistory(at now: Instant) throws(RegctlError) {
    // On a server an owner of the schema may lack the right to temporary tables.
    try execute(
      Statement(
        sqlite: """
          CREATE TEMP TABLE regctl_owned (
            account_id INTEGER NOT NULL,
            email TEXT NOT NULL,
            registered_at INTEGER,
            PRIMARY KEY (account_id, email)
          ) WITHOUT ROWID
          """,
        postgreSQL: """
          CREATE TABLE regctl_owned (
            account_id BIGINT NOT NULL,
            email TEXT NOT NULL,
            registered_at BIGINT,
            PRIMARY KEY (account_id, email)
          )
          """))
    try listAddresses()
    try separateAuditAndRequests()
    try separateMails(at: now)
    try separateActsOnMany()
    try forgetDeletedAccounts()
    try execute(
      Statement(sqlite: "DROP TABLE temp.regctl_owned", postgreSQL: "DROP TABLE regctl_owned"))
  }

  /// Lists the present and the former addresses of every account, without their capitals: a change
  /// of address is recorded with both.
  private func listAddresses() throws(RegctlError) {
    try run(
      Statement(
        sqlite: """
          INSERT INTO regctl_owned (account_id, email, registered_at)
          WITH RECURSIVE owned (account_id, email, registered_at) AS (
            SELECT id, email, CAST(strftime('%s', registered_on) AS INTEGER) FROM users
            UNION
            SELECT a.account_id, a.email, o.registered_at
            FROM owned o JOIN regctl_audit a ON a.account_id = o.account_id
            WHERE a.act IN ($1, $2) AND a.email IS NOT NULL AND a.new_email = o.email)
          SELECT account_id, lower(email), registered_at FROM owned WHERE TRUE ON CONFLICT DO NOTHING
          """,
        postgreSQL: """
          WITH RECURSIVE owned (account_id, email, registered_at) AS (
            SELECT CAST(id AS BIGINT), CAST(email AS TEXT),
              CASE WHEN isfinite(registered_on)
                THEN CAST(floor(extract(epoch FROM registered_on)) AS BIGINT) END
            FROM users
            UNION
            SELECT a.account_id, a.email, o.registered_at
            FROM owned o JOIN regctl_audit a ON a.account_id = o.account_id
            WHERE a.act IN ($1, $2) AND a.email IS NOT NULL AND a.new_email = o.email)
          INSERT INTO regctl_owned (account_id, email, registered_at)
          SELECT account_id, lower(email COLLATE "C"), registered_at FROM owned
          ON CONFLICT DO NOTHING
          """), .text(AuditEntry.Act.changeEmail.rawValue),
      .text(AuditEntry.Act.confirmEmailChange.rawValue))
  }

  private func separateAuditAndRequests() throws(RegctlError) {
    try run(
      """
      UPDATE regctl_audit SET account_id = -account_id
      WHERE account_id > 0 AND NOT EXISTS (
        SELECT 1 FROM regctl_owned o
        WHERE o.account_id = regctl_audit.account_id
          AND (regctl_audit.email IS NULL OR o.email = lower(regctl_audit.email {bytes})))
      """)
    // The tables were made before the trigger was restored.
    try run(
      """
      UPDATE regctl_locks SET account_id = -account_id
      WHERE account_id > 0 AND NOT EXISTS (
        SELECT 1 FROM regctl_owned o
        WHERE o.account_id = regctl_locks.account_id
          AND o.email = lower(regctl_locks.email {bytes}))
      """)
    try run(
      """
      UPDATE regctl_locked_passwords SET account_id = -account_id
      WHERE account_id > 0 AND NOT EXISTS (
        SELECT 1 FROM regctl_owned o
        WHERE o.account_id = regctl_locked_passwords.account_id
          AND o.email = lower(regctl_locked_passwords.email {bytes}))
      """)
    try run(
      """
      UPDATE regctl_bounces SET account_id = -account_id
      WHERE account_id > 0 AND NOT EXISTS (
        SELECT 1 FROM regctl_owned o
        WHERE o.account_id = regctl_bounces.account_id
          AND o.email = lower(regctl_bounces.email {bytes}))
      """)
    try run(
      """
      UPDATE regctl_languages SET account_id = -account_id
      WHERE account_id > 0 AND NOT EXISTS (
        SELECT 1 FROM regctl_owned o
        WHERE o.account_id = regctl_languages.account_id
          AND o.email = lower(regctl_languages.email {bytes}))
      """)
    // An application's date of registration may be local time, up to 12 hours behind UTC.
    try run(
      """
      UPDATE regctl_purged_mails SET account_id = -account_id
      WHERE account_id > 0 AND NOT EXISTS (
        SELECT 1 FROM regctl_owned o
        WHERE o.account_id = regctl_purged_mails.account_id
          AND o.registered_at <= regctl_purged_mails.first_at + 43200)
      """)
    try run(
      """
      UPDATE regctl_email_changes SET account_id = -account_id
      WHERE account_id > 0 AND NOT EXISTS (
        SELECT 1 FROM regctl_owned o
        WHERE o.account_id = regctl_email_changes.account_id
          AND o.email = lower(regctl_email_changes.old_email {bytes}))
      """)
  }

  /// Mails of a change go to the requested address too.
  private func separateMails(at now: Instant) throws(RegctlError) {
    try run(
      """
      INSERT INTO regctl_owned (account_id, email)
      SELECT account_id, lower(new_email {bytes}) FROM regctl_email_changes WHERE account_id > 0
      ON CONFLICT DO NOTHING
      """)
    try run(
      """
      UPDATE regctl_outbox SET account_id = -account_id
      WHERE account_id > 0 AND NOT EXISTS (
        SELECT 1 FROM regctl_owned o
        WHERE o.account_id = regctl_outbox.account_id
          AND o.email = lower(regctl_outbox.email {bytes}))
      """)
    try cancelMailsOfDeletedAccounts(at: now)
  }

  private func cancelMailsOfDeletedAccounts(at now: Instant) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_outbox SET state = 'cancelled', finished_at = $1, next_attempt_at = NULL,
        last_reply = 'the account was deleted'
      WHERE account_id < 0 AND state IN ('queued', 'held', 'sending')
      """, .integer(now.seconds))
  }

  /// The accounts of an act on many are recorded without an address: one is an account of today if
  /// that account is known to have existed by then. An application's date of registration may be
  /// local time, up to 12 hours behind UTC.
  private func separateActsOnMany() throws(RegctlError) {
    try run(
      """
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
            SELECT 1 FROM regctl_owned o
            WHERE o.account_id = regctl_audit_accounts.account_id
              AND (a.at = o.registered_at OR a.at >= o.registered_at + 43200))))
      """)
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
  /// the present address of the account that has the number.
  ///
  /// The whole history is seen again when the trigger is restored.
  func hideForeignHistory() throws(RegctlError) {
    guard try hasTable(mapping.table) else { return }
    switch location {
    case .file: try shadowHistory()
    case .server: readHistoryByAddress()
    }
  }

  /// Views shadow the tables in a file.
  private func shadowHistory() throws(RegctlError) {
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
          CREATE TEMP VIEW regctl_locks AS SELECT * FROM main.regctl_locks m
          WHERE account_id IS NULL OR account_id < 0 OR EXISTS (
            SELECT 1 FROM {table} u
            WHERE u.{id} = m.account_id AND u.{email} = m.email COLLATE NOCASE);
          CREATE TEMP VIEW regctl_audit AS SELECT id, at, actor, uid, act,
            CASE WHEN account_id > 0 AND NOT EXISTS (
              SELECT 1 FROM {table} u
              WHERE u.{id} = m.account_id AND u.{email} = m.email COLLATE NOCASE)
            THEN -account_id ELSE account_id END AS account_id,
            subject_id, accounts_hash, email, reason, hash, {new_email} AS new_email,
            {detail} AS detail, {nonce} AS nonce, {commitment} AS commitment
          FROM main.regctl_audit m;
          CREATE TEMP VIEW regctl_audit_accounts AS SELECT
            min(account_id, -account_id) AS account_id, audit_id, subject_id,
            coalesce(deleted_email, '') AS deleted_email
          FROM main.regctl_audit_accounts
          """))
  }

  /// On a server, where a reader may make no views, queries are read in place of the tables.
  private func readHistoryByAddress() {
    let names = database.names
    func isPresent(_ address: String) -> String {
      names.fill(
        """
        EXISTS (SELECT 1 FROM {table} u WHERE u.{id} = m.account_id
          AND lower(u.{email} {bytes}) = lower(m.\(address) {bytes}))
        """)
    }
    let further = names.fill(
      """
      {new_email} AS new_email, {detail} AS detail, {nonce} AS nonce, {commitment} AS commitment
      """)
    database.names = names.reading([
      "regctl_outbox": """
      (SELECT * FROM regctl_outbox m WHERE account_id < 0 OR \(isPresent("email")))
      """,
      "regctl_email_changes": """
      (SELECT * FROM regctl_email_changes m WHERE account_id < 0 OR \(isPresent("old_email")))
      """,
      "regctl_audit": """
      (SELECT id, at, actor, uid, act,
        CASE WHEN account_id > 0 AND NOT \(isPresent("email"))
          THEN -account_id ELSE account_id END AS account_id,
        subject_id, accounts_hash, email, reason, hash, \(further)
      FROM regctl_audit m)
      """,
      "regctl_audit_accounts": """
      (SELECT least(account_id, -account_id) AS account_id, audit_id, subject_id,
        coalesce(deleted_email, '') AS deleted_email
      FROM regctl_audit_accounts)
      """,
    ])
  }
}
