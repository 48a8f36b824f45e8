internal import SQL

/// The indexes, and the trigger on the table of accounts.
extension Schema {
  static let outboxDue = SchemaObject(
    .index, "regctl_outbox_due",
    summary: "index regctl_outbox_due",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_outbox_due;
        CREATE INDEX regctl_outbox_due ON regctl_outbox (next_attempt_at, id)
        WHERE state = 'queued'
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_outbox_due;
        CREATE INDEX "regctl_outbox_due" ON regctl_outbox (next_attempt_at, id)
        WHERE state = 'queued'
        """))

  // Confirmations, invitations and reminders are sent after all other mails.
  static let outboxUrgent = SchemaObject(
    .index, "regctl_outbox_urgent",
    summary: "index regctl_outbox_urgent: mails that are sent first",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_outbox_urgent;
        CREATE INDEX regctl_outbox_urgent ON regctl_outbox (next_attempt_at, id)
        WHERE state = 'queued' AND coalesce(template, '') <> 'confirm'
          AND coalesce(template, '') <> 'invite' AND coalesce(template, '') <> 'reminder'
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_outbox_urgent;
        CREATE INDEX "regctl_outbox_urgent" ON regctl_outbox (next_attempt_at, id)
        WHERE state = 'queued' AND coalesce(template, '') <> 'confirm'
          AND coalesce(template, '') <> 'invite' AND coalesce(template, '') <> 'reminder'
        """), since: 7)

  static let outboxSending = SchemaObject(
    .index, "regctl_outbox_sending",
    summary: "index regctl_outbox_sending",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_outbox_sending;
        CREATE INDEX regctl_outbox_sending ON regctl_outbox (id) WHERE state = 'sending'
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_outbox_sending;
        CREATE INDEX "regctl_outbox_sending" ON regctl_outbox (id) WHERE state = 'sending'
        """))

  static let outboxAccount = SchemaObject(
    .index, "regctl_outbox_account",
    summary: "index regctl_outbox_account",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_outbox_account;
        CREATE INDEX regctl_outbox_account ON regctl_outbox (account_id, id)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_outbox_account;
        CREATE INDEX "regctl_outbox_account" ON regctl_outbox (account_id, id)
        """))

  static let auditAccount = SchemaObject(
    .index, "regctl_audit_account",
    summary: "index regctl_audit_account",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_audit_account;
        CREATE INDEX regctl_audit_account ON regctl_audit (account_id)
        WHERE account_id IS NOT NULL
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_audit_account;
        CREATE INDEX "regctl_audit_account" ON regctl_audit (account_id)
        WHERE account_id IS NOT NULL
        """))

  static let auditDeleted = SchemaObject(
    .index, "regctl_audit_deleted",
    summary: "index regctl_audit_deleted: deleted accounts by address",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_audit_deleted;
        CREATE INDEX regctl_audit_deleted ON regctl_audit (email COLLATE NOCASE)
        WHERE act = 'delete'
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_audit_deleted;
        CREATE INDEX "regctl_audit_deleted" ON regctl_audit (lower(email COLLATE "C"))
        WHERE act = 'delete'
        """))

  static let emailChangesAccount = SchemaObject(
    .index, "regctl_email_changes_account",
    summary: "index regctl_email_changes_account",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_email_changes_account;
        CREATE INDEX regctl_email_changes_account ON regctl_email_changes (account_id, request)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_email_changes_account;
        CREATE INDEX "regctl_email_changes_account" ON regctl_email_changes (account_id, request)
        """))

  static let archiveEmail = SchemaObject(
    .index, "regctl_archive_email",
    summary: "index regctl_archive_email",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_archive_email;
        CREATE INDEX regctl_archive_email ON regctl_archive (email COLLATE NOCASE)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_archive_email;
        CREATE INDEX "regctl_archive_email" ON regctl_archive (lower(email COLLATE "C"))
        """))

  static let locksAccount = SchemaObject(
    .index, "regctl_locks_account",
    summary: "index regctl_locks_account",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_locks_account;
        CREATE INDEX regctl_locks_account ON regctl_locks (account_id)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_locks_account;
        CREATE INDEX "regctl_locks_account" ON regctl_locks (account_id)
        """), since: 4)

  static let lockedPasswordsAccount = SchemaObject(
    .index, "regctl_locked_passwords_account",
    summary: "index regctl_locked_passwords_account",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_locked_passwords_account;
        CREATE INDEX regctl_locked_passwords_account ON regctl_locked_passwords (account_id)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_locked_passwords_account;
        CREATE INDEX "regctl_locked_passwords_account" ON regctl_locked_passwords (account_id)
        """), since: 4)

  static let purgedMailsAccount = SchemaObject(
    .index, "regctl_purged_mails_account",
    summary: "index regctl_purged_mails_account",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_purged_mails_account;
        CREATE INDEX regctl_purged_mails_account ON regctl_purged_mails (account_id)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_purged_mails_account;
        CREATE INDEX "regctl_purged_mails_account" ON regctl_purged_mails (account_id)
        """), since: 6)

  static let bouncesAccount = SchemaObject(
    .index, "regctl_bounces_account",
    summary: "index regctl_bounces_account",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_bounces_account;
        CREATE INDEX regctl_bounces_account ON regctl_bounces (account_id, id)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_bounces_account;
        CREATE INDEX "regctl_bounces_account" ON regctl_bounces (account_id, id)
        """), since: 7)

  static let bouncesMail = SchemaObject(
    .index, "regctl_bounces_mail",
    summary: "index regctl_bounces_mail",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_bounces_mail;
        CREATE INDEX regctl_bounces_mail ON regctl_bounces (mail_id)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_bounces_mail;
        CREATE INDEX "regctl_bounces_mail" ON regctl_bounces (mail_id)
        """), since: 7)

  static let bouncesEmail = SchemaObject(
    .index, "regctl_bounces_email",
    summary: "index regctl_bounces_email",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_bounces_email;
        CREATE INDEX regctl_bounces_email ON regctl_bounces (email COLLATE NOCASE)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_bounces_email;
        CREATE INDEX "regctl_bounces_email" ON regctl_bounces (lower(email COLLATE "C"))
        """), since: 7)

  static let languagesAccount = SchemaObject(
    .index, "regctl_languages_account",
    summary: "index regctl_languages_account",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_languages_account;
        CREATE INDEX regctl_languages_account ON regctl_languages (account_id)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS regctl_languages_account;
        CREATE INDEX "regctl_languages_account" ON regctl_languages (account_id)
        """), since: 7)

  static let usersUnconfirmed = SchemaObject(
    .index, "regctl_users_unconfirmed",
    summary: "index regctl_users_unconfirmed on users: accounts not confirmed, oldest first",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_users_unconfirmed;
        CREATE INDEX regctl_users_unconfirmed ON {users} {unconfirmed}
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS "regctl_users_unconfirmed";
        CREATE INDEX "regctl_users_unconfirmed" ON {users} {unconfirmed}
        """))

  // In a file the condition saves the statements, each of which makes a temporary table for each
  // account, where nothing is left to do (`Store.separatePast`). Dropping a trigger that does not exist
  // would still lock a table on a server against all readers.
  static let usersDeleted = SchemaObject(
    .trigger, "regctl_users_deleted",
    summary: "trigger regctl_users_deleted on users: forget a deleted account's mail and tokens",
    sql: Statement(
      sqlite: """
        DROP TRIGGER IF EXISTS regctl_users_deleted;
        CREATE TRIGGER regctl_users_deleted AFTER DELETE ON {users}
        WHEN EXISTS (SELECT 1 FROM regctl_accounts WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_campaigns WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_outbox WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_purged_mails WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_email_changes WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_locks WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_locked_passwords WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_bounces WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_languages WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_audit WHERE account_id = old.{id})
          OR EXISTS (SELECT 1 FROM regctl_audit_accounts WHERE account_id = old.{id})
        BEGIN
          DELETE FROM regctl_accounts WHERE account_id = old.{id};
          DELETE FROM regctl_campaigns WHERE account_id = old.{id};
          UPDATE regctl_outbox SET state = 'cancelled',
            finished_at = CAST(strftime('%s', 'now') AS INTEGER),
            next_attempt_at = NULL, last_reply = 'the account was deleted'
          WHERE account_id = old.{id} AND state IN ('queued', 'held', 'sending');
          UPDATE regctl_outbox SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_purged_mails SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_email_changes SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_locks SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_locked_passwords SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_bounces SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_languages SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_audit SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_audit_accounts
          SET account_id = min(old.{id}, -old.{id}), deleted_email = old.{email}
          WHERE account_id = old.{id};
        END
        """,
      postgreSQL: """
        DO $do$ BEGIN
          IF EXISTS (
            SELECT FROM pg_catalog.pg_trigger WHERE tgname = 'regctl_users_deleted'
              AND tgrelid = CAST($name${users}$name$ AS pg_catalog.regclass))
          THEN DROP TRIGGER "regctl_users_deleted" ON {users}; END IF;
        END $do$;
        CREATE OR REPLACE FUNCTION regctl_users_deleted() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
          DELETE FROM regctl_accounts WHERE account_id IN (SELECT {id} FROM gone);
          DELETE FROM regctl_campaigns WHERE account_id IN (SELECT {id} FROM gone);
          UPDATE regctl_outbox SET state = 'cancelled',
            finished_at = CAST(extract(epoch FROM clock_timestamp()) AS BIGINT),
            next_attempt_at = NULL, last_reply = 'the account was deleted'
          WHERE account_id IN (SELECT {id} FROM gone) AND state IN ('queued', 'held', 'sending');
          UPDATE regctl_outbox SET account_id = -account_id
          WHERE account_id IN (SELECT {id} FROM gone WHERE {id} > 0);
          UPDATE regctl_purged_mails SET account_id = -account_id
          WHERE account_id IN (SELECT {id} FROM gone WHERE {id} > 0);
          UPDATE regctl_email_changes SET account_id = -account_id
          WHERE account_id IN (SELECT {id} FROM gone WHERE {id} > 0);
          UPDATE regctl_locks SET account_id = -account_id
          WHERE account_id IN (SELECT {id} FROM gone WHERE {id} > 0);
          UPDATE regctl_locked_passwords SET account_id = -account_id
          WHERE account_id IN (SELECT {id} FROM gone WHERE {id} > 0);
          UPDATE regctl_bounces SET account_id = -account_id
          WHERE account_id IN (SELECT {id} FROM gone WHERE {id} > 0);
          UPDATE regctl_languages SET account_id = -account_id
          WHERE account_id IN (SELECT {id} FROM gone WHERE {id} > 0);
          UPDATE regctl_audit SET account_id = -account_id
          WHERE account_id IN (SELECT {id} FROM gone WHERE {id} > 0);
          UPDATE regctl_audit_accounts a
          SET account_id = least(g.{id}, -g.{id}), deleted_email = g.{email}
          FROM gone g WHERE a.account_id = g.{id};
          RETURN NULL;
        END $$;
        CREATE TRIGGER "regctl_users_deleted" AFTER DELETE ON {users} REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION regctl_users_deleted()
        """))

  /// Makes addresses unique regardless of ASCII case.
  ///
  /// The index is not on `lower(email)`: Alembic 0.6.7 fails on an index on an expression.
  static let uniqueEmail = SchemaObject(
    .index, "regctl_users_email",
    summary: "unique index regctl_users_email on users: one account for all spellings of case",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_users_email;
        CREATE UNIQUE INDEX regctl_users_email ON {users} ({email} COLLATE NOCASE)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS "regctl_users_email";
        CREATE UNIQUE INDEX "regctl_users_email" ON {users} (lower({email} COLLATE "C"))
        """))

  /// Indexes addresses without uniqueness, for a table in which the application has duplicates.
  static let plainEmail = SchemaObject(
    .index, "regctl_users_email",
    summary: "index regctl_users_email on users: accounts by address",
    sql: Statement(
      sqlite: """
        DROP INDEX IF EXISTS regctl_users_email;
        CREATE INDEX regctl_users_email ON {users} ({email} COLLATE NOCASE)
        """,
      postgreSQL: """
        DROP INDEX IF EXISTS "regctl_users_email";
        CREATE INDEX "regctl_users_email" ON {users} (lower({email} COLLATE "C"))
        """))
}
