internal import SQL

/// regctl's tables, indexes and triggers.
///
/// The application's own table is never changed; everything else is named `regctl_…`, and on
/// PostgreSQL all but what belongs to the application's table is in a schema `regctl`. Times in these
/// tables are whole seconds since 1970, UTC. A negative account ID is that of a deleted
/// account: SQLite reuses the greatest ID, and the next account must not inherit the history. The
/// ID at the time of an audit entry stays in `subject_id`.
enum Schema {
  /// The version that this release of regctl writes.
  static let version: Int64 = 7

  /// The table of the original application, as its SQLAlchemy model creates it; adopted tables may
  /// lack the last column, which is one of the application's own to regctl.
  static let users = Statement(
    sqlite: """
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
      """,
    postgreSQL: """
      CREATE TABLE users (
        id SERIAL PRIMARY KEY,
        email VARCHAR NOT NULL UNIQUE,
        password VARCHAR NOT NULL,
        registered_on TIMESTAMP NOT NULL,
        admin BOOLEAN NOT NULL,
        confirmed BOOLEAN NOT NULL,
        confirmed_on TIMESTAMP,
        password_reset_token VARCHAR
      )
      """)

  /// The objects, in the order of their creation; besides them there is an index of addresses.
  static let objects = [
    versions, accounts, noPassword, outbox, outboxDue, outboxUrgent, outboxSending, outboxAccount,
    attempts,
    audit, auditAccount, auditDeleted, auditAccounts, campaigns, emailChanges, emailChangesAccount,
    prunes, archive, archiveFurther, archiveEmail, tombstones, locks, locksAccount,
    lockedPasswords, lockedPasswordsAccount, purgedMails, purgedMailsAccount, purgedAccounts,
    bounces, bouncesAccount, bouncesMail, bouncesEmail, languages, languagesAccount, moments, pace,
    usersUnconfirmed, usersDeleted,
  ]

  /// The objects in a database on a server: these have a schema of their own there.
  static let objectsOnServer = [schema, turn] + objects.filter { $0.sql.postgreSQL != nil }
}
