import Testing

@testable import RegctlCore

@Suite("SetPassword") struct SetPasswordTests {
  private let site: Site
  private let ann: Account

  init() throws {
    site = try Site()
    ann = try site.register("ann@example.org")
  }

  private func setPassword() throws {
    _ = try SetPassword.perform(
      "ANN@example.org", PasswordHash(stored: "!new"), in: site.store, at: site.now,
      by: Site.actor)
  }

  @Test func `the hash is replaced, and that is recorded`() throws {
    try setPassword()
    #expect(try site.store.passwordHash(of: ann.id).text == "!new")
    #expect(try site.acts(on: "ann@example.org") == [.register, .setPassword])
  }

  @Test(arguments: [TokenPurpose.confirm, .changeEmail])
  func `earlier links and changes of address are voided`(_ purpose: TokenPurpose) throws {
    if purpose == .changeEmail {
      try site.confirmByHand("ann@example.org")
      try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    }
    let link = try site.token("ann@example.org", purpose: purpose)
    try setPassword()
    #expect(throws: RegctlError.token(.revoked(email: "ann@example.org", purpose: purpose))) {
      try Confirm.byToken(
        link, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
    }
    #expect(try site.store.waitingEmailChange(of: site.store.account("ann@example.org")) == nil)
  }

  @Test func `an unknown account has no password`() throws {
    #expect(throws: RegctlError.account(.notFound("bob@example.org"))) {
      try SetPassword.perform(
        "bob@example.org", .unusable, in: site.store, at: site.now, by: Site.actor)
    }
  }
}
