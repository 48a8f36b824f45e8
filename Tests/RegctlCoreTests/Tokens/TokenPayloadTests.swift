import Testing

@testable import RegctlCore

@Suite("TokenPayload") struct TokenPayloadTests {
  private static let key = Array("0123456789abcdef0123456789abcdef".utf8)

  /// The tokens that itsdangerous signs at 1795424400 for lists of two strings.
  private static let signed: [(String, String, String)] = [
    (
      "password-reset", "0123456789abcdef",
      "WyJhbm5AZXhhbXBsZS5vcmciLCIwMTIzNDU2Nzg5YWJjZGVmIl0.awQAkA.8NyWbIfrs8Su0xeIlIx48g0oRag"
    ),
    (
      "change-email", "7",
      "WyJhbm5AZXhhbXBsZS5vcmciLCI3Il0.awQAkA.UcAQZElxlZEYoH_TEoQ-3uUwqFE"
    ),
  ]

  @Test(arguments: signed)
  func `an address with a binding is signed as itsdangerous signs a list`(
    _ salt: String, binding: String, token: String
  ) throws {
    let signer = try TokenSigner(
      keys: try #require(KeyRing(fileContent: Self.key)), salt: salt)
    let payload = TokenPayload(email: "ann@example.org", binding: binding)
    #expect(signer.sign(payload, at: 1_795_424_400) == token)
    #expect(try signer.verify(Array(token.utf8)).payload == payload)
  }

  @Test(arguments: [
    ("\"a\"", TokenPayload(email: "a")), ("[\"a\",\"b\"]", TokenPayload(email: "a", binding: "b")),
    (" [ \"a\" , \"\" ]\n", TokenPayload(email: "a", binding: "")),
    ("[\"\\\"\\\\\",\"\\u0041]\"]", TokenPayload(email: "\"\\", binding: "A]")),
  ])
  func `a payload is read as Python reads it`(_ json: String, payload: TokenPayload) {
    #expect(TokenPayload(decoding: Array(json.utf8)) == payload)
  }

  @Test(arguments: [
    "[]", "[\"a\"]", "[\"a\",\"b\",\"c\"]", "[\"a\" \"b\"]", "[\"a\",]", "[,\"a\"]", "[\"a\",1]",
    "[\"a\",null]", "[\"a\",[\"b\"]]", "[\"a\",\"b\"", "\"a\",\"b\"]", "[\"a\",\"b\"]]", "[", "]",
    "[\"a\",\"b\\\"]", "{\"a\":\"b\"}",
  ])
  func `anything else is not a payload`(_ json: String) {
    #expect(TokenPayload(decoding: Array(json.utf8)) == nil)
  }
}
