import SQLite
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

  private func execute(_ sql: StaticString) throws {
    try site.store.connection.execute(sql)
  }

  @Test func `what was written is found as it was`() throws {
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
    "UPDATE regctl_audit SET reason = 'nothing' WHERE id = 3" as StaticString,
    "UPDATE regctl_audit SET actor = 'eve' WHERE id = 3",
    "UPDATE regctl_audit SET at = at + 1 WHERE id = 3",
    "UPDATE regctl_audit SET uid = 0 WHERE id = 3",
    "UPDATE regctl_audit SET email = NULL WHERE id = 3",
    "UPDATE regctl_audit SET act = 'confirm' WHERE id = 3",
    "DELETE FROM regctl_audit WHERE id = 2",
    "UPDATE regctl_audit SET hash = '' WHERE id = 3",
  ])
  func `an act that was changed, or behind one that is gone, is named`(_ sql: StaticString) throws {
    try execute(sql)
    #expect(throws: RegctlError.store(.auditChanged(number: 3))) {
      try site.store.verifyAudit(including: nil)
    }
  }

  @Test func `a noted hash is found though acts were added`() throws {
    let noted = try site.store.newestAuditLink().hash
    try site.register("eve@example.org")
    #expect(try site.store.verifyAudit(including: noted).count == 5)
  }

  @Test func `a noted hash is missed when the newest acts were taken away`() throws {
    let noted = try site.store.newestAuditLink().hash
    try execute("DELETE FROM regctl_audit WHERE id = 4")
    #expect(try site.store.verifyAudit(including: nil).count == 3)
    #expect(throws: RegctlError.store(.auditHashMissing(noted))) {
      try site.store.verifyAudit(including: noted)
    }
  }

  @Test func `an account that goes and comes back changes no act`() throws {
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "gone", force: false, in: site.store, at: site.now,
      by: Site.actor)
    #expect(try site.store.verifyAudit(including: nil).count == 5)
  }

  @Test func `an empty audit is whole`() throws {
    try execute("DELETE FROM regctl_audit")
    #expect(try site.store.verifyAudit(including: nil) == AuditProof(count: 0, hash: nil))
  }
}
