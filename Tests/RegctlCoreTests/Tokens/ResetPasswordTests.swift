import Glibc
import SQL
import Testing

@testable import RegctlCore

@Suite("ResetPassword") struct ResetPasswordTests {
  private static let url = ["reset_url": "https://app.example/reset/{token}"]
  private let site: Site
  private let ann: Account

  init() throws {
    site = try Site()
    ann = try site.register("ann@example.org")
  }

  @discardableResult
  private func request(force: Bool = false) throws -> MailID {
    try ResetPassword(site.configuration(Self.url), force: force)
      .request("ann@example.org", in: site.store, at: site.now, by: Site.actor).mail
  }

  @discardableResult
  private func reset(
    _ text: TokenText, _ settings: [String: String] = [:], to hash: String = "!new"
  ) throws -> Account {
    let authority = try site.authority(settings)
    let permission = try ResetPassword.permission(
      by: text, authority: authority, in: site.store, at: site.now)
    return try ResetPassword.perform(
      permission, PasswordHash(stored: hash), authority: authority, in: site.store, at: site.now,
      by: Site.actor)
  }

  private func token() throws -> TokenText {
    try site.token("ann@example.org", purpose: .reset)
  }

  // MARK: Request

  @Test func `a mail is queued and recorded`() throws {
    let mail = try request()
    #expect(try site.store.mail(mail)?.kind == .reset)
    #expect(try site.acts(on: "ann@example.org") == [.register, .requestReset])
  }

  @Test func `a queued mail is not duplicated`() throws {
    let first = try request()
    site.now = site.now + .seconds(120)
    #expect(try request() == first)
  }

