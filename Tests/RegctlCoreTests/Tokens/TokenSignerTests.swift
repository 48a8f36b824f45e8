import Testing

@testable import RegctlCore

extension TokenVector: CustomTestStringConvertible {
  var testDescription: String { token }
}

@Suite("TokenSigner") struct TokenSignerTests {
  private static let key = Array("0123456789abcdef0123456789abcdef".utf8)
  private static let moment: Int64 = 1_795_424_400

  private func signer(
    _ keys: [[UInt8]] = [key], salt: String = "email-confirm"
  ) throws -> TokenSigner {
    let content = Array(keys.joined(separator: [UInt8(ascii: "\n")]))
    return try TokenSigner(keys: try #require(KeyRing(fileContent: content)), salt: salt)
  }

  private func signer(of vector: TokenVector) throws -> TokenSigner {
    try signer(vector.keys.map { Array($0.utf8) }, salt: vector.salt)
  }

  // MARK: Compatibility with itsdangerous

  @Test func `there are vectors`() {
    #expect(TokenVector.all.count > 50)
  }

  @Test(arguments: TokenVector.all)
  func `a token is byte for byte itsdangerous' own`(_ vector: TokenVector) throws {
    let token = try signer(of: vector).sign(vector.email, at: vector.timestamp)
    #expect(token == vector.token)
  }

  @Test(arguments: TokenVector.all)
  func `a token of itsdangerous is read`(_ vector: TokenVector) throws {
    let signed = try signer(of: vector).verify(Array(vector.token.utf8))
    #expect(signed.email.utf8.elementsEqual(vector.email.utf8))
    #expect(signed.issued == vector.timestamp)
    #expect(signed.keyPosition == vector.keys.count)
  }

  /// Payloads and timestamps that no application sends, with a valid signature, as read by
  /// itsdangerous.
  @Test(arguments: [
    ("ImFubkBleGFtcGxlLm9yZyI..ILDTCFoew57Pi2ovVk54-b9Myj4", "ann@example.org", 0),
    ("ImFubkBleGFtcGxlLm9yZyI.AAAAawQAkA.uU-brUD-1x8KgrXLk5RzJO7Wak0", "ann@example.org", moment),
    (
      "ImFubkBleGFtcGxlLm9yZyI.Ov_0QX8.K40SWoafCIzuK1rs4Q28unBKfCA", "ann@example.org",
      253_402_300_799
    ),
    (
      ".eJxTSiQZKAEA_VoTN3h4.awQAkA.K7IDvNVq6uM8bejkjY6CsiabxAY",
      String(repeating: "a", count: 50), moment
    ),
    ("ICJhIiAK.awQAkA.6bolGNTVoYYbh0yxP_qj3ZvAWic", "a", moment),
    ("Ilx1MDA0MVx1ZDgzZFx1ZGUwMFwvIg.awQAkA.QgDrFL0RUofQN94eP7_BB2-MGTM", "A😀/", moment),
    ("IiI.awQAkA.ffA1Cst62pVFCucK23IAjTSuKaQ", "", moment),
  ])
  func `payloads are read as itsdangerous reads them`(
    _ token: String, email: String, issued: Int64
  ) throws {
    let signed = try signer().verify(Array(token.utf8))
    #expect(
      signed
        == TokenSigner.Signed(
          payload: TokenPayload(email: email), issued: issued, keyPosition: 1))
  }

  @Test(arguments: [
    ("no timestamp", "ImFubkBleGFtcGxlLm9yZyI.mGs0-bY1cICml2SeOkx6CYPz2-0"),
    ("nine bytes", "ImFubkBleGFtcGxlLm9yZyI.AQEBAQEBAQEB.RI43dWTkuSRR5vgx5etfoFUzedM"),
    ("eight bytes", "ImFubkBleGFtcGxlLm9yZyI.f39_f39_f38.t-PNjZ3BBHAEZ4dgj5iNYo2_Cyg"),
    ("year 10000", "ImFubkBleGFtcGxlLm9yZyI.Ov_0QYA.fc48GKFVpHuKB4RVHt6McTI0DNQ"),
    ("one character", "ImFubkBleGFtcGxlLm9yZyI.A.KSFSr2I5oC4NJekQYwwi_jfsQ_Y"),
    ("a blank", "ImFubkBleGFtcGxlLm9yZyI. awQAkA.kwFITQMX_nyLi4lI1YytYcxqQic"),
    ("no base64", "é!.awQAkA.bsmwF-DjAtIZhlRQ3cOQLS129eI"),
    ("one character of payload", "A.awQAkA.Gbj3RSHB7MOfMFS9q3JTpIOOfYQ"),
    ("no payload", ".awQAkA.lVvBTKVyY1H-MsyCUm5KmL6hc_8"),
    ("nothing compressed", "..awQAkA.3Cc6goPXAI7muFXVzTn5_rU_4pc"),
    ("no zlib", ".bm90IHpsaWI.awQAkA.rHKGWeGG8e1QdgT0Q9WG0TrJ0Kw"),
    ("zlib cut short", ".eJxTShwmQAkA.awQAkA.Dd8G6M9AHdrE9zyYPzlMb76YOZA"),
    ("wrong checksum", ".eJxTShwmQAkAKU5MeA.awQAkA.k_QJFjn7W9fjKSBby1ZzfR2Opvs"),
    ("open string", "ImE.awQAkA.nA4TRYbHrDOX5ZFkjavJNFGMLaM"),
    ("two strings", "ImEiICJiIg.awQAkA.LsmV8t5vkPfWKv7EUs8xUhRcDJk"),
    ("unknown escape", "Ilx4Ig.awQAkA.jnvYEpi82K-yLmx0zRffF0uwdC8"),
    ("bare newline", "ImEKYiI.awQAkA.Yr9M5WLSy6K6o7EGwoC69hNuH-Q"),
    ("no UTF-8", "Iv8i.awQAkA.nExz33mVZ_24FO9CLsHTyJlHA84"),
    ("byte order mark", "77u_ImEi.awQAkA.abinSzRmasV74ZtyPGol4Fm8qog"),
    ("single quotes", "J2En.awQAkA.Q1C24J4lOh5WadH7Gpoun-9rwcE"),
    // Values that itsdangerous reads but that are not addresses.
    ("number", "MQ.awQAkA.-m1Yfm9Sw82WfAibbcYGLPQ4GAU"),
    ("null", "bnVsbA.awQAkA.zyrRpQcWPQgxIgrVDuePvXhaQak"),
    ("list", "WyJhIl0.awQAkA.jhQp5CjC-otyE4Yv1-OW9UnBTIs"),
    ("half of a pair", "Ilx1ZDgzZCI.awQAkA.b3dobav1EqIMJzpfEjWp7Wu9agw"),
  ])
  func `an invalid payload with a valid signature is not a forgery`(_ kind: String, token: String)
    throws
  {
    let signer = try signer()
    #expect(throws: TokenError.invalid(.payload)) { try signer.verify(Array(token.utf8)) }
  }

