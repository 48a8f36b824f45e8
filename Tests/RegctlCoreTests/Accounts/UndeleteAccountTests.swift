import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("UndeleteAccount") struct UndeleteAccountTests {
  private func delete(_ email: String, in site: Site) throws {
    _ = try DeleteAccount.perform(
      email, reason: "left", force: true, in: site.store, at: site.now, by: Site.actor)
  }

  private func undelete(
    _ name: UndeleteAccount.Name, newID: Bool = false, reason: String? = nil, in site: Site
  ) throws -> Account {
    try UndeleteAccount.perform(
      name, newID: newID, in: site.store, at: site.now, by: Site.actor(because: reason))
  }

  /// Every column of an account as text.
  private func row(_ id: AccountID, in site: Site) throws -> [String?] {
    try site.store.rows(
      """
      SELECT CAST(id AS TEXT), email, password, CAST(registered_on AS TEXT), CAST(admin AS TEXT),
        CAST(confirmed AS TEXT), CAST(confirmed_on AS TEXT), password_reset_token
      FROM {table} WHERE id = $1
      """, .integer(id.rawValue)
    ) { row in (0..<8).map { row.optionalText(Int32($0)) } }.first ?? []
  }

  @Test func `an account comes back with its row, mails and history`() throws {
    let site = try Site()
    let root = try site.createAdministrator("Root@example.org")
    let before = try row(root.id, in: site)
    let acts = try site.acts(on: "root@example.org")
    try delete("root@example.org", in: site)
    #expect(try site.store.accountCount() == 0)
    let restored = try undelete(.email("ROOT@example.org"), in: site)
    #expect(restored.id == root.id)
    #expect(try row(root.id, in: site) == before)
    #expect(try site.acts(on: "root@example.org") == acts + [.delete, .undelete])
    #expect(try site.store.deletion(of: "root@example.org") == nil)
    #expect(try site.store.verifyAudit(including: nil).count == acts.count + 3)
  }

  @Test func `links from before the deletion stay void`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let link = try site.token("ann@example.org")
    try delete("ann@example.org", in: site)
    _ = try undelete(.email("ann@example.org"), in: site)
    #expect(throws: RegctlError.token(.revoked(email: "ann@example.org", purpose: .confirm))) {
      try Confirm.byToken(
        link, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
    }
  }

  @Test func `the account that was deleted last is restored, and the other by its number`() throws {
    let site = try Site()
    let first = try site.register("ann@example.org")
    try delete("ann@example.org", in: site)
    let second = try site.register("ann@example.org")
    try delete("ann@example.org", in: site)
    #expect(try undelete(.email("ann@example.org"), in: site).id == second.id)
    #expect(
      throws: RegctlError.account(.addressTaken(email: "ann@example.org", deleted: first.id))
    ) {
      try undelete(.id(first.id), in: site)
    }
    try delete("ann@example.org", in: site)
    #expect(try undelete(.id(first.id), in: site).id == first.id)
  }

  @Test func `an account whose number was given away is refused, or gets another`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.register("bob@example.org")
    try delete("ann@example.org", in: site)
    try site.store.execute(
      """
      INSERT INTO {table} (id, email, password, registered_on, admin, confirmed)
      VALUES (1, 'eve@example.org', '!', '2026-01-01', FALSE, FALSE)
      """)
    #expect(
      throws: RegctlError.account(
        .numberTaken(ann.id, holder: "eve@example.org", email: "ann@example.org"))
    ) {
      try undelete(.email("ann@example.org"), in: site)
    }
    let restored = try undelete(
      .email("ann@example.org"), newID: true, reason: "run 1, was number 2", in: site)
    #expect(restored.id != ann.id)
    #expect(
      try site.store.auditEntries(of: restored.id).map(\.act) == [.register, .delete, .undelete])
    #expect(
      try site.store.auditEntries(of: restored.id).last?.words
        == "deletion 4, was number 1: run 1, was number 2")
    #expect(try site.store.verifyAudit(including: nil).count == 5)
  }

  @Test func `what was not deleted is not restored`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    #expect(throws: RegctlError.account(.notDeleted(email: "ann@example.org"))) {
      try undelete(.email("ANN@example.org"), in: site)
    }
    #expect(throws: RegctlError.account(.notDeleted(email: "ann@example.org"))) {
      try undelete(.id(AccountID(rawValue: 1)), in: site)
    }
    #expect(throws: RegctlError.account(.notFound("eve@example.org"))) {
      try undelete(.email("eve@example.org"), in: site)
    }
    #expect(throws: RegctlError.account(.notFound("9"))) {
      try undelete(.id(AccountID(rawValue: 9)), in: site)
    }
  }

  @Test func `spellings that differ in case and were both there are restored`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ('ann@x.org', '!', '2026-01-01', FALSE, FALSE),
          ('Ann@x.org', '!', '2026-01-01', FALSE, FALSE)
        """)
    try delete("Ann@x.org", in: site)
    #expect(try undelete(.id(AccountID(rawValue: 2)), in: site).email == "Ann@x.org")
    #expect(try site.store.accountCount() == 2)
  }
}