  @Test func `a request too soon is rejected with the time, unless forced`() throws {
    try request()
    let next = site.now + .seconds(120)
    #expect(throws: RegctlError.account(.resendTooSoon(email: "ann@example.org", next: next))) {
      try request()
    }
    try request(force: true)
  }

  @Test func `five mails a day are the limit`() throws {
    for _ in 0..<5 {
      try request()
      site.now = site.now + .seconds(120)
    }
    #expect(throws: RegctlError.account(.resendLimit(email: "ann@example.org", perDay: 5))) {
      try request()
    }
  }

  @Test func `without a configured link the request is rejected`() throws {
    #expect(throws: RegctlError.delivery(.missingSetting("reset_url"))) {
      try ResetPassword(site.configuration(), force: false)
        .request("ann@example.org", in: site.store, at: site.now, by: Site.actor)
    }
    #expect(try site.acts(on: "ann@example.org") == [.register])
  }

  // MARK: Invitation

  /// The token of a mail that is sent now.
  private func mailedToken(_ id: Int64, _ settings: [String: String]) throws -> TokenText {
    let assembler = try MailAssembler(site.configuration(settings), uid: geteuid())
    let entry = try #require(try site.store.mail(MailID(rawValue: id)))
    let recipient = try #require(try site.store.recipients(of: [entry])[entry.account])
    let claim = try assembler.claim(entry, to: recipient, in: site.store)
    return TokenText(Array(assembler.compose(claim, at: site.now).token.utf8))
  }

  @Test(arguments: [
    [:], ["reset_link": "application"],
    ["reset_link": "application", "reset_salt": "s", "security_password_salt": "s"],
  ])
  func `the link of an invitation sets the first password and confirms, once`(
    _ settings: [String: String]
  ) throws {
    let bob = try site.invite("bob@example.org")
    let url = ["invite_url": "https://app.example/invite/{token}"]
    let token = try mailedToken(2, settings.merging(url) { $1 })
    site.now = site.now + .seconds(60)
    let confirmed = try reset(token, settings)
    #expect(confirmed.email == bob.email)
    #expect(confirmed.isConfirmed)
    #expect(try site.acts(on: bob.email) == [.register, .resetPassword, .confirmByToken])
    #expect(throws: RegctlError.token(.used(email: bob.email))) { try reset(token, settings) }
  }

  @Test func `a reset link of a person who was invited confirms too`() throws {
    try site.invite("bob@example.org")
    #expect(try reset(site.token("bob@example.org", purpose: .reset)).isConfirmed)
  }

  @Test func `with a password set by hand, an invitation no longer confirms`() throws {
    let bob = try site.invite("bob@example.org")
    try site.store.transaction { () throws(RegctlError) in
      try site.store.setPassword(bob.id, PasswordHash(stored: "!other"))
    }
    #expect(try !reset(site.token("bob@example.org", purpose: .reset)).isConfirmed)
  }

  // MARK: New password

  @Test func `a token replaces the password once`() throws {
    let token = try token()
    #expect(try reset(token) == ann)
    #expect(try site.store.passwordHash(of: ann.id).text == "!new")
    #expect(throws: RegctlError.token(.used(email: "ann@example.org"))) { try reset(token) }
  }

  @discardableResult
  private func confirm(_ text: TokenText) throws -> RegctlCore.Confirmation {
    try Confirm.byToken(
      text, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
  }

  @Test func `a reset does not confirm, and revokes earlier links`() throws {
    let link = try site.token("ann@example.org")
    #expect(try !reset(token()).isConfirmed)
    #expect(throws: RegctlError.token(.revoked(email: "ann@example.org"))) { try confirm(link) }
    let next = try site.token("ann@example.org")
    site.now = site.now + .seconds(1)
    #expect(try confirm(next).isNew)
  }

  @Test func `a confirmed account stays confirmed`() throws {
    try site.confirmByHand("ann@example.org")
    #expect(try reset(token()).isConfirmed)
    #expect(try site.store.account(ann.id)?.isConfirmed == true)
  }

  @Test func `a pending change of address is voided`() throws {
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "thief@example.net")
    let link = try site.token("ann@example.org", purpose: .changeEmail)
    site.now = site.now + .seconds(60)
    try reset(token())
    site.now = site.now + .seconds(60)
    #expect(
      throws: RegctlError.token(.revoked(email: "ann@example.org", purpose: .changeEmail))
    ) { try confirm(link) }
    #expect(try site.store.account(ann.id)?.email == "ann@example.org")
    #expect(
      try site.store.mails(of: ann.id).filter { $0.kind == .changeEmail }.map(\.state)
        == [.cancelled])
  }

  @Test func `a mail requested in the same second is due when its link is valid`() throws {
    try reset(token())
    let mail = try site.store.mail(try request())
    #expect(mail?.nextAttemptAt == site.now + .seconds(1))
  }

  @Test func `setting the password otherwise revokes the token`() throws {
    let token = try token()
    _ = try SetPassword.perform(
      "ann@example.org", PasswordHash(stored: "!other"), in: site.store, at: site.now,
      by: Site.actor)
    #expect(throws: RegctlError.token(.used(email: "ann@example.org"))) { try reset(token) }
  }

  @Test func `a password set while the new one is typed is kept`() throws {
    let authority = try site.authority()
    let permission = try ResetPassword.permission(
      by: token(), authority: authority, in: site.store, at: site.now)
    _ = try SetPassword.perform(
      "ann@example.org", PasswordHash(stored: "!other"), in: site.store, at: site.now,
      by: Site.actor)
    #expect(throws: RegctlError.token(.used(email: "ann@example.org"))) {
      try ResetPassword.perform(
        permission, PasswordHash(stored: "!late"), authority: authority, in: site.store,
        at: site.now,
        by: Site.actor)
    }
    #expect(try site.store.passwordHash(of: ann.id).text == "!other")
  }

  @Test func `a reset token expires like others`() throws {
    let token = try token()
    let (issued, expiry) = (site.now, site.now + .seconds(3600))
    site.now = expiry
    _ = try ResetPassword.permission(
      by: token, authority: site.authority(), in: site.store, at: site.now)
    site.now = expiry + .seconds(1)
    #expect(
      throws: RegctlError.token(
        .expired(email: "ann@example.org", issued: issued, expired: expiry, purpose: .reset))
    ) { try reset(token) }
  }

  @Test func `a confirmation token sets no password`() throws {
    let link = try site.token("ann@example.org")
    #expect(throws: RegctlError.token(.purpose(.confirm, expected: .reset))) { try reset(link) }
  }

  // MARK: The application's link

  private static let application = url.merging(["reset_link": "application"]) { $1 }

  private func resetInApplication(_ text: TokenText, to hash: String = "!new") throws -> Account {
    let authority = try site.authority(Self.application)
    let permission = try ResetPassword.permission(
      by: text, authority: authority, in: site.store, at: site.now)
    return try ResetPassword.perform(
      permission, PasswordHash(stored: hash), authority: authority, in: site.store, at: site.now,
      by: Site.actor)
  }

  private func applicationToken() throws -> TokenText {
    let issued = try site.authority(Self.application).issue(
      .reset, for: ["ann@example.org"], in: site.store, at: site.now, by: Site.actor)
    return TokenText(Array(try #require(issued.first).get().token.utf8))
  }

  private func storedToken() throws -> String? {
    try site.store.first("SELECT password_reset_token FROM users") { $0.optionalText(0) } ?? nil
  }

  @Test func `the application's token is stored, replaces the password once, and confirms`() throws
  {
    let token = try applicationToken()
    #expect(try storedToken() == String(decoding: token.raw, as: UTF8.self))
    #expect(try !resetInApplication(token).isConfirmed)
    #expect(try site.store.passwordHash(of: ann.id).text == "!new")
    #expect(try storedToken() == nil)
    #expect(throws: RegctlError.token(.noResetPending(email: "ann@example.org"))) {
      try resetInApplication(token)
    }
    // The new password revoked every link, so that only a later one confirms.
    let next = try applicationToken()
    site.now = site.now + .seconds(1)
    #expect(try confirm(next).isNew)
  }

  @Test func `a confirmation token sets a password only while a reset is pending`() throws {
    let link = try site.token("ann@example.org")
    #expect(throws: RegctlError.token(.noResetPending(email: "ann@example.org"))) {
      try resetInApplication(link)
    }
    try site.store.storeApplicationReset("the application's own", of: ann.id)
    #expect(try resetInApplication(link) == ann)
  }

  @Test func `without the setting a pending reset of the application opens nothing`() throws {
    let link = try applicationToken()
    #expect(throws: RegctlError.token(.purpose(.confirm, expected: .reset))) { try reset(link) }
  }

  @Test func `a bound token that was mailed before the setting is still accepted`() throws {
    let bound = try token()
    #expect(try resetInApplication(bound) == ann)
  }

  @Test func `a password set otherwise voids the application's link`() throws {
    let token = try applicationToken()
    _ = try SetPassword.perform(
      "ann@example.org", PasswordHash(stored: "!other"), in: site.store, at: site.now,
      by: Site.actor)
    #expect(throws: RegctlError.token(.noResetPending(email: "ann@example.org"))) {
      try resetInApplication(token)
    }
    // The application opens the account's reset again, which must not revive the old link.
    try site.store.storeApplicationReset("another", of: ann.id)
    #expect(throws: RegctlError.token(.revoked(email: "ann@example.org", purpose: .reset))) {
      try resetInApplication(token)
    }
  }

  @Test func `the application's link expires like others`() throws {
    let token = try applicationToken()
    let (issued, expiry) = (site.now, site.now + .seconds(3600))
    site.now = expiry + .seconds(1)
    #expect(
      throws: RegctlError.token(
        .expired(email: "ann@example.org", issued: issued, expired: expiry, purpose: .reset))
    ) { try resetInApplication(token) }
  }

  @Test func `a change of address voids the application's link`() throws {
    let token = try applicationToken()
    try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    #expect(throws: RegctlError.account(.notFound("ann@example.org"))) {
      try resetInApplication(token)
    }
    #expect(try storedToken() == nil)
  }

  @Test func `without the column there is neither a mail nor a token`() throws {
    let site = try Site(adopting: "SELECT 1")
    try site.register("ann@example.org")
    let refusal = RegctlError.configuration(
      ConfigurationError(origin: .option("--reset-link"), fault: .noResetColumn))
    #expect(throws: refusal) {
      try ResetPassword(site.configuration(Self.application), force: false)
        .request("ann@example.org", in: site.store, at: site.now, by: Site.actor)
    }
    #expect(throws: refusal) {
      try site.authority(Self.application).issue(
        .reset, for: ["ann@example.org"], in: site.store, at: site.now, by: Site.actor)
    }
    let link = try site.token("ann@example.org")
    #expect(throws: refusal) {
      try ResetPassword.permission(
        by: link, authority: site.authority(Self.application), in: site.store, at: site.now)
    }
  }

  @Test func `a token without a password is rejected`() throws {
    let keys = try #require(KeyRing(fileContent: Array(Site.key.utf8)))
    let signer = try TokenSigner(keys: keys, salt: "password-reset")
    let token = signer.sign("ann@example.org", at: site.now.seconds)
    #expect(throws: RegctlError.token(.invalid(.unbound))) {
      try reset(TokenText(Array(token.utf8)))
    }
  }
}
