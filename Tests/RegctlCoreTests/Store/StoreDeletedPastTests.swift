import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+DeletedPast") struct StoreDeletedPastTests {
  /// Two accounts, each with a mail that was sent and one that waits, and an act on both.
  private func site() throws -> (Site, [AccountID]) {
    let site = try Site()
    let accounts = [try site.register("ann@x.org"), try site.register("bob@x.org")]
    let mails = try accounts.map { account in
      try site.store.enqueue(
        .confirm, to: account, at: site.now, due: site.now, messageDomain: "app.example")
    }
    for mail in mails { try site.store.finish(mail, as: .sent, reply: "250 ok", at: site.now) }
    try site.store.record(
      AuditEntry(act: .issueToken, at: site.now, actor: Site.actor), on: accounts.map(\.id))
    return (site, accounts.map(\.id))
  }

  private func rows(_ statement: Statement, in site: Site) throws -> [String] {
    try site.store.rows(statement) { row in
      (0..<3).map { row.optionalText(Int32($0)) ?? "-" }.joined(separator: " ")
    }
  }

  /// All that is left of the accounts.
  private func past(in site: Site) throws -> [[String]] {
    [
      try rows(
        """
        SELECT CAST(account_id AS TEXT), state, CAST(id AS TEXT) FROM regctl_outbox ORDER BY id
        """, in: site),
      try rows(
        "SELECT CAST(account_id AS TEXT), act, email FROM regctl_audit ORDER BY id", in: site),
      try rows(
        """
        SELECT CAST(account_id AS TEXT), CAST(subject_id AS TEXT), deleted_email
        FROM regctl_audit_accounts ORDER BY subject_id
        """, in: site),
      try rows("SELECT CAST(account_id AS TEXT), NULL, NULL FROM regctl_accounts", in: site),
    ]
  }

  @Test func `it is as the trigger leaves it, and what waits is cancelled by the trigger`() throws {
    let (alone, _) = try site()
    try alone.store.execute("DELETE FROM users")
    let (together, ids) = try site()
    try together.store.separatePast(of: .integers(ids.map(\.rawValue)))
    try together.store.execute("DELETE FROM users")
    #expect(try past(in: together) == past(in: alone))
    #expect(
      try past(in: together)[0] == ["-1 cancelled 1", "-2 cancelled 2", "-1 sent 3", "-2 sent 4"])
  }

  @Test func `other accounts keep theirs`() throws {
    let (site, ids) = try site()
    let before = try past(in: site)
    try site.store.separatePast(of: .integers([ids[0].rawValue]))
    let after = try past(in: site)
    for (before, after) in zip(before, after) {
      #expect(before.filter { $0.hasPrefix("2 ") } == after.filter { $0.hasPrefix("2 ") })
    }
  }

  @Test func `an entry of the audit about a prune is as if the trigger had seen it`() throws {
    let (site, ids) = try site()
    let entry = AuditEntry(act: .prune, at: site.now, actor: Site.actor, detail: "run 1")
    try site.store.transaction { () throws(RegctlError) in
      try site.store.recordDeletion(entry, of: ids, continues: false)
    }
    try site.store.execute("DELETE FROM users")
    #expect(
      try past(in: site)[2] == [
        "-1 1 ann@x.org", "-1 1 ann@x.org", "-2 2 bob@x.org", "-2 2 bob@x.org",
      ])
    _ = try site.store.verifyAudit(including: nil)
  }
}
