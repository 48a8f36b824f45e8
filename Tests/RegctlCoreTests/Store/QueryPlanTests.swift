import PostgreSQL
import SQL
import TestSupport
import Testing

@testable import RegctlCore

/// How PostgreSQL runs every statement of the store; how SQLite does is tested in
/// `Tests/Campaigns/test_query_plans.py`.
@Suite("Query plans on a server") struct QueryPlanTests {
  /// Functions of the store that read a whole table, and why that is right.
  private static let meant = [
    "AccountDates.allDateRecords": "reports read every date, which records make exact",
    "Accounts.allAdministrators": "the application has no index of administrators",
    "Accounts.hasAdministrator": "asked when an administrator goes, who is one of a few",
    "Archive.archiveRuns": "the runs are those that accounts of the archive have",
    "Attempts.refusals": "doctor looks at every attempt that failed",
    "Audit.pastHolders": "an address that no account has is looked for in every entry",
    "AuditChain.newestAuditLink": "the newest row is the first that is read",
    "AuditChain.verifyAudit": "every act and its accounts are read",
    "BounceLedger.mailsDeclinedLater": "every report is looked at, of which there are few",
    "Candidates.candidates": "the newest 20,000 mails",
    "Checkup.clockFinding": "the newest rows are the first that are read",
    "Checkup.dateFindings": "doctor looks at every date",
    "Checkup.duplicateSpellings": "doctor looks at every address",
    "Checkup.mailsFinding": "doctor counts what the application registered",
    "Checkup.passwordFindings": "doctor looks at every password",
    "Checkup.rowFinding": "doctor reads every row",
    "Checkup.zoneFinding": "doctor counts what the application registered",
    "CopiedRows.rowCount": "a copy whose progress is shown counts every row",
    "Domains.domainTypo": "the newest confirmed accounts, or all for --suspect-typo",
    "Erase.presentAddress": "a person is looked for in every row",
    "Erase.mails": "a person is looked for in every row",
    "Erase.auditEntries": "a person is looked for in every row",
    "Erase.passwordHashes": "a person is looked for in every row",
    "Erase.removeTraces": "a person is looked for in every row",
    "Erase.forgetNoPassword": "a person is looked for in every row",
    "Flood.lastMail": "the mails of an hour, which lie last, or of four weeks in a flood",
    "ForeignHistory.forgetDeletedAccounts": "migrate-db looks at what accounts have, as before",
    "ForeignHistory.listAddresses": "migrate-db looks at every account when a trigger was missing",
    "ForeignHistory.separateActsOnMany": "migrate-db looks at what accounts have, as before",
    "ForeignHistory.separateAuditAndRequests":
      "migrate-db looks at what accounts have, as before",
    "ForeignHistory.separateMails": "migrate-db looks at what accounts have, as before",
    "HashingEffort.hashingEffort": "the newest 500 passwords, which lie last",
    "Languages.removeLanguage": "a person is looked for in every row",
    "Moments.moment": "a handful of rows",
    "Outbox.hasWork": "the index of mails under way, of which there are a few",
    "Outbox.requeueMailsBeingSent": "the index of mails under way, of which there are a few",
    "Attempts.recordInterruptedAttempts": "the index of mails under way, of which there are a few",
    "Pace.countSent": "a row for each minute of two hours",
    "Pace.mailsSent": "a row for each minute of two hours",
    "Passwords.bareMarkerCount": "migrate-db looks at every password",
    "Passwords.newestHashes": "the newest 100 passwords, which lie last",
    "Passwords.replaceBareMarkers": "migrate-db looks at every password",
    "Prune.accountCount": "every account is counted",
    "Prune.confirmationsByDay": "every account is counted",
    "Prune.forEachConfirmed": "every account is looked at, once a list of waves",
    "Reports.accounts": "acts have no index",
    "Purge.archivedCount": "a dry run counts what is too old",
    "Purge.settledMailCount": "a dry run counts what is too old",
    "Purge.settledChangeCount": "a dry run counts what is too old",
    "Purge.purgedRun": "a refusal looks for what was purged",
    "PurgedMails.purgedMailTotals": "every figure is counted",
    "KeyRotations.additionsOfKeys": "acts have no index",
    "PersonalData.changes": "asked once a person, by addresses that have no index",
    "PersonalData.locks": "asked once a person, by addresses that have no index",
    "Reports.cohorts": "every account is counted",
    "Reports.funnel": "every account is counted",
    "Reports.metrics": "every account and mail is counted",
    "Reports.queuedMails": "every mail is counted",
    "Schema.duplicateAddresses": "adoption and doctor look at every account",
    "Status.lockCounts": "every lock is counted",
    "Status.mailTotals": "every mail is counted",
    "Status.lastAttempt": "every attempt is looked at",
    "Status.refusedMails": "the newest thousand mails",
    "StoreCopy.prepareAccounts": "one row of a table that should be empty",
    "UsersTable.init": "adoption looks at every account",
  ]

