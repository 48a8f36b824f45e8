internal import SQL

/// The outbox of schema 6 or earlier, whose rows can be neither held nor bounced.
extension Store {
  /// Whether mails can be held, as the constraint of the table says.
  func canHoldMail() throws(RegctlError) -> Bool {
    try first(
      Statement(
        sqlite: """
          SELECT 1 FROM main.sqlite_schema
          WHERE type = 'table' AND name = 'regctl_outbox' AND instr(sql, '''held''')
          """,
        postgreSQL: """
          SELECT 1 FROM pg_catalog.pg_constraint
          WHERE conrelid = pg_catalog.to_regclass('regctl.regctl_outbox') AND contype = 'c'
            AND strpos(pg_catalog.pg_get_constraintdef(oid), '''held''') > 0
          LIMIT 1
          """)
    ) { _ in true } ?? false
  }

  /// The names of the indexes that a renewed outbox loses.
  var lostWithOutbox: Set<String> {
    switch location {
    case .file:
      Set(
        [Schema.outboxDue, Schema.outboxUrgent, Schema.outboxSending, Schema.outboxAccount]
          .map(\.name))
    case .server: []
    }
  }

  /// Gives the outbox the states of the newest schema; call it in the transaction of a migration.
  ///
  /// SQLite has no statement that changes a CHECK constraint: the table is copied
  /// (sqlite.org/lang_altertable.html, section 7). It is not renamed, which fails while any view or
  /// trigger of the application names a table that is missing.
  func renewOutbox() throws(RegctlError) {
    switch location {
    case .file:
      try execute(
        Statement(
          sqlite: """
            CREATE TEMP TABLE regctl_outbox_copy AS SELECT * FROM main.regctl_outbox;
            DROP TABLE main.regctl_outbox
            """))
      try execute(Schema.outbox.sql)
      try execute(
        Statement(
          sqlite: """
            INSERT INTO main.regctl_outbox (
              id, account_id, email, purpose, template, state, attempts, queued_at,
              next_attempt_at, finished_at, last_reply, message_id, possible_duplicate)
            SELECT id, account_id, email, purpose, template, state, attempts, queued_at,
              next_attempt_at, finished_at, last_reply, message_id, possible_duplicate
            FROM temp.regctl_outbox_copy
            """))
      try execute(Statement(sqlite: "DROP TABLE temp.regctl_outbox_copy"))
    case .server:
      try execute(
        Statement(
          postgreSQL: """
            ALTER TABLE regctl_outbox DROP CONSTRAINT IF EXISTS "regctl_outbox_state_check",
            ADD CONSTRAINT "regctl_outbox_state_check" CHECK (
              state IN (
                'queued', 'held', 'sending', 'sent', 'failed', 'bounced', 'cancelled', 'expired'))
            """))
    }
  }
}
