import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("TokenAuthority") struct TokenAuthorityTests {
  /// The verdict on a token now.
  private func verdict(_ text: TokenText, in site: Site) throws -> TokenAuthority.Verdict {
    let authority = try site.authority()
    return try authority.judge(authority.read(text, at: site.now), in: site.store, at: site.now)
  }

  /// The reason why a token is rejected now.
  private func refusal(of text: TokenText, in site: Site) throws -> RegctlError {
    let verdict = try verdict(text, in: site)
    guard case .refused(let error, _) = verdict else { throw RegctlError.token(.invalid(.empty)) }
    return error
  }

  // MARK: Issuing

  @Test func `a token contains the address as stored`() throws {
    let site = try Site()
    try site.register("Ann@example.org")
    let reading = try site.authority().read(site.token("ANN@EXAMPLE.ORG"), at: site.now)
    #expect(reading.email == "Ann@example.org")
    #expect(reading.issued == site.now)
    #expect(reading.expires == site.now + .seconds(3600))
    #expect(reading.keyPosition == 1)
  }

  @Test func `tokens and errors are in the order of the addresses`() throws {
    let site = try Site()
    for email in ["a@x.org", "b@x.org"] { try site.register(email) }
    let issued = try site.authority().issue(
      .confirm, for: ["b@x.org", "nobody@x.org", "A@x.org", "b@x.org"], in: site.store,
      at: site.now, by: Site.actor)
    let emails = issued.map { one in
      switch one {
      case .success(let issued): issued.email
      case .failure(let error): "\(error)"
      }
    }
    #expect(
      emails == [
        "b@x.org", "\(AccountError.notFound("nobody@x.org"))", "a@x.org", "b@x.org",
      ])
  }

  @Test func `addresses are looked up byte for byte`() throws {
    let site = try Site()
    let strange = ["\"", "\\", "a\u{0}b", "\u{1f}", "%", "' OR 1=1 --", "😀", "", "null", "[]"]
    let issued = try site.authority().issue(
      .confirm, for: strange, in: site.store, at: site.now, by: Site.actor)
    for (email, one) in zip(strange, issued) {
      guard case .failure(.notFound(let named)) = one else {
        Issue.record("\(email) has an account")
        continue
      }
      #expect(named.utf8.elementsEqual(email.utf8))
    }
  }

  @Test func `a token issued in the second of a revocation is dated to the next`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.store.revokeTokens(of: ann.id, at: site.now)
    let reading = try site.authority().read(site.token("ann@example.org"), at: site.now)
    #expect(reading.issued == site.now + .seconds(1))
  }

  // MARK: Reading

  @Test(arguments: TokenPurpose.allCases)
  func `a token of any purpose is read`(_ purpose: TokenPurpose) throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "ann@post.example")
    let text = try site.token("ann@example.org", purpose: purpose)
    #expect(try site.authority().read(text, at: site.now).purpose == purpose)
  }

  @Test func `a token is read unchanged before it is repaired`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    let link = Array("<https://app.example/confirm/".utf8) + token.raw + Array(">".utf8)
    #expect(try site.authority().read(token, at: site.now).repairs.isEmpty)
    #expect(try site.authority().read(TokenText(link), at: site.now).repairs == [.brackets])
    // itsdangerous ignores padding, so nothing needs repair.
    #expect(
      try site.authority().read(TokenText(token.raw + Array("=".utf8)), at: site.now).repairs
        .isEmpty)
  }

  @Test func `a forged token is detected, repaired or not`() throws {
    let authority = try Site().authority()
    for text in ["a.b.c", "<a.b.c>", "https://app.example/confirm/a.b.c"] {
      #expect(throws: TokenError.invalid(.signature)) {
        try authority.read(TokenText(Array(text.utf8)), at: Instant(seconds: 1_795_424_400))
      }
    }
  }

  @Test func `the position of an older key is reported`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    let both = try site.directory.write(
      "both.key", "\(Site.key)\nanother key, as good as the first\n")
    #expect(
      try site.authority(["secret_key_file": both]).read(token, at: site.now).keyPosition == 1)
    let reversed = try site.directory.write(
      "reversed.key", "another key, as good as the first\n\(Site.key)\n")
    #expect(
      try site.authority(["secret_key_file": reversed]).read(token, at: site.now).keyPosition == 2)
  }

  // MARK: Verification

  @Test func `a valid token confirms`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    #expect(try verdict(site.token("ann@example.org"), in: site) == .confirms(ann))
  }

  @Test func `a token for a password confirms nothing`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let text = try site.token("ann@example.org", purpose: .reset)
    #expect(
      try verdict(text, in: site) == .refused(.token(.purpose(.reset, expected: .confirm)), ann))
  }

  @Test func `a confirmation with a binding is invalid`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let keys = try #require(KeyRing(fileContent: Array(Site.key.utf8)))
    let token = try TokenSigner(keys: keys, salt: "email-confirm")
      .sign(TokenPayload(email: "ann@example.org", binding: "1"), at: site.now.seconds)
    #expect(
      try refusal(of: TokenText(Array(token.utf8)), in: site) == .token(.invalid(.payload)))
  }

  @Test func `the age may be the whole lifetime but not a second more`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    let issued = site.now
    site.now = issued + .milliseconds(3_600_999)
    #expect(try verdict(token, in: site) == .confirms(ann))
    site.now = issued + .seconds(3601)
    #expect(
      try refusal(of: token, in: site)
        == .token(
          .expired(
            email: "ann@example.org", issued: issued, expired: issued + .seconds(3600))))
  }

  @Test func `a token from the future is refused`() throws {
    let site = try Site()
    try site.register("ann@example.org", queuesMail: false)
    site.now = site.now + .seconds(10)
    let token = try site.token("ann@example.org")
    site.now = site.now - .seconds(3)
    #expect(try refusal(of: token, in: site) == .token(.inFuture(seconds: 3)))
  }

  @Test func `an expired link of a confirmed account says already confirmed`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    try site.confirmByHand("ann@example.org")
    let ann = try site.store.account("ann@example.org")
    site.now = site.now + .seconds(86_400)
    #expect(try verdict(token, in: site) == .alreadyConfirmed(ann))
  }

  @Test func `a revoked link of a confirmed account says already confirmed`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    try site.store.revokeTokens(of: ann.id, at: site.now)
    try site.confirmByHand("ann@example.org")
    #expect(
      try verdict(token, in: site) == .alreadyConfirmed(site.store.account("ann@example.org")))
  }

  @Test func `revoked comes before expired`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    try site.store.revokeTokens(of: ann.id, at: site.now)
    site.now = site.now + .seconds(86_400)
    #expect(try refusal(of: token, in: site) == .token(.revoked(email: "ann@example.org")))
  }

  @Test func `a token issued in the second of not-before is valid`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    try site.store.revokeTokens(of: ann.id, at: site.now - .seconds(1))
    #expect(try verdict(token, in: site) == .confirms(ann))
  }

  @Test func `a token of a deleted account is not valid for the next one`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let token = try site.token("ann@example.org")
    try site.store.execute("DELETE FROM users")
    #expect(try refusal(of: token, in: site) == .account(.notFound("ann@example.org")))
    site.now = site.now + .seconds(1)
    try site.register("ann@example.org")
    #expect(try refusal(of: token, in: site) == .token(.predatesAccount(email: "ann@example.org")))
  }

  private static let adding = Statement(
    sqlite: """
      INSERT INTO main.users (email, password, registered_on, admin, confirmed)
      VALUES ('Ann@example.org', '!', '2026-11-23 09:00:00.000000', FALSE, FALSE)
      """,
    postgreSQL: """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('Ann@example.org', '!', '2026-11-23 09:00:00.000000', FALSE, FALSE)
      """)

  @Test func `a token of a deleted account is not valid for one that the application adds`() throws
  {
    let site = try Site()
    try site.register("Ann@example.org")
    let token = try site.token("Ann@example.org")
    site.now = site.now + .seconds(1)
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "test", force: false, in: site.store, at: site.now,
      by: Site.actor)
    try site.store.execute(Self.adding)
    #expect(try refusal(of: token, in: site) == .token(.predatesAccount(email: "Ann@example.org")))
    let next = try site.token("Ann@example.org")
    #expect(try verdict(next, in: site) == .confirms(site.store.account("Ann@example.org")))
  }

  // The token is of 09:00 UTC.
  @Test(
    arguments: [
      ("UTC", "2026-11-23 09:00:00.999999", true), ("UTC", "2026-11-23 09:00:01", false),
      ("Europe/Berlin", "2026-11-23 10:00:00.5", true),
      ("Europe/Berlin", "2026-11-23 10:00:01", false),
      ("America/Los_Angeles", "2026-11-23 01:00:00", true),
      ("America/Los_Angeles", "2026-11-23 01:00:01", false),
    ]
      + TestEngine.choose(
        sqlite: [
          ("Europe/Berlin", "2026-11-23T10:00:00+01:00", true),
          ("Europe/Berlin", "2026-11-23T09:00:01Z", false),
          ("Europe/Berlin", "no date", true),
        ], postgresql: [("Europe/Berlin", "infinity", true)]))
  func `with a known zone this also holds for the application's accounts`(
    _ zone: String, stored: String, isGood: Bool
  ) throws {
    let site = try Site(
      adopting:
        "INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL)")
    try site.store.run("UPDATE users SET registered_on = $1", .text(stored))
    let token = try site.token("ann@example.org")
    let ann = try site.store.account("ann@example.org")
    let authority = try site.authority(["db_timezone": zone])
    #expect(
      try authority.judge(authority.read(token, at: site.now), in: site.store, at: site.now)
        == (isGood
          ? .confirms(ann) : .refused(.token(.predatesAccount(email: ann.email)), ann)))
  }

  @Test func `in a repeated hour the earlier time is assumed`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-10-25 02:30:00', FALSE, FALSE, NULL)
        """)
    site.now = Instant(seconds: 1_792_888_200)  // 2026-10-25 00:30 UTC
    let ann = try site.store.account("ann@example.org")
    for (seconds, isGood) in [(Int64(0), true), (-1, false)] {
      let then = site.now
      site.now = site.now + .seconds(seconds)
      let token = try site.token("ann@example.org")
      site.now = then
      let authority = try site.authority(["db_timezone": "Europe/Berlin"])
      let verdict = try authority.judge(
        authority.read(token, at: site.now), in: site.store, at: site.now)
      #expect((verdict == .confirms(ann)) == isGood)
    }
  }

  @Test func `without a zone this does not hold for the application's accounts`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'ann@example.org', '!', '2099-01-01', FALSE, FALSE, NULL)
        """)
    #expect(
      try verdict(site.token("ann@example.org"), in: site)
        == .confirms(site.store.account("ann@example.org")))
  }

  @Test func `among accounts that differ in case none is guessed`() throws {
    let site = try Site(
      adopting: "INSERT INTO users VALUES (1, 'ANN@x.org', '!', '2026-01-01', FALSE, FALSE, NULL)")
    let token = try site.token("ann@x.org")
    try site.store.execute(
      """
      INSERT INTO users VALUES (2, 'Ann@x.org', '!', '2026-01-01', FALSE, FALSE, NULL);
      UPDATE users SET email = 'aNN@x.org' WHERE id = 1
      """)
    #expect(try refusal(of: token, in: site) == .account(.ambiguous("ANN@x.org", count: 2)))
  }
}
