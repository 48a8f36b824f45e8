import Testing

@testable import RegctlCore

@Suite("Confirm") struct ConfirmTests {
  private func confirm(_ text: TokenText, in site: Site) throws -> RegctlCore.Confirmation {
    try Confirm.byToken(
      text, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
  }

  private func undo(_ email: String, in site: Site) throws -> RegctlCore.Confirmation {
    try Confirm.undo(email, reason: "bounced", in: site.store, at: site.now, by: Site.actor)
  }

  // MARK: By token

  @Test func `a link confirms now`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    site.now = site.now + .microseconds(1_000_007)
    let confirmation = try confirm(token, in: site)
    #expect(confirmation.isNew)
    #expect(confirmation.method == .token)
    #expect(confirmation.account.confirmedOn == .moment(site.now))
    #expect(try site.acts(on: "ann@example.org") == [.register, .issueToken, .confirmByToken])
  }

  @Test func `a link with the other spelling of a domain confirms the account`() throws {
    let (other, site) = (try Site(), try Site())
    try other.register("ann@xn--bcher-kva.example")
    try site.register("ann@bücher.example")
    let confirmation = try confirm(other.token("ann@xn--bcher-kva.example"), in: site)
    #expect(confirmation.isNew)
    #expect(confirmation.account.email == "ann@bücher.example")
  }

  @Test func `a used link says already confirmed`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    let first = try confirm(token, in: site)
    site.now = site.now + .seconds(60)
    let second = try confirm(token, in: site)
    #expect(!second.isNew)
    #expect(second.account == first.account)
  }

  @Test func `an expired link says so, and sends nothing`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org", queuesMail: false)
    let token = try site.token("ann@example.org")
    let issued = site.now
    site.now = site.now + .seconds(3601)
    #expect(
      throws: RegctlError.token(
        .expired(email: "ann@example.org", issued: issued, expired: issued + .seconds(3600)))
    ) { try confirm(token, in: site) }
    #expect(try site.store.mails(of: ann.id).isEmpty)
    #expect(try !site.store.account("ann@example.org").isConfirmed)
  }

  @Test func `an expired link is recorded once, and not a link of a confirmed account`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    try site.confirmByHand("bob@example.org")
    let tokens = try ["ann@example.org", "bob@example.org"].map { try site.token($0) }
    site.now = site.now + .seconds(3601)
    func use(_ token: TokenText) { _ = try? confirm(token, in: site) }
    for token in tokens + tokens { use(token) }
    use(TokenText(Array("forged.token.here".utf8)))
    #expect(try site.acts(on: "ann@example.org").count { $0 == .expiredLink } == 1)
    #expect(try site.acts(on: "bob@example.org").count { $0 == .expiredLink } == 0)
    let next = try site.token("ann@example.org")
    site.now = site.now + .seconds(3601)
    use(next)
    #expect(try site.acts(on: "ann@example.org").count { $0 == .expiredLink } == 2)
  }

  @Test func `an expired link of a confirmed account says already confirmed`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    try site.confirmByHand("ann@example.org")
    site.now = site.now + .seconds(1_000_000)
    #expect(try !confirm(token, in: site).isNew)
  }

  @Test func `a link of another purpose does not confirm`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org", purpose: .reset)
    #expect(throws: RegctlError.token(.purpose(.reset, expected: .confirm))) {
      try confirm(token, in: site)
    }
  }

  // MARK: By operator

  @Test func `an operator confirms without a link, and says why`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    #expect(try site.confirmByHand("ANN@example.org").isNew)
    #expect(try site.store.auditEntries(of: ann.id).last?.reason == "called")
    #expect(try !site.confirmByHand("ann@example.org").isNew)
    #expect(try site.acts(on: "ann@example.org") == [.register, .confirmByOperator])
  }

  @Test func `an unknown account is not confirmed`() throws {
    let site = try Site()
    #expect(throws: RegctlError.account(.notFound("ann@example.org"))) {
      try site.confirmByHand("ann@example.org")
    }
  }

  // MARK: Undoing

  @Test func `undoing a confirmation revokes earlier links`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    _ = try confirm(token, in: site)
    let undone = try undo("ann@example.org", in: site)
    #expect(undone.isNew)
    #expect(!undone.account.isConfirmed)
    #expect(undone.account.confirmedOn == nil)
    #expect(throws: RegctlError.token(.revoked(email: "ann@example.org"))) {
      try confirm(token, in: site)
    }
  }

  @Test func `a link issued later works`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    _ = try undo("ann@example.org", in: site)
    let token = try site.token("ann@example.org")
    site.now = site.now + .seconds(1)
    #expect(try confirm(token, in: site).isNew)
  }

  @Test func `a voided change of address stays void after a new confirmation`()
    throws
  {
    let site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    _ = try undo("ann@example.org", in: site)
    try site.confirmByHand("ann@example.org")
    #expect(try site.store.waitingEmailChange(of: site.store.account("ann@example.org")) == nil)
  }

  @Test func `an unconfirmed account cannot be undone, and no link is revoked`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    #expect(try !undo("ann@example.org", in: site).isNew)
    #expect(try confirm(token, in: site).isNew)
  }
}
