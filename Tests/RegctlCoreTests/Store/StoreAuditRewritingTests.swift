import SQL
import TestSupport
import Testing

@testable import RegctlCore

/// A database of schema 4, whose audit covers addresses and reasons themselves.
@Suite("Store+AuditRewriting") struct StoreAuditRewritingTests {
  private let site: Site

  init() throws {
    site = try Site()
    try site.becomeSchema4()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "anna@example.org")
    try site.register("bob@example.org", queuesMail: false)
    _ = try site.authority().issue(
      .confirm, for: ["ann@example.org", "bob@example.org"], in: site.store, at: site.now,
      by: Site.actor)
    _ = try DeleteAccount.perform(
      "bob@example.org", reason: "left: for good", force: false, in: site.store, at: site.now,
      by: Site.actor)
    _ = try UndeleteAccount.perform(
      .email("bob@example.org"), newID: false, in: site.store, at: site.now,
      by: Site.actor(because: "by mistake"))
  }

  @discardableResult
  private func migrate(dryRun: Bool = false) throws -> MigrationReport {
    try Store.migrate(
      site.location, uniqueEmail: false, dryRun: dryRun, busyTimeout: .zero, at: site.now,
      by: Site.actor)
  }

  private func entries(in store: Store) throws -> [AuditEntry] {
    try store.auditEntries(after: nil, matching: AuditFilter(), limit: 99).map(\.entry)
  }

  // MARK: Before

  @Test(arguments: [Store.Access.writing, .reading, .strictlyReadOnly])
  func `schema 4 is still verified, read and written`(_ access: Store.Access) throws {
    let store = try site.open(for: access)
    #expect(try store.verifyAudit(including: nil).count == 8)
    #expect(try store.rowFinding() == nil)
    #expect(try store.schemaFinding() == .oldSchema(found: 4, current: Schema.version))
    let ann = try store.auditEntries(ofAccount: "ann@example.org").map(\.entry)
    #expect(ann.map(\.newEmail) == [nil, nil, "anna@example.org", nil])
    #expect(ann.map(\.reason) == [nil, "called", "moved", nil])
    #expect(ann.map(\.detail) == [nil, nil, nil, "purpose confirm"])
    if access == .writing {
      try store.record(
        AuditEntry(
          act: .undelete, at: site.now, actor: Site.actor, detail: "deletion 7", reason: "x"))
      #expect(try store.verifyAudit(including: nil).count == 9)
    }
  }

  @Test func `a changed entry of schema 4 is found`() throws {
    try site.store.execute("UPDATE regctl_audit SET reason = 'x' WHERE id = 3")
    #expect(try site.store.auditFinding() == .auditChanged(number: 3))
  }

  @Test(.only(.sqlite, "a server's copy is made with the newest schema only"))
  func `a copy of schema 4 is restored, and its audit continued`() throws {
    let copy = "\(site.directory.path)/copy.db"
    try site.store.backUp(to: copy, at: site.now)
    let restore = try RestoreStore(into: site.configuration())
    try restore.perform(restore.open(copy), at: site.now, by: Site.actor)
    let store = try site.open(for: .reading)
    #expect(try store.verifyAudit(including: nil).count == 9)
    #expect(try entries(in: store).last?.detail == "from \(copy)")
  }

  // MARK: Migrated

  @Test func `the audit is rewritten, and its old head is in the new one`() throws {
    let before = try entries(in: site.store)
    let head = try site.store.newestAuditLink().hash
    let planned = try migrate(dryRun: true)
    let report = try migrate()
    #expect(
      report.steps == ["columns of table regctl_audit, so that a person can be erased from it"])
    #expect(planned.steps == report.steps)
    #expect(report.from == 4)
    #expect(report.changedAuditEntry == nil)
    let store = try site.open(for: .writing)
    let proof = try store.verifyAudit(including: head)
    #expect((proof.count, proof.erased) == (9, 0))
    let after = try entries(in: store)
    #expect(after.dropLast() == before[...])
    #expect(after.last?.detail == "rewrote the audit with the head \(head)")
    let other = String(repeating: "0", count: 64)
    #expect(throws: RegctlError.store(.auditHashMissing(other))) {
      try store.verifyAudit(including: other)
    }
    try store.execute("UPDATE regctl_audit SET reason = 'x' WHERE id = 3")
    #expect(try store.auditFinding() == .auditChanged(number: 3))
    #expect(try migrate().isUpToDate)
  }

  @Test func `the parts of a reason are in columns of their own`() throws {
    try migrate()
    let rows = try site.open(for: .reading).rows(
      """
      SELECT coalesce(new_email, '-') || ' ' || coalesce(detail, '-') || ' ' || coalesce(reason, '-')
      FROM regctl_audit WHERE act IN ('request-email-change', 'delete', 'undelete') ORDER BY id
      """
    ) { $0.text(0) }
    #expect(
      rows == ["anna@example.org - moved", "- - left: for good", "- deletion 7 by mistake"])
  }

  @Test(
    arguments: [
      ("UPDATE regctl_audit SET reason = 'x' WHERE id = 3", 3),
      ("DELETE FROM regctl_audit WHERE id = 2", 3),
      ("UPDATE regctl_audit SET hash = '' WHERE id = 5", 5),
      ("DELETE FROM regctl_audit_accounts WHERE subject_id = 1", 6),
      ("UPDATE regctl_audit SET account_id = 7 WHERE id = 2", 2),
    ] as [(Statement, Int64)])
  func `what was changed before is reported, and is reported as before`(
    _ sql: Statement, number: Int64
  ) throws {
    try site.store.execute(sql)
    #expect(try migrate(dryRun: true).changedAuditEntry == number)
    #expect(try migrate().changedAuditEntry == number)
    let store = try site.open(for: .writing)
    #expect(try store.auditFinding() == .auditChanged(number: number))
    let last = try entries(in: store).last
    #expect(last?.detail?.hasSuffix(", in which entry \(number) was changed") == true)
    try store.record(AuditEntry(act: .resend, at: site.now, actor: Site.actor))
    #expect(try store.auditFinding() == .auditChanged(number: number))
  }

  @Test func `an empty audit has no head`() throws {
    try site.store.execute("DELETE FROM regctl_audit_accounts; DELETE FROM regctl_audit")
    try migrate()
    let store = try site.open(for: .reading)
    #expect(try entries(in: store).map(\.detail) == [nil])
    #expect(try store.verifyAudit(including: nil).count == 1)
  }

  @Test func `more than a batch is rewritten`() throws {
    for _ in 0..<2100 {
      try site.store.record(
        AuditEntry(act: .resend, at: site.now, actor: Site.actor, email: "ann@example.org"))
    }
    try migrate()
    #expect(try site.open(for: .reading).verifyAudit(including: nil).count == 2109)
  }

  @Test func `without the table of versions the audit is rewritten too`() throws {
    try site.store.execute("DROP TABLE regctl_schema")
    let report = try migrate()
    #expect(report.from == nil)
    #expect(report.steps.count == 2)
    #expect(try site.open(for: .reading).verifyAudit(including: nil).count == 9)
  }

  @Test func `history without the trigger is read in the old form, and separated in the new`()
    throws
  {
    try site.store.execute(
      Statement(
        sqlite: "DROP TRIGGER regctl_users_deleted",
        postgreSQL: #"DROP TRIGGER "regctl_users_deleted" ON users"#))
    for access in [Store.Access.reading, .strictlyReadOnly] {
      #expect(
        try site.open(for: access).auditEntries(ofAccount: "ann@example.org")
          .compactMap(\.entry.newEmail) == ["anna@example.org"])
    }
    try migrate()
    #expect(try site.open(for: .reading).verifyAudit(including: nil).count == 9)
  }
}

extension Site {
  /// Makes the database one of schema 4 with an audit that has only its first entry.
  fileprivate func becomeSchema4() throws {
    try store.execute(
      """
      DELETE FROM regctl_audit;
      ALTER TABLE regctl_audit DROP COLUMN new_email;
      ALTER TABLE regctl_audit DROP COLUMN detail;
      ALTER TABLE regctl_audit DROP COLUMN nonce;
      ALTER TABLE regctl_audit DROP COLUMN commitment;
      UPDATE regctl_schema SET version = 4
      """)
    store.auditForm = .plain
    try store.record(AuditEntry(act: .createDatabase, at: now, actor: Self.actor))
  }
}
