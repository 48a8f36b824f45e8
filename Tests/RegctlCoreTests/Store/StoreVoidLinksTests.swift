import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+VoidLinks") struct StoreVoidLinksTests {
  private let site: Site
  private let ann: Account

  init() throws {
    site = try Site()
    ann = try site.register("ann@example.org")
  }

  private func notBefore() throws -> Int64? { try site.store.sideRecord(of: ann.id).notBefore }

  // MARK: Tokens

  @Test func `tokens of this second are revoked with those before`() throws {
    try site.store.revokeTokens(of: ann.id, at: site.now)
    #expect(try notBefore() == site.now.seconds + 1)
  }

  @Test func `a token issued in the same second is revoked too`() throws {
    try site.store.revokeTokens(of: ann.id, at: site.now)
    let link = try site.token("ann@example.org")
    try site.store.revokeTokens(of: ann.id, at: site.now)
    site.now = site.now + .seconds(5)
    #expect(throws: RegctlError.token(.revoked(email: "ann@example.org"))) {
      try Confirm.byToken(
        link, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
    }
  }

  @Test(arguments: [1, 30, 3599])
  func `setting the clock back makes nothing valid again`(_ seconds: Int64) throws {
    try site.store.revokeTokens(of: ann.id, at: site.now)
    let before = try #require(try notBefore())
    try site.store.revokeTokens(of: ann.id, at: site.now - .seconds(seconds))
    #expect(try #require(try notBefore()) > before)
  }

  @Test func `a clock that was years ahead does not void all links for years`() throws {
    try site.store.revokeTokens(of: ann.id, at: site.now + .seconds(1_000_000_000))
    try site.store.revokeTokens(of: ann.id, at: site.now)
    #expect(try notBefore() == site.now.seconds + 1)
  }

  @Test(
    arguments: [Value.integer(.max), .integer(.min), .integer(0), .null]
      + TestEngine.choose(sqlite: [.text("soon")], postgresql: []))
  func `a value written by another program is replaced`(_ value: Value) throws {
    try site.store.run("UPDATE regctl_accounts SET not_before = $1", value)
    try site.store.revokeTokens(of: ann.id, at: site.now)
    #expect(try notBefore() == site.now.seconds + 1)
  }

  @Test func `the earliest valid link is that of the next second`() throws {
    #expect(try site.store.earliestLink(of: ann.id, at: site.now) == site.now)
    try site.store.revokeTokens(of: ann.id, at: site.now)
    let next = site.now + .seconds(1)
    #expect(try site.store.earliestLink(of: ann.id, at: site.now) == next)
    #expect(try site.store.earliestLink(of: ann.id, at: next) == next)
    let later = next + .seconds(7)
    #expect(try site.store.earliestLink(of: ann.id, at: later) == later)
  }

  // MARK: The application's reset link

  private func pendingReset(of email: String) throws -> String? {
    try site.store.first(
      "SELECT password_reset_token FROM users WHERE email = $1", .text(email)
    ) { $0.optionalText(0) } ?? nil
  }

  @Test func `the application's pending reset link is voided, and no other account's`() throws {
    try site.register("bob@example.org")
    try site.store.execute("UPDATE users SET password_reset_token = 'a token'")
    try site.store.voidLinks(of: ann.id, reason: "test", at: site.now)
    #expect(try pendingReset(of: "ann@example.org") == nil)
    #expect(try pendingReset(of: "bob@example.org") == "a token")
  }

  @Test func `a table without the column, or where it may not be empty, is accepted`() throws {
    for column: Statement in [
      "SELECT 1", "ALTER TABLE users ADD COLUMN password_reset_token VARCHAR NOT NULL DEFAULT ''",
    ] {
      let site = try Site(adopting: column)
      let account = try site.register("ann@example.org")
      try site.store.voidLinks(of: account.id, reason: "test", at: site.now)
      #expect(try site.store.sideRecord(of: account.id).notBefore != nil)
    }
  }

  // MARK: Mails and changes

  @Test func `queued mails with a link are cancelled, the others are kept`() throws {
    for kind in [MailKind.reset, .changeEmail, .changedNotice] {
      _ = try site.store.enqueue(
        kind, to: ann, at: site.now, due: site.now, messageDomain: "app.example")
    }
    try site.store.voidLinks(of: ann.id, reason: "test", at: site.now)
    let mails = try site.store.mails(of: ann.id)
    #expect(mails.map(\.state) == [.queued, .cancelled, .cancelled, .queued])
    #expect(mails.map(\.lastReply) == [nil, "test", "test", nil])
    // The link of the first is valid when it is sent.
    #expect(mails[0].nextAttemptAt == site.now + .seconds(1))
    #expect(mails[3].nextAttemptAt == site.now)
  }

  @Test func `a confirmation mail that is due later stays so`() throws {
    let later = site.now + .seconds(600)
    try site.store.reschedule(MailID(rawValue: 1), as: .confirm, at: site.now, due: later)
    try site.store.voidLinks(of: ann.id, reason: "test", at: site.now)
    #expect(try site.store.mails(of: ann.id).map(\.nextAttemptAt) == [later])
  }

  @Test func `a pending change is voided, a completed one is not`() throws {
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    _ = try Confirm.byToken(
      site.token("ann@example.org", purpose: .changeEmail), authority: site.authority(),
      in: site.store,
      at: site.now, by: Site.actor)
    try site.requestEmailChange("ann@post.example", to: "ann@third.example")
    site.now = site.now + .seconds(60)
    try site.store.voidLinks(of: ann.id, reason: "test", at: site.now)
    let voided = try site.store.voidedEmailChanges(of: ann.id)
    #expect(voided.map(\.newEmail) == ["ann@third.example"])
    #expect(voided.map(\.at) == [site.now])
  }

  @Test func `another account keeps its links`() throws {
    try site.register("bob@example.org")
    let link = try site.token("bob@example.org")
    try site.store.voidLinks(of: ann.id, reason: "test", at: site.now)
    #expect(
      try Confirm.byToken(
        link, authority: site.authority(), in: site.store, at: site.now, by: Site.actor
      ).isNew)
  }
}
