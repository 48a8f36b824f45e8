import SQL
import SQLite
import TestSupport
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
      site.location, uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: site.now,
      by: Site.actor)
  }

  private func reader() throws -> Store {
    try Store.open(site.location, for: .reading, busyTimeout: .zero)
  }

  private func loseTrigger() throws {
    try site.store.execute(
      Statement(
        sqlite: "DROP TRIGGER regctl_users_deleted",
        postgreSQL: #"DROP TRIGGER "regctl_users_deleted" ON users"#))
  }

  /// Deletes Ann's account without the trigger; Eve's gets its number.
  private func replaceAnnByEve() throws {
    try loseTrigger()
    try site.store.execute(
      """
      DELETE FROM users WHERE id = 1;
      INSERT INTO users (id, email, password, registered_on, admin, confirmed)
      VALUES (1, 'eve@example.org', '!', '2026-11-23 10:00:00.000000', FALSE, FALSE)
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
      after: nil, matching: OutboxFilter(), limit: 10)
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
    let store = try Store.open(site.location, for: .writing, busyTimeout: .zero)
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
      try reader().mails(after: nil, matching: OutboxFilter(), limit: 10).count == 1
    )
  }
}

@Suite("Store+ForeignHistory on a server", .only(.postgresql, "the trigger writes another time"))
struct StoreHistoryOnServerTests {
  @Test func `what a deletion without the trigger left is as the trigger leaves it`() throws {
    // Each deletion in a database of its own: Ann's with the trigger, or without and put right.
    func remains(withTrigger: Bool) throws -> [[String]] {
      let site = try Site()
      let ann = try site.register("ann@example.org")
      let bob = try site.register("bob@example.org")
      try site.requestEmailChange("ann@example.org", to: "ann@post.example")
      try site.store.join(ann.id, "autumn", at: site.now)
      try site.store.join(bob.id, "autumn", at: site.now)
      try site.store.record(
        AuditEntry(act: .importAccounts, at: site.now, actor: Site.actor, reason: "file"),
        on: [ann.id, bob.id])
      if !withTrigger {
        try site.store.execute(
          Statement(postgreSQL: "ALTER TABLE users DISABLE TRIGGER \"regctl_users_deleted\""))
      }
      try site.store.execute("DELETE FROM users WHERE id = 1")
      if !withTrigger {
        try site.store.transaction { () throws(RegctlError) in
          try site.store.separateHistory(at: site.now)
        }
      }
      #expect(try site.store.auditFinding() == nil)
      let statements: [Statement] = [
        "SELECT account_id, state, last_reply FROM regctl_outbox ORDER BY id",
        "SELECT account_id, act, email FROM regctl_audit ORDER BY id",
        "SELECT account_id, deleted_email, audit_id FROM regctl_audit_accounts ORDER BY 1, 3",
        "SELECT account_id, old_email, new_email FROM regctl_email_changes ORDER BY request",
        "SELECT account_id, registered_at, not_before FROM regctl_accounts ORDER BY 1",
        "SELECT name, account_id, at FROM regctl_campaigns ORDER BY 2",
      ]
      return try statements.map { statement in
        try site.store.rows(statement) { row in
          (0..<3).map { row.optionalText($0) ?? "-" }.joined(separator: " ")
        }
      }
    }
    let expected = try remains(withTrigger: true)
    #expect(try remains(withTrigger: false) == expected)
    #expect(expected[0].contains("-1 cancelled the account was deleted"))
  }
}