  private static func fill(_ database: PostgreSQLDatabase) throws {
    try database.execute(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
        SELECT 'a' || i || '@x' || i % 50 || '.org', '!', timestamp '2026-01-01', i < 3, i % 5 > 0
        FROM generate_series(1, 100000) i;
      INSERT INTO regctl_accounts SELECT i, i, NULL FROM generate_series(1, 100000) i;
      INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,
          next_attempt_at, finished_at, message_id)
        SELECT i, 'a' || i || '@x.org', 'confirm', 'confirm',
          CASE WHEN i % 1000 = 0 THEN 'queued' ELSE 'sent' END, i,
          CASE WHEN i % 1000 = 0 THEN i END, i, 'm' || i
        FROM generate_series(1, 100000) i;
      INSERT INTO regctl_attempts
        SELECT i, 1, i, 'deferred', '451 later' FROM generate_series(1, 100000) i;
      INSERT INTO regctl_audit (id, at, actor, uid, act, account_id, subject_id, email, hash)
        SELECT i, i, 'tester', 1000, CASE WHEN i % 100 = 0 THEN 'delete' ELSE 'register' END,
          i, i, 'a' || i || '@x.org', 'h' || i
        FROM generate_series(1, 100000) i;
      INSERT INTO regctl_audit_accounts SELECT i, i, i, NULL FROM generate_series(1, 100000) i;
      INSERT INTO regctl_campaigns SELECT 'spring', i, i FROM generate_series(1, 100000) i;
      INSERT INTO regctl_email_changes (account_id, old_email, new_email, requested_at)
        SELECT i, 'a' || i || '@x.org', 'b' || i || '@x.org', i FROM generate_series(1, 100000) i;
      INSERT INTO regctl_prunes (at, actor, uid, cutoff)
        SELECT i, 'tester', 1000, i FROM generate_series(1, 10) i;
      INSERT INTO regctl_archive
        SELECT 1 + i % 10, 100000 + i, 'c' || i || '@x.org', jsonb_build_object('id', i), i, NULL
        FROM generate_series(1, 100000) i;
      INSERT INTO regctl_tombstones
        SELECT 1 + i % 10, 100000 + i, timestamp '2026-01-01', i FROM generate_series(1, 100000) i;
      INSERT INTO regctl_purged_mails (account_id, state, mails, first_at, last_at)
        SELECT i, 'sent', 1, i, i FROM generate_series(1, 100000) i;
      INSERT INTO regctl_purged_accounts
        SELECT 1 + i % 10, 200000 + i, 'x.org', TRUE FROM generate_series(1, 100000) i;
      CREATE TABLE regctl_owned (account_id BIGINT, email TEXT, registered_at BIGINT,
        PRIMARY KEY (account_id, email));
      INSERT INTO regctl_owned SELECT i, 'a' || i || '@x.org', i FROM generate_series(1, 100000) i;
      INSERT INTO regctl_locks (account_id, email, domain, at, actor, uid, reason)
        SELECT CASE WHEN i > 10 THEN i END, 'a' || i || '@x.org',
          CASE WHEN i <= 10 THEN 'x' || i || '.org' END, i, 'tester', 1000, 'spam'
        FROM generate_series(1, 100000) i;
      INSERT INTO regctl_locked_passwords (account_id, email, password, placeholder)
        SELECT i, 'a' || i || '@x.org', 'x', '!' FROM generate_series(1, 100000) i;
      INSERT INTO regctl_bounces (mail_id, account_id, email, at, result)
        SELECT i, i, 'a' || i || '@x.org', i, 'bounced' FROM generate_series(1, 100000) i;
      INSERT INTO regctl_languages (account_id, email, language)
        SELECT i, 'a' || i || '@x.org', 'de' FROM generate_series(1, 100000) i;
      ANALYZE;
      SET plan_cache_mode = force_generic_plan;
      CREATE FUNCTION pg_temp.plan(statement text, parameters bigint) RETURNS SETOF text
      LANGUAGE plpgsql AS $$
      BEGIN
        EXECUTE 'PREPARE planned AS ' || statement;
        RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) EXECUTE planned' || CASE WHEN parameters > 0
          THEN '(' || repeat('NULL, ', CAST(parameters AS INT) - 1) || 'NULL)' ELSE '' END;
        DEALLOCATE planned;
      END $$
      """)
  }

  /// The tables that a plan reads from end to end: those that it reads without a condition on an
  /// index.
  private static func scans(_ plan: [String]) -> Set<String> {
    var found: Set<String> = []
    var scanned: String?
    for line in plan {
      if line.contains("Index Cond:") || line.contains("Recheck Cond:") { scanned = nil }
      let pattern =
        /(?:Seq|Index|Only|Heap) Scan(?: Backward)?(?: using \S+)? on (users|regctl_\w+)/
      // A bitmap of an index is read with the table.
      guard !line.contains("Bitmap Index"), let node = line.firstMatch(of: pattern) else {
        continue
      }
      if let scanned { found.insert(scanned) }
      scanned = String(node.output.1)
    }
    if let scanned { found.insert(scanned) }
    return found.subtracting(["regctl_schema", "regctl_no_password", "regctl_prunes"])
  }

  private static func plan(_ sql: String, in database: PostgreSQLDatabase) throws -> [String] {
    let sql = database.names.fill(sql)
    let numbers = sql.replacing(/'[^']*'/, with: "").matches(of: /\$(\d+)/)
      .compactMap { Int64($0.output.1) }
    return try database.rows(
      "SELECT pg_temp.plan($1, $2)", .text(sql), .integer(numbers.max() ?? 0)
    ) { $0.text(0) }
  }

  @Test func `only expected statements read a whole table`() throws {
    let database = try PostgreSQLServer.shared().installed("plans")
    try Self.fill(database)
    var found: [String: Set<String>] = [:]
    for statement in SourceStatement.ofStore where !statement.isMarked {
      let plan = try Self.plan(statement.sql, in: database)
      let file = statement.file.replacing("Store+", with: "").replacing(".swift", with: "")
      let scanned = Self.scans(plan)
      if !scanned.isEmpty { found["\(file).\(statement.function)", default: []].formUnion(scanned) }
    }
    let surprising = found.filter { Self.meant[$0.key] == nil }
    #expect(surprising.map { "\($0.key): \($0.value.sorted())" }.sorted() == [])
    #expect(Self.meant.keys.filter { found[$0] == nil } == [], "these scan nothing any more")
  }

  @Test func `a scan is seen, and a search is none`() throws {
    let plans = [
      ["Seq Scan on users u", "  Filter: (NOT confirmed)"],
      [
        "Nested Loop", "  ->  Index Only Scan Backward using a on users",
        "  ->  Index Scan using b on regctl_audit a", "        Index Cond: (id = $1)",
      ],
      [
        "Bitmap Heap Scan on regctl_outbox", "  Recheck Cond: (id = $1)",
        "  ->  Bitmap Index Scan on regctl_outbox_due",
      ],
    ]
    #expect(plans.map(Self.scans) == [["users"], ["users"], []])
  }
}
