import Testing

@testable import RegctlCore

@Suite("TokenEpoch") struct TokenEpochTests {
  private static let now: Int64 = 1_795_424_400
  private static let offset: Int64 = 1_293_840_000

  @Test(arguments: [
    (TokenEpoch.unix, now, TokenEpoch.unix), (.unix, now - 86_400 * 365 * 10, .unix),
    (.unix, now + 60, .unix), (.unix, now - offset, .year2011), (.unix, 0, .year2011),
    (.unix, offset, .unix), (.unix, offset - 1, .unix),
    (.year2011, now - offset, .year2011), (.year2011, 0, .year2011), (.year2011, now, .unix),
    (.year2011, offset, .unix), (.year2011, now + 1, .year2011),
    // The application's clock is a second ahead.
    (.year2011, now - offset + 1, .year2011), (.year2011, offset - 1, .year2011),
  ])
  func `a timestamp is of the other epoch only where that alone makes sense`(
    _ configured: TokenEpoch, timestamp: Int64, expected: TokenEpoch
  ) {
    let now = Instant(seconds: Self.now)
    #expect(configured.recognized(in: timestamp, at: now) == expected)
  }

  @Test func `a token of the epoch of 2011 is 1293840000 seconds less`() throws {
    let ring = try #require(KeyRing(fileContent: Array(Site.key.utf8)))
    let (old, new) = (
      try TokenSigner(keys: ring, salt: "x", epoch: .year2011),
      try TokenSigner(keys: ring, salt: "x")
    )
    #expect(old.sign("a@b.cd", at: Self.now) == new.sign("a@b.cd", at: Self.now - Self.offset))
    let token = Array(new.sign("a@b.cd", at: 7).utf8)
    #expect(try old.verify(token).issued == 7 + Self.offset)
  }

  @Test func `a clock before the epoch makes no token of the future`() throws {
    let ring = try #require(KeyRing(fileContent: Array(Site.key.utf8)))
    let signer = try TokenSigner(keys: ring, salt: "x", epoch: .year2011)
    let token = signer.sign("a@b.cd", at: 86_400)
    #expect(try signer.verify(Array(token.utf8)).issued == Self.offset)
  }

  @Test(arguments: [("unix", "2011", TokenEpoch.year2011), ("2011", "unix", .unix)])
  func `a token of the other epoch is answered by the setting, unless it is confirmed`(
    _ configured: String, actual: String, expected: TokenEpoch
  ) throws {
    let site = try Site()
    try site.register("ann@example.org")
    let issued = try site.authority(["token_epoch": actual]).issue(
      .confirm, for: ["ann@example.org"], in: site.store, at: site.now, by: Site.actor)
    let token = TokenText(Array(try #require(issued.first).get().token.utf8))
    let authority = try site.authority(["token_epoch": configured])
    #expect(try authority.read(token, at: site.now).issued == site.now)
    #expect(throws: RegctlError.token(.otherEpoch(expected))) {
      try Confirm.byToken(
        token, authority: authority, in: site.store, at: site.now, by: Site.actor)
    }
    try site.confirmByHand("ann@example.org")
    let again = try Confirm.byToken(
      token, authority: authority, in: site.store, at: site.now, by: Site.actor)
    #expect(!again.isNew)
  }
}
