import SQL
import Testing

@testable import RegctlCore

@Suite("Store+EmailChanges") struct StoreEmailChangesTests {
  private let site: Site
  private let ann: Account

  init() throws {
    site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    ann = try site.store.account("ann@example.org")
  }

  /// The account as the table holds it.
  private func account() throws -> Account { try #require(try site.store.account(ann.id)) }

  private func request(_ email: String) throws {
    try site.store.requestEmailChange(of: ann, to: email, at: site.now)
  }

  // MARK: Addresses

  @Test func `an address is replaced, that of no other account`() throws {
    let bob = try site.register("bob@example.org")
    try site.store.setEmail(ann.id, "anna@example.org")
    #expect(try account().email == "anna@example.org")
    #expect(try site.store.account(bob.id)?.email == "bob@example.org")
  }

  @Test func `a missing account has no address to replace`() throws {
    #expect(throws: RegctlError.store(.ignored(table: "users", triggers: []))) {
      try site.store.setEmail(AccountID(rawValue: 9), "anna@example.org")
    }
  }

  @Test(arguments: ["bob@example.org", "BOB@example.org"])
  func `an address of another account is taken, in any spelling`(_ email: String) throws {
    try site.register("bob@example.org")
    #expect(
      throws: RegctlError.account(
        .alreadyRegistered(email: "bob@example.org", isConfirmed: false))
    ) { try site.store.requireFree(email, for: ann) }
  }

  @Test(arguments: ["ann@example.org", "ANN@example.org", "anna@example.org"])
  func `an account's own address is free for it, in any spelling`(_ email: String) throws {
    try site.store.requireFree(email, for: ann)
  }

  // MARK: Requests

  @Test func `a pending request has both addresses`() throws {
    #expect(try site.store.waitingEmailChange(of: ann) == nil)
    try request("anna@example.org")
    let change = EmailChange(
      request: 1, account: ann.id, oldEmail: "ann@example.org", newEmail: "anna@example.org",
      isConfirmed: false, isVoid: false)
    #expect(try site.store.waitingEmailChange(of: ann) == change)
    #expect(try site.store.emailChange(1) == change)
    #expect(try site.store.emailChange(2) == nil)
  }

  @Test func `a newer request makes the older one void`() throws {
    try request("anna@example.org")
    site.now = site.now + .seconds(60)
    try request("anne@example.org")
    #expect(try site.store.waitingEmailChange(of: ann)?.newEmail == "anne@example.org")
    #expect(try site.store.emailChange(1)?.isVoid == true)
    let voided = try site.store.voidedEmailChanges(of: ann.id)
    #expect(voided.map(\.newEmail) == ["anna@example.org"])
    #expect(voided.map(\.at) == [site.now])
  }

  @Test func `an applied request is not pending and is not made void`() throws {
    try request("anna@example.org")
    try site.store.confirmEmailChange(1, at: site.now)
    try site.store.voidEmailChanges(of: ann.id, at: site.now)
    #expect(try site.store.waitingEmailChange(of: ann) == nil)
    #expect(try site.store.emailChange(1)?.isConfirmed == true)
    #expect(try site.store.voidedEmailChanges(of: ann.id).isEmpty)
  }

  @Test func `a void request keeps its time`() throws {
    try request("anna@example.org")
    try site.store.voidEmailChanges(of: ann.id, at: site.now)
    try site.store.voidEmailChanges(of: ann.id, at: site.now + .seconds(60))
    #expect(try site.store.voidedEmailChanges(of: ann.id).map(\.at) == [site.now])
    #expect(try site.store.waitingEmailChange(of: ann) == nil)
  }

  @Test(
    arguments: [
      "UPDATE users SET confirmed = FALSE", "UPDATE users SET email = 'other@example.org'",
      "UPDATE users SET email = 'Ann@example.org'",
    ] as [Statement])
  func `no request is pending after the account has changed`(_ change: Statement) throws {
    try request("anna@example.org")
    try site.store.execute(change)
    #expect(try site.store.waitingEmailChange(of: account()) == nil)
  }

  @Test func `another account's request is its own`() throws {
    let bob = try site.register("bob@example.org")
    try request("anna@example.org")
    try site.store.voidEmailChanges(of: bob.id, at: site.now)
    #expect(try site.store.waitingEmailChange(of: ann) != nil)
    #expect(try site.store.waitingEmailChange(of: bob) == nil)
  }

  @Test func `the request of a deleted account is not found`() throws {
    try request("anna@example.org")
    try site.store.execute("DELETE FROM users")
    #expect(try site.store.emailChange(1) == nil)
  }

  // MARK: Mails

  @Test func `queued mails of some kinds are cancelled`() throws {
    let bob = try site.register("bob@example.org")
    for (account, kind) in [(ann, MailKind.reset), (ann, .changeEmail), (bob, .reset)] {
      _ = try site.store.enqueue(
        kind, to: account, at: site.now, due: site.now, messageDomain: "app.example")
    }
    site.now = site.now + .seconds(60)
    try site.store.cancelMails([.reset, .confirm], to: ann.id, reason: "moved", at: site.now)
    let mails = try site.store.mails(of: ann.id)
    let cancelled = mails.filter { $0.state == .cancelled && $0.lastReply == "moved" }
    #expect(cancelled.map(\.email) == ["ann@example.org", "ann@example.org"])
    #expect(cancelled.allSatisfy { $0.finishedAt == site.now && $0.nextAttemptAt == nil })
    #expect(mails.filter { $0.state == .queued }.count == 1)
    #expect(try site.store.mails(of: bob.id).allSatisfy { $0.state == .queued })
  }

  @Test func `a mail that was sent is not cancelled`() throws {
    try site.store.execute("UPDATE regctl_outbox SET state = 'sent'")
    try site.store.cancelMails([.confirm], to: ann.id, reason: "moved", at: site.now)
    #expect(try site.store.mails(of: ann.id).map(\.state) == [.sent])
  }

  // MARK: Tokens

  private func payload(_ purpose: TokenPurpose) throws -> TokenPayload? {
    try site.store.tokenPayload(
      purpose, for: ann.id, email: "ann@example.org", resetLink: .bound)
  }

  @Test func `a confirmation holds the address, and nothing else`() throws {
    #expect(
      try payload(.confirm) == TokenPayload(email: "ann@example.org"))
  }

  @Test func `the application's reset link holds the address, and nothing else`() throws {
    let payload = try site.store.tokenPayload(
      .reset, for: ann.id, email: "ann@example.org", resetLink: .application)
    #expect(payload == TokenPayload(email: "ann@example.org"))
  }

  @Test func `a reset is bound to the password`() throws {
    func payload() throws -> TokenPayload? { try self.payload(.reset) }
    let before = try payload()
    #expect(before?.email == "ann@example.org")
    #expect(try payload() == before)
    try site.store.execute(
      """
      UPDATE users
      SET password = '$2b$04$abcdefghijklmnopqrstuuQe66hACgXZ.ImKMvPGdqru0gQrWJ8Ju'
      """)
    #expect(try payload()?.binding != before?.binding)
  }

  @Test func `a change of address is bound to its request`() throws {
    func payload() throws -> TokenPayload? { try self.payload(.changeEmail) }
    #expect(try payload() == nil)
    try request("anna@example.org")
    #expect(try payload() == TokenPayload(email: "anna@example.org", binding: "1"))
    try request("anne@example.org")
    #expect(try payload() == TokenPayload(email: "anne@example.org", binding: "2"))
  }
}
