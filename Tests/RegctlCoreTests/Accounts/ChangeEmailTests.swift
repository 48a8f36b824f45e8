import SQL
import Testing

@testable import RegctlCore

@Suite("ChangeEmail") struct ChangeEmailTests {
  private let site: Site
  private let ann: Account

  init() throws {
    site = try Site()
    ann = try site.register("ann@example.org")
  }

  @discardableResult
  private func change(_ old: String = "ann@example.org", to new: String) throws
    -> ChangeEmail.Effect
  {
    try site.requestEmailChange(old, to: new)
  }

  @discardableResult
  private func confirm(_ text: TokenText) throws -> RegctlCore.Confirmation {
    try Confirm.byToken(
      text, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
  }

  private func mails() throws -> [OutboxEntry] { try site.store.mails(of: ann.id) }

  // MARK: Unconfirmed

  @Test func `an unconfirmed account gets the address at once and a mail there`() throws {
    guard case .changed(let changed, let mail) = try change(to: "ann@post.example") else {
      Issue.record("not changed")
      return
    }
    #expect(changed.email == "ann@post.example")
    #expect(changed.id == ann.id)
    #expect(try mails().map(\.state) == [.cancelled, .queued])
    #expect(try site.store.mail(mail)?.email == "ann@post.example")
    #expect(try site.acts(on: "ann@post.example") == [.register, .changeEmail])
  }

  @Test(
    arguments: [
      "UPDATE regctl_outbox SET state = 'held', next_attempt_at = NULL",
      "UPDATE regctl_outbox SET template = 'reminder'",
    ] as [Statement])
  func `a mail to the old address is cancelled, whatever it is`(_ change: Statement) throws {
    try site.store.execute(change)
    try self.change(to: "ann@post.example")
    #expect(try mails().map(\.state) == [.cancelled, .queued])
    // The mail to the new address is the one that a later resend makes due.
    site.now = site.now + .seconds(3600)
    let resend = Resend(
      try site.configuration(), kind: .confirm, force: false, revokesPrevious: false)
    let effect = try resend.perform(
      "ann@post.example", in: site.store, at: site.now, by: Site.actor)
    guard case .queued(_, let mail) = effect else {
      Issue.record("nothing was queued")
      return
    }
    #expect(try site.store.mail(mail)?.email == "ann@post.example")
  }

  @Test func `a link to the old address stays void when the address is restored`() throws {
    let link = try site.token("ann@example.org")
    try change(to: "ann@post.example")
    #expect(throws: RegctlError.account(.notFound("ann@example.org"))) { try confirm(link) }
    try change("ann@post.example", to: "ann@example.org")
    #expect(throws: RegctlError.token(.revoked(email: "ann@example.org"))) { try confirm(link) }
  }

  @Test func `the mail to the new address is not due before its link is valid`() throws {
    try change(to: "ann@post.example")
    let mail = try #require(try mails().last)
    #expect(mail.nextAttemptAt == site.now + .seconds(1))
    site.now = site.now + .seconds(1)
    #expect(try confirm(site.token("ann@post.example")).isNew)
  }

  @Test(arguments: ["bob@example.org", "BOB@example.org"])
  func `an address that another account has is refused`(_ taken: String) throws {
    try site.register("bob@example.org")
    #expect(
      throws: RegctlError.account(
        .alreadyRegistered(email: "bob@example.org", isConfirmed: false))
    ) { try change(to: taken) }
    #expect(try site.acts(on: "ann@example.org") == [.register])
  }

  @Test func `only the case may change`() throws {
    try change(to: "Ann@example.org")
    #expect(try site.store.account(ann.id)?.email == "Ann@example.org")
  }

  @Test func `the current address changes nothing`() throws {
    #expect(try change(to: "ann@example.org") == .unchanged(ann))
    #expect(try mails().map(\.state) == [.queued])
  }

  // MARK: Confirmed

