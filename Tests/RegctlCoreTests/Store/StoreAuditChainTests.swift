import SQL
import Testing

@testable import RegctlCore

@Suite("Store+AuditChain") struct StoreAuditChainTests {
  private let site: Site

  init() throws {
    site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    try site.register("bob@example.org")
  }

  private func execute(_ sql: Statement) throws {
    try site.store.execute(sql)
  }

  @Test func `written entries are verified`() throws {
    let proof = try site.store.verifyAudit(including: nil)
    #expect(proof.count == 4)
    #expect(proof.hash?.utf8.count == 64)
    #expect(proof.hash == (try site.store.newestAuditLink().hash))
  }

  @Test func `more than a batch is read`() throws {
    for _ in 0..<2100 {
      try site.store.record(AuditEntry(act: .migrateDatabase, at: site.now, actor: Site.actor))
    }
    #expect(try site.store.verifyAudit(including: nil).count == 2104)
  }

  @Test(arguments: [
    "UPDATE regctl_audit SET reason = 'nothing' WHERE id = 3" as Statement,
    "UPDATE regctl_audit SET actor = 'eve' WHERE id = 3",
    "UPDATE regctl_audit SET at = at + 1 WHERE id = 3",
    "UPDATE regctl_audit SET uid = 0 WHERE id = 3",
    "UPDATE regctl_audit SET email = NULL WHERE id = 3",
    "UPDATE regctl_audit SET act = 'confirm' WHERE id = 3",
    "DELETE FROM regctl_audit WHERE id = 2",
    "UPDATE regctl_audit SET hash = '' WHERE id = 3",
    "UPDATE regctl_audit SET new_email = 'eve@example.org' WHERE id = 3",
    "UPDATE regctl_audit SET detail = 'purpose reset' WHERE id = 3",
    "UPDATE regctl_audit SET nonce = 'x' WHERE id = 3",
    "UPDATE regctl_audit SET commitment = 'x' WHERE id = 3",
    "UPDATE regctl_audit SET nonce = NULL, commitment = NULL WHERE id = 3",
    "UPDATE regctl_audit SET email = NULL, reason = NULL, nonce = NULL WHERE id = 3",
  ])
  func `a changed entry, or one after a missing entry, is named`(_ sql: Statement) throws {
    try execute(sql)
    #expect(throws: RegctlError.store(.auditChanged(number: 3))) {
      try site.store.verifyAudit(including: nil)
    }
  }

  @Test func `a noted hash is found after entries were added`() throws {
    let noted = try site.store.newestAuditLink().hash
    try site.register("eve@example.org")
    #expect(try site.store.verifyAudit(including: noted).count == 5)
  }

  @Test func `a noted hash is missing after the newest entries were removed`() throws {
    let noted = try site.store.newestAuditLink().hash
    try execute("DELETE FROM regctl_audit WHERE id = 4")
    #expect(try site.store.verifyAudit(including: nil).count == 3)
    #expect(throws: RegctlError.store(.auditHashMissing(noted))) {
      try site.store.verifyAudit(including: noted)
    }
  }

  @Test func `an entry with the greatest number is rejected without a trap`() throws {
    try execute("UPDATE regctl_audit SET id = 9223372036854775807 WHERE id = 4")
    let error = try refusal { try site.register("eve@example.org") }
    guard case .store(.malformed) = error else {
      Issue.record("\(error)")
      return
    }
  }

  // MARK: Erased entries

  /// Records that some entries were erased, and erases or changes entries.
  private func erase(
    _ numbers: [Int64],
    by sql: Statement = """
    UPDATE regctl_audit SET email = NULL, reason = NULL, nonce = NULL WHERE id IN (2, 3)
    """
  ) throws {
    try site.store.record(
      AuditEntry(
        act: .erase, at: site.now, actor: Site.actor, detail: AuditErasure(of: numbers).detail))
    try execute(sql)
  }

  private func expectChange(of number: Int64) {
    #expect(throws: RegctlError.store(.auditChanged(number: number))) {
      try site.store.verifyAudit(including: nil)
    }
  }

  @Test func `erased entries leave the chain whole, with the same hashes`() throws {
    let noted = try site.store.newestAuditLink().hash
    try erase([2, 3])
    let proof = try site.store.verifyAudit(including: noted)
    #expect((proof.count, proof.erased) == (5, 2))
    try site.register("eve@example.org")
    #expect(try site.store.verifyAudit(including: proof.hash).erased == 2)
  }

  @Test func `an entry that no erasure names is reported`() throws {
    try erase([2])
    expectChange(of: 3)
  }

  @Test func `an erasure does not cover what was written after it`() throws {
    try erase([2, 3, 6])
    try site.register("eve@example.org")
    try execute("UPDATE regctl_audit SET email = NULL, nonce = NULL WHERE id = 6")
    expectChange(of: 6)
  }

  @Test(arguments: [
    "UPDATE regctl_audit SET email = NULL, nonce = NULL WHERE id = 3" as Statement,
    "UPDATE regctl_audit SET reason = NULL, nonce = NULL WHERE id = 3",
    "UPDATE regctl_audit SET email = NULL, reason = NULL WHERE id = 3",
    "UPDATE regctl_audit SET email = 'eve@example.org', reason = NULL, nonce = NULL WHERE id = 3",
    "UPDATE regctl_audit SET email = NULL, reason = NULL, nonce = '' WHERE id = 3",
    """
    UPDATE regctl_audit SET email = NULL, reason = NULL, nonce = NULL, commitment = NULL
    WHERE id = 3
    """,
    """
    UPDATE regctl_audit SET email = NULL, reason = NULL, nonce = NULL, detail = 'x'
    WHERE id = 3
    """,
  ])
  func `an entry that is erased in part, or changed otherwise, is reported`(
    _ sql: Statement
  ) throws {
    try erase([2, 3], by: sql)
    expectChange(of: 3)
  }

  @Test func `a forged erasure is reported`() throws {
    try execute(
      """
      UPDATE regctl_audit SET act = 'erase', detail = 'entries 3' WHERE id = 4;
      UPDATE regctl_audit SET email = NULL, reason = NULL, nonce = NULL WHERE id = 3
      """)
    expectChange(of: 4)
  }

  @Test func `the nonces and the commitments of equal entries differ`() throws {
    for _ in 0..<2 {
      try site.store.record(
        AuditEntry(act: .resend, at: site.now, actor: Site.actor, email: "ann@example.org"))
    }
    let found = try site.store.rows(
      "SELECT nonce, commitment FROM regctl_audit WHERE act = 'resend'"
    ) { [$0.text(0), $0.text(1)] }
    #expect(Set(found.joined()).count == 4)
  }

  @Test func `an entry without an address or a reason has nothing to commit to`() throws {
    let found = try site.store.first("SELECT nonce, commitment FROM regctl_audit WHERE id = 1") {
      [$0.optionalText(0), $0.optionalText(1)]
    }
    #expect(found == [nil, nil])
  }

  // MARK: The account of an entry

  @Test(arguments: [
    "UPDATE regctl_audit SET account_id = 2 WHERE id = 3" as Statement,
    "UPDATE regctl_audit SET account_id = -2 WHERE id = 3",
    "UPDATE regctl_audit SET account_id = NULL WHERE id = 3",
    "UPDATE regctl_audit SET subject_id = 2 WHERE id = 3",
    "UPDATE regctl_audit SET subject_id = 2, account_id = 2 WHERE id = 3",
    "UPDATE regctl_audit SET subject_id = NULL, account_id = NULL WHERE id = 3",
    "UPDATE regctl_audit SET accounts_hash = '' WHERE id = 3",
  ])
  func `an entry moved to another account is named`(_ sql: Statement) throws {
    try execute(sql)
    #expect(throws: RegctlError.store(.auditChanged(number: 3))) {
      try site.store.verifyAudit(including: nil)
    }
  }

  @Test func `an entry without an account stays without one`() throws {
    try execute("UPDATE regctl_audit SET account_id = 1 WHERE id = 1")
    #expect(throws: RegctlError.store(.auditChanged(number: 1))) {
      try site.store.verifyAudit(including: nil)
    }
  }

  // MARK: Entries about several accounts

  /// Issues tokens to Ann and Bob, entry 5, and to Eve, entry 6.
  private func issueTokens() throws {
    try site.register("eve@example.org", queuesMail: false)
    _ = try site.authority().issue(
      .confirm, for: ["bob@example.org", "ann@example.org", "bob@example.org"], in: site.store,
      at: site.now, by: Site.actor)
    // Twice, since an act on one account is an entry of another form.
    _ = try site.authority().issue(
      .confirm, for: ["eve@example.org", "eve@example.org"], in: site.store, at: site.now,
      by: Site.actor)
  }

  @Test func `the accounts of an entry are recorded once, in order`() throws {
    try issueTokens()
    let hash = try site.store.first("SELECT accounts_hash FROM regctl_audit WHERE id = 6") {
      $0.text(0)
    }
    // printf '1\n2\n' | sha256sum
    #expect(hash == "a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1")
    #expect(try site.store.verifyAudit(including: nil).count == 7)
  }

  @Test(
    arguments: [
      ("DELETE FROM regctl_audit_accounts WHERE audit_id = 6 AND account_id = 1", 6),
      ("DELETE FROM regctl_audit_accounts WHERE audit_id = 6", 6),
      ("INSERT INTO regctl_audit_accounts VALUES (3, 6, 3, NULL)", 6),
      ("INSERT INTO regctl_audit_accounts VALUES (3, 3, 3, NULL)", 3),
      ("INSERT INTO regctl_audit_accounts VALUES (3, 99, 3, NULL)", 99),
      ("INSERT INTO regctl_audit_accounts VALUES (3, 0, 3, NULL)", 0),
      ("INSERT INTO regctl_audit_accounts VALUES (3, -9223372036854775808, 3, NULL)", Int64.min),
      ("UPDATE regctl_audit_accounts SET account_id = 3 WHERE account_id = 1", 6),
      ("UPDATE regctl_audit_accounts SET subject_id = 3 WHERE account_id = 1", 6),
      ("UPDATE regctl_audit_accounts SET account_id = 3, subject_id = 3 WHERE account_id = 1", 6),
      ("UPDATE regctl_audit_accounts SET audit_id = 7 WHERE account_id = 1", 6),
      (
        """
        UPDATE regctl_audit_accounts SET account_id = 4 - account_id, subject_id = 4 - subject_id
        WHERE (account_id, audit_id) IN (VALUES (1, 6), (3, 7))
        """, 6
      ),
      (
        """
        UPDATE regctl_audit_accounts SET account_id = 3 - account_id WHERE audit_id = 6
        """, 6
      ),
      ("UPDATE regctl_audit_accounts SET account_id = -1 WHERE account_id = 1", 6),
      ("UPDATE regctl_audit_accounts SET deleted_email = 'x@y.org' WHERE account_id = 1", 6),
      ("UPDATE regctl_audit SET accounts_hash = NULL WHERE id = 6", 6),
      (
        """
        UPDATE regctl_audit SET accounts_hash = (SELECT accounts_hash FROM regctl_audit WHERE id = 7)
        WHERE id = 6
        """, 6
      ),
      ("DELETE FROM regctl_audit WHERE id = 7", 7),
    ] as [(Statement, Int64)])
  func `an added, removed, moved or replaced account is found`(
    _ sql: Statement, number: Int64
  ) throws {
    try issueTokens()
    try execute(sql)
    #expect(throws: RegctlError.store(.auditChanged(number: number))) {
      try site.store.verifyAudit(including: nil)
    }
  }

  @Test func `an import and a prune of many accounts are covered`() throws {
    for act in [AuditEntry.Act.importAccounts, .prune] {
      try site.store.record(
        AuditEntry(act: act, at: site.now, actor: Site.actor, reason: "x"),
        on: [AccountID(rawValue: 2), AccountID(rawValue: 1)])
    }
    #expect(try site.store.verifyAudit(including: nil).count == 6)
    try execute("DELETE FROM regctl_audit_accounts WHERE audit_id = 6 AND account_id = 2")
    #expect(throws: RegctlError.store(.auditChanged(number: 6))) {
      try site.store.verifyAudit(including: nil)
    }
  }

  // MARK: Restored accounts

  @Test func `deleting an account changes no entry`() throws {
    try issueTokens()
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "gone", force: false, in: site.store, at: site.now,
      by: Site.actor)
    #expect(try site.store.verifyAudit(including: nil).count == 8)
    try execute("UPDATE regctl_audit_accounts SET deleted_email = NULL WHERE account_id = -1")
    #expect(throws: RegctlError.store(.auditChanged(number: 6))) {
      try site.store.verifyAudit(including: nil)
    }
  }

  @Test func `an empty audit is valid`() throws {
    try execute("DELETE FROM regctl_audit")
    #expect(
      try site.store.verifyAudit(including: nil) == AuditProof(count: 0, erased: 0, hash: nil))
  }
}
