import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+OutboxRenewal") struct StoreOutboxRenewalTests {
  private let site: Site

  /// A database as schema 6 left it, with a mail that was sent and one that waits.
  init() throws {
    site = try Site()
    for name in ["ann", "bob"] { try site.register("\(name)@a.org") }
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "250 ok", at: site.now)
    try site.store.execute(
      Statement(
        sqlite: """
          CREATE TEMP TABLE mails AS SELECT * FROM regctl_outbox;
          DROP TABLE regctl_outbox;
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
          );
          INSERT INTO regctl_outbox SELECT * FROM mails;
          DROP TABLE mails
          """,
        postgreSQL: """
          ALTER TABLE regctl_outbox DROP CONSTRAINT "regctl_outbox_state_check",
          ADD CONSTRAINT "regctl_outbox_state_check" CHECK (
            state IN ('queued', 'sending', 'sent', 'failed', 'cancelled', 'expired'))
          """))
    try site.store.execute("UPDATE regctl_schema SET version = 6")
  }

  @discardableResult
  private func migrate(dryRun: Bool = false) throws -> MigrationReport {
    try Store.migrate(
      site.location, uniqueEmail: false, dryRun: dryRun, busyTimeout: .zero, at: site.now,
      by: Site.actor)
  }

  private func mails() throws -> [OutboxEntry?] {
    let store = try site.open(for: .reading)
    return [try store.mail(MailID(rawValue: 1)), try store.mail(MailID(rawValue: 2))]
  }

  @Test func `an outbox of schema 6 cannot hold mail`() throws {
    #expect(try !site.store.canHoldMail())
    #expect(throws: RegctlError.self) {
      try site.store.execute("UPDATE regctl_outbox SET state = 'held' WHERE id = 2")
    }
  }

  @Test func `it is renewed with its mails and indexes`() throws {
    let before = try mails()
    let planned = try migrate(dryRun: true)
    let report = try migrate()
    #expect(planned.steps == report.steps)
    #expect(report.steps.contains { $0.contains("can have bounced") })
    let store = try site.open(for: .writing)
    #expect(try store.canHoldMail())
    #expect(try mails() == before)
    try store.execute("UPDATE regctl_outbox SET state = 'held' WHERE id = 2")
    try store.execute("UPDATE regctl_outbox SET state = 'bounced' WHERE id = 1")
    #expect(try store.objectFinding() == nil)
    #expect(try migrate().isUpToDate)
  }

  @Test(.only(.sqlite, "a server renames no table"))
  func `a broken view of the application does not prevent it`() throws {
    try site.store.execute(
      """
      CREATE TABLE lost (id INTEGER);
      CREATE VIEW broken AS SELECT id FROM lost;
      DROP TABLE lost
      """)
    try migrate()
    #expect(try site.open(for: .reading).canHoldMail())
  }

  @Test func `a deleted account's held mail is cancelled`() throws {
    try migrate()
    let store = try site.open(for: .writing)
    try store.execute("UPDATE regctl_outbox SET state = 'held' WHERE id = 2")
    try store.execute("DELETE FROM users WHERE id = 2")
    let state = try store.first("SELECT state FROM regctl_outbox WHERE id = 2") { $0.text(0) }
    #expect(state == "cancelled")
  }
}