  @Test func `a confirmed account keeps its address until the link is followed`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@post.example")
    #expect(try site.store.account(ann.id)?.email == "ann@example.org")
    let waiting = try mails().filter { $0.state == .queued && $0.kind != .confirm }
    #expect(waiting.map(\.kind) == [.changeEmail, .changedNotice])
    #expect(waiting.map(\.email) == ["ann@post.example", "ann@example.org"])
    let link = try site.token("ann@example.org", purpose: .changeEmail)
    let confirmation = try confirm(link)
    #expect(confirmation.isNew)
    #expect(confirmation.previousEmail == "ann@example.org")
    #expect(confirmation.account.email == "ann@post.example")
    #expect(confirmation.account.isConfirmed)
    #expect(try site.acts(on: "ann@post.example").last == .confirmEmailChange)
  }

  @Test func `following the link twice is success`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@post.example")
    let link = try site.token("ann@example.org", purpose: .changeEmail)
    try confirm(link)
    #expect(try !confirm(link).isNew)
  }

  @Test func `the newest request counts`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@first.example")
    let first = try site.token("ann@example.org", purpose: .changeEmail)
    try change(to: "ann@second.example")
    #expect(
      throws: RegctlError.token(.revoked(email: "ann@example.org", purpose: .changeEmail))
    ) { try confirm(first) }
    let second = try site.token("ann@example.org", purpose: .changeEmail)
    #expect(try confirm(second).account.email == "ann@second.example")
    #expect(
      try mails().filter { $0.kind == .changeEmail }.map(\.state) == [.cancelled, .cancelled])
  }

  private func unconfirm(_ email: String) throws {
    _ = try Confirm.undo(
      email, reason: "test", in: site.store, at: site.now, by: Site.actor)
    site.now = site.now + .seconds(1)
  }

  @Test func `an account whose confirmation was undone has no pending change`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@post.example")
    try unconfirm("ann@example.org")
    let issued = try site.authority().issue(
      .changeEmail, for: ["ann@example.org"], in: site.store, at: site.now, by: Site.actor)
    #expect(throws: AccountError.noEmailChange(email: "ann@example.org")) {
      try #require(issued.first).get()
    }
  }

  @Test func `a used link does not report an unconfirmed account as confirmed`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@post.example")
    let link = try site.token("ann@example.org", purpose: .changeEmail)
    try confirm(link)
    try unconfirm("ann@post.example")
    #expect(
      throws: RegctlError.token(.revoked(email: "ann@post.example", purpose: .changeEmail))
    ) { try confirm(link) }
  }

  @Test func `an earlier request is not carried out when its address is restored`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@first.example")
    try change(to: "ann@post.example")
    try confirm(site.token("ann@example.org", purpose: .changeEmail))
    let requests = try site.store.voidedEmailChanges(of: ann.id)
    #expect(requests.map(\.newEmail) == ["ann@first.example"])
  }

  @Test func `an address that was taken meanwhile is refused`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "bob@example.org")
    let link = try site.token("ann@example.org", purpose: .changeEmail)
    try site.register("Bob@example.org")
    #expect(
      throws: RegctlError.account(
        .alreadyRegistered(email: "Bob@example.org", isConfirmed: false))
    ) { try confirm(link) }
    #expect(try site.store.account(ann.id)?.email == "ann@example.org")
  }

  @Test func `a link expires like others`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@post.example")
    let link = try site.token("ann@example.org", purpose: .changeEmail)
    let expiry = site.now + .seconds(3600)
    let issued = site.now
    site.now = expiry + .seconds(1)
    #expect(
      throws: RegctlError.token(
        .expired(
          email: "ann@example.org", issued: issued, expired: expiry, purpose: .changeEmail))
    ) { try confirm(link) }
  }

  @Test func `a token without a request changes nothing`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@post.example")
    let keys = try #require(KeyRing(fileContent: Array(Site.key.utf8)))
    let signer = try TokenSigner(keys: keys, salt: "change-email")
    let token = signer.sign("ann@post.example", at: site.now.seconds)
    #expect(throws: RegctlError.token(.invalid(.unbound))) {
      try confirm(TokenText(Array(token.utf8)))
    }
  }

  @Test func `without a configured link the request is rejected`() throws {
    try site.confirmByHand("ann@example.org")
    #expect(throws: RegctlError.delivery(.missingSetting("change_email_url"))) {
      try ChangeEmail(to: EmailAddress("ann@post.example"), site.configuration())
        .perform("ann@example.org", in: site.store, at: site.now, by: Site.actor)
    }
    #expect(try site.acts(on: "ann@example.org") == [.register, .confirmByOperator])
  }

  @Test func `no token is issued without a requested change`() throws {
    try site.confirmByHand("ann@example.org")
    let issued = try site.authority().issue(
      .changeEmail, for: ["ann@example.org"], in: site.store, at: site.now, by: Site.actor)
    #expect(throws: AccountError.noEmailChange(email: "ann@example.org")) {
      try #require(issued.first).get()
    }
    #expect(try site.acts(on: "ann@example.org") == [.register, .confirmByOperator])
  }

  @Test func `an account with a reused ID inherits no request`() throws {
    try site.confirmByHand("ann@example.org")
    try change(to: "ann@post.example")
    let link = try site.token("ann@example.org", purpose: .changeEmail)
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "gone", force: false, in: site.store, at: site.now,
      by: Site.actor)
    try site.freeReservedNumbers()
    try site.giveNumbersFrom(ann.id.rawValue)
    let bob = try site.register("bob@example.org")
    try #require(bob.id == ann.id)
    #expect(throws: RegctlError.account(.notFound("ann@post.example"))) { try confirm(link) }
    #expect(try site.store.account(bob.id)?.email == "bob@example.org")
  }
}
