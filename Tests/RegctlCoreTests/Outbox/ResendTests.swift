import SQL
import Testing

@testable import RegctlCore

@Suite("Resend") struct ResendTests {
  @discardableResult
  private func resend(
    _ email: String = "ann@example.org", in site: Site, force: Bool = false,
    revokesPrevious: Bool = false
  ) throws -> Resend.Effect {
    try Resend(site.configuration(), force: force, revokesPrevious: revokesPrevious)
      .perform(email, in: site.store, at: site.now, by: Site.actor)
  }

  /// A site with an account whose first mail was sent at once.
  private func site() throws -> (Site, Account) {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "ok", at: site.now)
    return (site, ann)
  }

  @Test(arguments: [0, 1, 119])
  func `a request too soon is rejected with the time`(_ seconds: Int) throws {
    let (site, _) = try site()
    let next = site.now + .seconds(120)
    site.now = site.now + .seconds(seconds)
    #expect(throws: RegctlError.account(.resendTooSoon(email: "ann@example.org", next: next))) {
      try resend(in: site)
    }
  }

  @Test func `after the interval a mail is queued`() throws {
    let (site, ann) = try site()
    site.now = site.now + .seconds(120)
    #expect(try resend(in: site) == .queued(ann, MailID(rawValue: 2)))
    #expect(try site.store.mails(of: ann.id).last?.nextAttemptAt == site.now)
    #expect(try site.acts(on: "ann@example.org") == [.register, .resend])
  }

  @Test func `a reminder is queued, and the audit says so`() throws {
    let (site, ann) = try site()
    site.now = site.now + .seconds(120)
    _ = try Resend(site.configuration(), kind: .reminder, force: false, revokesPrevious: false)
      .perform(ann.email, in: site.store, at: site.now, by: Site.actor)
    #expect(try site.store.mails(of: ann.id).map(\.kind) == [.confirm, .reminder])
    #expect(try site.store.auditEntries(of: ann.id).last?.detail == "template reminder")
  }

  @Test func `a queued mail becomes the one that was asked for`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    site.now = site.now + .seconds(120)
    _ = try Resend(site.configuration(), kind: .reminder, force: false, revokesPrevious: false)
      .perform(ann.email, in: site.store, at: site.now, by: Site.actor)
    #expect(try site.store.mails(of: ann.id).map(\.kind) == [.reminder])
    try resend(in: site, force: true)
    #expect(try site.store.mails(of: ann.id).map(\.kind) == [.confirm])
  }

  @Test func `a person who was invited gets the invitation again`() throws {
    let site = try Site()
    let ann = try site.invite("ann@example.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "ok", at: site.now)
    try resend(in: site, force: true)
    #expect(try site.store.mails(of: ann.id).map(\.kind) == [.invite, .invite])
  }

  @Test func `each mail restarts the interval`() throws {
    let (site, _) = try site()
    site.now = site.now + .seconds(120)
    try resend(in: site)
    let next = site.now + .seconds(120)
    site.now = site.now + .seconds(119)
    #expect(throws: RegctlError.account(.resendTooSoon(email: "ann@example.org", next: next))) {
      try resend(in: site)
    }
  }

  @Test func `five mails a day are the limit`() throws {
    let (site, _) = try site()
    for _ in 0..<5 {
      site.now = site.now + .seconds(120)
      try resend(in: site)
    }
    site.now = site.now + .seconds(120)
    #expect(throws: RegctlError.account(.resendLimit(email: "ann@example.org", perDay: 5))) {
      try resend(in: site)
    }
    site.now = site.now + .seconds(86_400)
    try resend(in: site)
  }

  @Test func `force overrides the limits and is recorded`() throws {
    let (site, _) = try site()
    try resend(in: site, force: true)
    #expect(try site.acts(on: "ann@example.org") == [.register, .resendForced])
  }

  @Test func `force without a limit is an ordinary resend`() throws {
    let (site, _) = try site()
    site.now = site.now + .seconds(120)
    try resend(in: site, force: true)
    #expect(try site.acts(on: "ann@example.org") == [.register, .resend])
  }

  @Test func `a queued mail is made due, not duplicated`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.store.execute(
      "UPDATE regctl_outbox SET next_attempt_at = next_attempt_at + 100000, attempts = 9")
    site.now = site.now + .seconds(600)
    #expect(try resend(in: site) == .queued(ann, MailID(rawValue: 1)))
    let mails = try site.store.mails(of: ann.id)
    #expect(mails.count == 1)
    #expect(mails.first?.nextAttemptAt == site.now)
    #expect(mails.first?.queuedAt == site.now)
  }

  @Test func `earlier links stay valid`() throws {
    let (site, ann) = try site()
    let token = try site.token("ann@example.org")
    try resend(in: site, force: true)
    let authority = try site.authority()
    #expect(
      try authority.judge(authority.read(token, at: site.now), in: site.store, at: site.now)
        == .confirms(ann))
  }

  @Test func `revoking earlier links makes the next mail due a second later`() throws {
    let (site, ann) = try site()
    let token = try site.token("ann@example.org")
    try resend(in: site, force: true, revokesPrevious: true)
    let authority = try site.authority()
    #expect(
      try authority.judge(authority.read(token, at: site.now), in: site.store, at: site.now)
        == .refused(.token(.revoked(email: "ann@example.org")), ann))
    #expect(try site.store.mails(of: ann.id).last?.nextAttemptAt == site.now + .seconds(1))
    #expect(
      try site.acts(on: "ann@example.org")
        == [.register, .issueToken, .revokeTokens, .resendForced])
  }

  @Test func `a rejected request revokes nothing`() throws {
    let (site, ann) = try site()
    #expect(throws: RegctlError.self) { try resend(in: site, revokesPrevious: true) }
    #expect(try site.store.sideRecord(of: ann.id).notBefore == nil)
  }

  @Test func `a confirmed account gets no mail`() throws {
    let (site, _) = try site()
    try site.confirmByHand("ann@example.org")
    let ann = try site.store.account("ann@example.org")
    #expect(try resend(in: site) == .alreadyConfirmed(ann))
    #expect(try site.store.mails(of: ann.id).count == 1)
  }

  @Test func `an unknown account gets no mail`() throws {
    let (site, _) = try site()
    #expect(throws: RegctlError.account(.notFound("bob@example.org"))) {
      try resend("bob@example.org", in: site)
    }
  }
}
