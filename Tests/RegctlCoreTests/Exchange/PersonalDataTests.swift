import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("PersonalData") struct PersonalDataTests {
  private let site: Site

  init() throws { site = try Site() }

  private func export(_ word: String) throws -> PersonalData {
    try PersonalData.export(of: word, from: site.store, at: site.now, by: Site.actor)
  }

  @Test func `the language of the mails is personal data`() throws {
    try site.invite("ann@example.org", in: MailLanguage("de"))
    #expect(try export("ann@example.org").language?.tag == "de")
  }

  @Test func `an account comes with its mails, attempts, changes, locks and acts`() throws {
    try site.register("ann@example.org")
    try site.store.transaction { () throws(RegctlError) in
      try site.store.fail(MailID(rawValue: 1), reply: "550 unknown", at: site.now)
    }
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "anne@example.org")
    _ = try LockAccounts.lock(
      LockTarget("ann@example.org"), reason: "spam", force: false, in: site.store, at: site.now,
      by: Site.actor)
    let data = try export("1")
    #expect(data.email == "ann@example.org")
    #expect(data.addresses == ["ann@example.org", "anne@example.org"])
    #expect(data.account?.isConfirmed == true)
    #expect(data.mails.map(\.entry.state).first == .failed)
    #expect(data.mails.first?.attempts.map(\.reply) == ["550 unknown"])
    #expect(data.changes.map(\.newEmail) == ["anne@example.org"])
    #expect(data.locks.map(\.reason) == ["spam"])
    #expect(
      data.entries.map(\.act)
        == [.register, .confirmByOperator, .requestEmailChange, .lock, .export])
  }

  @Test func `an account that was deleted and one that was pruned are known by their address`()
    throws
  {
    try site.register("ann@example.org", queuesMail: false)
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: false, in: site.store, at: site.now,
      by: Site.actor)
    site.now = site.now + .seconds(1)
    try site.register("ann@example.org", queuesMail: false)
    try site.store.transaction { () throws(RegctlError) in
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      let id = try site.store.account("ann@example.org").id
      try site.store.record(
        AuditEntry(act: .prune, at: site.now, actor: Site.actor, detail: "run 1"), on: [id])
      _ = try site.store.archive([id], run: run, at: site.now)
    }
    let data = try export("ANN@example.org")
    #expect(data.account == nil)
    #expect(data.archived.map(\.email) == ["ann@example.org", "ann@example.org"])
    #expect(data.archived.map { $0.removal?.reason } == ["left", nil])
    #expect(data.archived.map { $0.removal?.run } == [nil, 1])
    #expect(data.archived.allSatisfy { $0.registeredOn != nil && !$0.isConfirmed })
    #expect(data.entries.map(\.act) == [.register, .delete, .register, .prune, .export])
  }

  @Test func `an entry about another names only this person`() throws {
    try site.register("ann@example.org", queuesMail: false)
    try site.register("bob@example.org", queuesMail: false)
    _ = try DeleteAccount.perform(
      "bob@example.org", reason: "harassed ann@example.org", force: false, in: site.store,
      at: site.now, by: Site.actor)
    let data = try export("ann@example.org")
    #expect(data.entries.map(\.act) == [.register, .delete, .export])
    #expect(data.entries.map(\.email) == ["ann@example.org", nil, "ann@example.org"])
    #expect(data.entries[1].reason == "harassed ann@example.org")
  }

  @Test func `an unknown person is refused, and nothing is recorded`() throws {
    let count = try site.store.verifyAudit(including: nil).count
    #expect(throws: RegctlError.account(.notFound("eve@example.org"))) {
      try export("eve@example.org")
    }
    #expect(try site.store.verifyAudit(including: nil).count == count)
  }

  @Test func `an export of all accounts is recorded`() throws {
    try PersonalData.recordExportOfAll(from: site.store, at: site.now, by: Site.actor)
    let entry = try site.store.first(
      "SELECT act || ' ' || detail FROM regctl_audit ORDER BY id DESC LIMIT 1"
    ) { $0.text(0) }
    #expect(entry == "export all accounts")
  }
}
