import Testing

@testable import RegctlCore

@Suite("PersonalContent") struct PersonalContentTests {
  private let content = PersonalContent(
    email: "ann@example.org", newEmail: nil, reason: "called \"twice\"")

  @Test func `the fields are an array in their order`() {
    #expect(
      String(decoding: content.json, as: UTF8.self)
        == #"["ann@example.org",null,"called \"twice\""]"#)
  }

  @Test func `a commitment is the hash of its nonce and the fields`() throws {
    // printf '%s' '00112233445566778899aabbccddeeff["ann@example.org",null,"called \"twice\""]' |
    // sha256sum
    #expect(
      try content.commitment(nonce: "00112233445566778899aabbccddeeff", by: SHA256())
        == "a079a885f4f098eb446899b09e478174cfb412f77848776558c2fe1ca864804a")
  }

  @Test func `each has a nonce of its own, of 32 digits`() throws {
    let function = try SHA256()
    let (first, second) = (content.sealed(by: function), content.sealed(by: function))
    let one = try #require(first)
    let commitment = content.commitment(nonce: one.nonce, by: function)
    #expect(one.nonce.utf8.count == 32)
    #expect(one.nonce != second?.nonce)
    #expect(one.commitment == commitment)
  }

  @Test func `there is none to nothing`() throws {
    let nothing = PersonalContent(email: nil, newEmail: nil, reason: nil)
    #expect(nothing.isEmpty)
    #expect(try nothing.sealed(by: SHA256()) == nil)
    #expect(!PersonalContent(email: nil, newEmail: nil, reason: "").isEmpty)
  }
}
