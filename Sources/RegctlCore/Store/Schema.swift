internal import SQL

/// regctl's tables, indexes and triggers.
///
/// The application's own table is never changed; everything else is named `regctl_…`. Times in
/// these tables are whole seconds since 1970, UTC. A negative account ID is that of a deleted
/// account: SQLite reuses the greatest ID, and the next account must not inherit the history. The
/// ID at the time of an audit entry stays in `subject_id`.
enum Schema {
  /// The version that this release of regctl writes.
  static let version: Int64 = 3

  /// The table of the original application, as its SQLAlchemy model creates it; adopted tables may
  /// lack the last column, which is one of the application's own to regctl.
  static let users: Statement = """
    CREATE TABLE users (
      id INTEGER PRIMARY KEY,
      email VARCHAR NOT NULL UNIQUE,
      password VARCHAR NOT NULL,
      registered_on DATETIME NOT NULL,
      admin BOOLEAN NOT NULL,
      confirmed BOOLEAN NOT NULL,
      confirmed_on DATETIME,
      password_reset_token VARCHAR
    )
    """

  /// The objects, in the order of their creation; besides them there is an index of addresses.
  static let objects = [
    SchemaObject(
      .table, "regctl_schema",
      summary: "table regctl_schema: the version of these tables",
      sql: """
        CREATE TABLE regctl_schema (
          version INTEGER PRIMARY KEY,
          applied_at INTEGER NOT NULL
        )
        """),
    SchemaObject(
      .table, "regctl_accounts",
      summary: "table regctl_accounts: when regctl registered an account, tokens revoked",
      sql: """
        CREATE TABLE regctl_accounts (
          account_id INTEGER PRIMARY KEY,
          registered_at INTEGER,
          not_before INTEGER
        )
        """),
    SchemaObject(
      .table, "regctl_no_password",
      summary: "table regctl_no_password: the hashes of accounts without a password",
      sql: """
        CREATE TABLE regctl_no_password (
          hash TEXT PRIMARY KEY
        ) WITHOUT ROWID
        """, since: 3),
    SchemaObject(
      .table, "regctl_outbox",
      summary: "table regctl_outbox: mail to be sent",
      sql: """
        CREATE TABLE regctl_outbox (
          id INTEGER PRIMARY KEY,
          account_id INTEGER NOT NULL,
          email TEXT NOT NULL,
          purpose TEXT NOT NULL,
          template TEXT NOT NULL,
          state TEXT NOT NULL CHECK (
            state IN ('queued', 'sending', 'sent', 'failed', 'cancelled', 'expired')),
          attempts INTEGER NOT NULL DEFAULT 0,
          queued_at INTEGER NOT NULL,
          next_attempt_at INTEGER,
          finished_at INTEGER,
          last_reply TEXT,
          message_id TEXT NOT NULL,
          possible_duplicate INTEGER NOT NULL DEFAULT 0
        )
        """),
    SchemaObject(
      .index, "regctl_outbox_due",
      summary: "index regctl_outbox_due",
      sql: """
        DROP INDEX IF EXISTS regctl_outbox_due;
        CREATE INDEX regctl_outbox_due ON regctl_outbox (next_attempt_at, id)
        WHERE state = 'queued'
        """),
    SchemaObject(
      .index, "regctl_outbox_sending",
      summary: "index regctl_outbox_sending",
      sql: """
        DROP INDEX IF EXISTS regctl_outbox_sending;
        CREATE INDEX regctl_outbox_sending ON regctl_outbox (id) WHERE state = 'sending'
        """),
    SchemaObject(
      .index, "regctl_outbox_account",
      summary: "index regctl_outbox_account",
      sql: """
        DROP INDEX IF EXISTS regctl_outbox_account;
        CREATE INDEX regctl_outbox_account ON regctl_outbox (account_id, id)
        """),
    SchemaObject(
      .table, "regctl_audit",
      summary: "table regctl_audit: the audit",
      sql: """
        CREATE TABLE regctl_audit (
          id INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          actor TEXT NOT NULL,
          uid INTEGER NOT NULL,
          act TEXT NOT NULL,
          account_id INTEGER,
          subject_id INTEGER,
          accounts_hash TEXT,
          email TEXT,
          reason TEXT,
          hash TEXT NOT NULL DEFAULT ''
        )
        """),
    SchemaObject(
      .index, "regctl_audit_account",
      summary: "index regctl_audit_account",
      sql: """
        DROP INDEX IF EXISTS regctl_audit_account;
        CREATE INDEX regctl_audit_account ON regctl_audit (account_id)
        WHERE account_id IS NOT NULL
        """),
    SchemaObject(
      .table, "regctl_audit_accounts",
      summary: "table regctl_audit_accounts: the accounts of an act on many",
      sql: """
        CREATE TABLE regctl_audit_accounts (
          account_id INTEGER NOT NULL,
          audit_id INTEGER NOT NULL,
          subject_id INTEGER NOT NULL,
          deleted_email TEXT,
          PRIMARY KEY (account_id, audit_id, subject_id)
        ) WITHOUT ROWID
        """),
    SchemaObject(
      .table, "regctl_campaigns",
      summary: "table regctl_campaigns: who got a mail of which bulk resend",
      sql: """
        CREATE TABLE regctl_campaigns (
          name TEXT NOT NULL,
          account_id INTEGER NOT NULL,
          at INTEGER NOT NULL,
          PRIMARY KEY (name, account_id)
        ) WITHOUT ROWID
        """),
    SchemaObject(
      .table, "regctl_email_changes",
      summary: "table regctl_email_changes: addresses that wait to be confirmed",
      sql: """
        CREATE TABLE regctl_email_changes (
          request INTEGER PRIMARY KEY,
          account_id INTEGER NOT NULL,
          old_email TEXT NOT NULL,
          new_email TEXT NOT NULL,
          requested_at INTEGER NOT NULL,
          confirmed_at INTEGER,
          voided_at INTEGER
        )
        """),
    SchemaObject(
      .index, "regctl_email_changes_account",
      summary: "index regctl_email_changes_account",
      sql: """
        DROP INDEX IF EXISTS regctl_email_changes_account;
        CREATE INDEX regctl_email_changes_account ON regctl_email_changes (account_id, request)
        """),
    SchemaObject(
      .table, "regctl_prunes",
      summary: "table regctl_prunes: runs of prune",
      sql: """
        CREATE TABLE regctl_prunes (
          run INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          actor TEXT NOT NULL,
          uid INTEGER NOT NULL,
          cutoff INTEGER NOT NULL,
          pruned INTEGER NOT NULL DEFAULT 0,
          restored INTEGER NOT NULL DEFAULT 0
        )
        """),
    // Untyped, so that every value is stored unchanged.
    SchemaObject(
      .table, "regctl_archive",
      summary: "table regctl_archive: accounts that were pruned",
      sql: """
        CREATE TABLE regctl_archive (
          run INTEGER NOT NULL,
          account_id INTEGER NOT NULL,
          email, password, registered_on, admin, confirmed, confirmed_on,
          registered_at INTEGER,
          not_before INTEGER,
          PRIMARY KEY (run, account_id)
        ) WITHOUT ROWID
        """),
    SchemaObject(
      .table, "regctl_archive_further",
      summary: "table regctl_archive_further: what the application's own columns held",
      sql: """
        CREATE TABLE regctl_archive_further (
          run INTEGER NOT NULL,
          account_id INTEGER NOT NULL,
          name TEXT NOT NULL,
          value,
          PRIMARY KEY (run, account_id, name)
        ) WITHOUT ROWID
        """),
    SchemaObject(
      .index, "regctl_archive_email",
      summary: "index regctl_archive_email",
      sql: """
        DROP INDEX IF EXISTS regctl_archive_email;
        CREATE INDEX regctl_archive_email ON regctl_archive (email COLLATE NOCASE)
        """),
    SchemaObject(
      .table, "regctl_tombstones",
      summary: "table regctl_tombstones: that an account was pruned, and not whose",
      sql: """
        CREATE TABLE regctl_tombstones (
          run INTEGER NOT NULL,
          account_id INTEGER NOT NULL,
          registered_on,
          mailed_at INTEGER,
          PRIMARY KEY (run, account_id)
        ) WITHOUT ROWID
        """),
    SchemaObject(
      .index, "regctl_users_unconfirmed",
      summary: "index regctl_users_unconfirmed on users: accounts not confirmed, oldest first",
      sql: """
        DROP INDEX IF EXISTS regctl_users_unconfirmed;
        CREATE INDEX regctl_users_unconfirmed ON {users} {unconfirmed}
        """),
    SchemaObject(
      .trigger, "regctl_users_deleted",
      summary: "trigger regctl_users_deleted on users: forget a deleted account's mail and tokens",
      sql: """
        DROP TRIGGER IF EXISTS regctl_users_deleted;
        CREATE TRIGGER regctl_users_deleted AFTER DELETE ON {users} BEGIN
          DELETE FROM regctl_accounts WHERE account_id = old.{id};
          DELETE FROM regctl_campaigns WHERE account_id = old.{id};
          UPDATE regctl_outbox SET state = 'cancelled',
            finished_at = CAST(strftime('%s', 'now') AS INTEGER),
            next_attempt_at = NULL, last_reply = 'the account was deleted'
          WHERE account_id = old.{id} AND state IN ('queued', 'sending');
          UPDATE regctl_outbox SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_email_changes SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_audit SET account_id = min(old.{id}, -old.{id})
          WHERE account_id = old.{id};
          UPDATE regctl_audit_accounts
          SET account_id = min(old.{id}, -old.{id}), deleted_email = old.{email}
          WHERE account_id = old.{id};
        END
        """),
  ]

  /// Makes addresses unique regardless of ASCII case.
  ///
  /// The index is not on `lower(email)`: Alembic 0.6.7 fails on an index on an expression.
  static let uniqueEmail = SchemaObject(
    .index, "regctl_users_email",
    summary: "unique index regctl_users_email on users: one account for all spellings of case",
    sql: """
      DROP INDEX IF EXISTS regctl_users_email;
      CREATE UNIQUE INDEX regctl_users_email ON {users} ({email} COLLATE NOCASE)
      """)

  /// Indexes addresses without uniqueness, for a table in which the application has duplicates.
  static let plainEmail = SchemaObject(
    .index, "regctl_users_email",
    summary: "index regctl_users_email on users: accounts by address",
    sql: """
      DROP INDEX IF EXISTS regctl_users_email;
      CREATE INDEX regctl_users_email ON {users} ({email} COLLATE NOCASE)
      """)
}