  // MARK: Signatures

  @Test func `the last character of a signature has four spellings`() throws {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    let signer = try signer()
    let token = signer.signedBytes("ann@example.org", at: Self.moment)
    let accepted = alphabet.utf8.filter { last in
      (try? signer.verify(token.dropLast() + [last])) != nil
    }
    #expect(accepted.count == 4)
  }

  @Test(arguments: ["=", "==", "====", "=x", "==x", "===lQiI"])
  func `padding after a signature is ignored`(_ padding: String) throws {
    let signer = try signer()
    let token = signer.signedBytes("ann@example.org", at: Self.moment)
    #expect(try signer.verify(token + Array(padding.utf8)).email == "ann@example.org")
  }

  @Test func `every other change of a token is detected`() throws {
    let signer = try signer()
    let token = signer.signedBytes("ann@example.org", at: Self.moment)
    for index in token.indices.dropLast() where token[index] != UInt8(ascii: ".") {
      var changed = token
      changed[index] = token[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(throws: TokenError.invalid(.signature), "at \(index)") {
        try signer.verify(changed)
      }
    }
  }

  @Test func `a truncated token is rejected`() throws {
    let signer = try signer()
    let token = signer.signedBytes("ann@example.org", at: Self.moment)
    for count in 0..<token.count {
      #expect(throws: TokenError.self) { try signer.verify(Array(token.prefix(count))) }
    }
  }

  @Test func `another salt does not verify`() throws {
    let token = try signer(salt: "password-reset").signedBytes("ann@example.org", at: Self.moment)
    let signer = try signer()
    #expect(throws: TokenError.invalid(.signature)) { try signer.verify(token) }
  }

  @Test func `another key does not verify`() throws {
    let token = try signer([Array("another key of 32 bytes, like it".utf8)])
      .signedBytes("ann@example.org", at: Self.moment)
    let signer = try signer()
    #expect(throws: TokenError.invalid(.signature)) { try signer.verify(token) }
  }

  @Test func `the newest key signs and all verify`() throws {
    let (old, new) = (Array("the older of the two keys".utf8), Self.key)
    let token = try signer([old]).signedBytes("ann@example.org", at: Self.moment)
    let both = try signer([old, new])
    #expect(try both.verify(token).keyPosition == 1)
    #expect(try both.verify(both.signedBytes("ann@example.org", at: Self.moment)).keyPosition == 2)
  }

  // MARK: Limits

  @Test(arguments: [
    ("", TokenError.Fault.empty), ("x", .incomplete), (".", .signature), ("..", .signature),
    ("a.b.c", .signature), ("...", .signature),
  ])
  func `an invalid token has a reason`(_ text: String, fault: TokenError.Fault) throws {
    let signer = try signer()
    #expect(throws: TokenError.invalid(fault)) { try signer.verify(Array(text.utf8)) }
  }

  @Test(arguments: [(8192, TokenError.Fault.incomplete), (8193, .tooLong)])
  func `a token has at most 8 KiB`(_ count: Int, fault: TokenError.Fault) throws {
    let signer = try signer()
    #expect(throws: TokenError.invalid(fault)) {
      try signer.verify([UInt8](repeating: UInt8(ascii: "A"), count: count))
    }
  }

  @Test(arguments: [(65_534, true), (65_535, false), (4_000_000, false)])
  func `a payload inflates to at most 64 KiB`(_ count: Int, isRead: Bool) throws {
    let signer = try signer()
    let email = String(repeating: "a", count: count)
    let token = signer.signedBytes(email, at: Self.moment)
    try #require(token.count <= TokenSigner.maximumTokenByteCount)
    if isRead {
      #expect(try signer.verify(token).email == email)
    } else {
      #expect(throws: TokenError.invalid(.payload)) { try signer.verify(token) }
    }
  }
}

extension TokenSigner {
  /// A token as `verify` takes it.
  func signedBytes(_ email: String, at timestamp: Int64) -> [UInt8] {
    Array(sign(email, at: timestamp).utf8)
  }
}
