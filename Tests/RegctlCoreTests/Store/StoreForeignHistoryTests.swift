import SQL
import SQLite
import Testing

@testable import RegctlCore

@Suite("Store+ForeignHistory") struct StoreForeignHistoryTests {
  private let site: Site
  private let ann: Account

  init() throws {
    site = try Site()
    ann = try site.register("ann@example.org")
  }

  private func migrate() throws {
    _ = try Store.migrate(
      .file(site.path), uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: site.now,
      by: Site.actor)
  }

  private func reader() throws -> Store {
    try Store.open(.file(site.path), for: .reading, busyTimeout: .zero)
  }

  private func loseTrigger() throws {
    try site.store.execute("DROP TRIGGER regctl_users_deleted")
  }

  /// Deletes Ann's account without the trigger; Eve's gets its number.
  private func replaceAnnByEve() throws {
    try loseTrigger()
    try site.store.execute(
      """
      DELETE FROM users WHERE id = 1;
      INSERT INTO users (id, email, password, registered_on, admin, confirmed)
      VALUES (1, 'eve@example.org', '!', '2026-11-23 10:00:00.000000', 0, 0)
      """)
    site.now = site.now + .seconds(7200)
  }

  /// Everything that a store shows about an account, in words.
  private func shown(of email: String, in store: Store) throws -> [String] {
    let id = try store.account(email).id
    return try store.mails(of: id).map(\.email)
      + store.auditEntries(of: id).map { "\($0.act.rawValue) \($0.email ?? "-")" }
      + store.voidedEmailChanges(of: id).map(\.newEmail)
  }

  @Test func `the next account with a number inherits nothing`() throws {
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    try site.store.join(ann.id, "autumn", at: site.now)
    try replaceAnnByEve()
    #expect(try shown(of: "eve@example.org", in: reader()) == [])
    try migrate()
    let store = try reader()
    #expect(try shown(of: "eve@example.org", in: store) == [])
    #expect(try store.hasJoined(ann.id, "autumn") == false)
    #expect(try store.sideRecord(of: ann.id).registeredAt == nil)
    #expect(try store.emailChange(1) == nil)
    let mails = try store.mails(
      after: MailID(rawValue: 0), matching: OutboxFilter(), limit: 10)
    #expect(mails.allSatisfy { $0.account == AccountID(rawValue: -1) && $0.state == .cancelled })
    #expect(try store.auditEntries(ofAccount: "ann@example.org").isEmpty == false)
    #expect(try store.auditFinding() == nil)
  }

  @Test func `an account keeps its history, also under a former address`() throws {
    try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    try site.confirmByHand("ann@post.example")
    try site.requestEmailChange("ann@post.example", to: "ann@third.example")
    site.now = site.now + .seconds(2)
    _ = try Confirm.byToken(
      site.token("ann@post.example", purpose: .changeEmail), authority: site.authority(),
      in: site.store, at: site.now, by: Site.actor)
    try site.requestEmailChange("ann@third.example", to: "ann@fourth.example")
    try site.store.join(ann.id, "autumn", at: site.now)
    let before = try shown(of: "ann@third.example", in: site.store)
    let states = try site.store.mails(of: ann.id).map(\.state)
    try loseTrigger()
    try migrate()
    let store = try reader()
    #expect(try shown(of: "ann@third.example", in: store) == before)
    #expect(try store.mails(of: ann.id).map(\.state) == states)
    #expect(try store.hasJoined(ann.id, "autumn"))
    #expect(try store.sideRecord(of: ann.id).registeredAt != nil)
    let account = try #require(try store.account(ann.id))
    #expect(try store.waitingEmailChange(of: account) != nil)
  }

  @Test func `an address with another's as its beginning is not a former one`() throws {
    try site.requestEmailChange("ann@example.org", to: "eve@example.org.uk")
    try replaceAnnByEve()
    try migrate()
    #expect(try shown(of: "eve@example.org", in: reader()) == [])
  }

  @Test func `an act on many is separated unless the account existed by then`() throws {
    try site.store.record(
      AuditEntry(act: .importAccounts, at: site.now, actor: Site.actor, reason: "file"),
      on: [ann.id])
    try replaceAnnByEve()
    #expect(try reader().auditEntries(of: ann.id) == [])
    try migrate()
    #expect(try reader().auditEntries(of: ann.id) == [])
    let store = try Store.open(.file(site.path), for: .writing, busyTimeout: .zero)
    site.now = site.now + .seconds(86_400)
    try store.record(
      AuditEntry(act: .importAccounts, at: site.now, actor: Site.actor, reason: "file"),
      on: [ann.id])
    try loseTrigger()
    try migrate()
    #expect(try reader().auditEntries(of: ann.id).map(\.act) == [.importAccounts])
    #expect(try reader().auditFinding() == nil)
  }

  @Test func `mails of an account that is gone are cancelled`() throws {
    try loseTrigger()
    try site.store.execute("DELETE FROM users")
    try migrate()
    let mail = try #require(try reader().mail(MailID(rawValue: 1)))
    #expect(mail.state == .cancelled)
    #expect(mail.account == AccountID(rawValue: -1))
  }

  @Test func `a reader changes nothing while history is hidden`() throws {
    try replaceAnnByEve()
    let store = try reader()
    #expect(throws: RegctlError.self) { try store.run("DELETE FROM users") }
    #expect(throws: RegctlError.self) { try store.execute("CREATE TEMP TABLE t (x)") }
  }

  @Test func `without a table of accounts the outbox is listed`() throws {
    try site.store.execute("DROP TABLE users")
    #expect(
      try reader().mails(after: MailID(rawValue: 0), matching: OutboxFilter(), limit: 10).count == 1
    )
  }
}
