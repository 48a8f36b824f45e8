import Testing

@testable import RegctlCore

@Suite("AddressSpellings") struct AddressSpellingsTests {
  @Test(arguments: [
    ("ann@example.org", ["ann@example.org"]), ("", [""]), ("ann", ["ann"]),
    ("bücher.example", ["bücher.example", "xn--bcher-kva.example", "bÜcher.example"]),
    (
      "Ann@bücher.example",
      ["Ann@bücher.example", "Ann@xn--bcher-kva.example", "Ann@bÜcher.example"]
    ),
    (
      "ann@xn--bcher-kva.example",
      ["ann@xn--bcher-kva.example", "ann@bÜcher.example", "ann@bücher.example"]
    ),
    // In another case than libidn2 writes it, the database still compares the same letters.
    (
      "ann@XN--BCHER-KVA.example",
      ["ann@XN--BCHER-KVA.example", "ann@bÜcher.example", "ann@bücher.example"]
    ),
    (
      "ann@BüCHER.example",
      ["ann@BüCHER.example", "ann@xn--bcher-kva.example", "ann@bÜcher.example"]
    ),
    // Letters without a capital of one character, and scripts without capitals.
    ("ann@例え.example", ["ann@例え.example", "ann@xn--r8jz45g.example"]),
    (
      "ann@BÜCHER.example",
      ["ann@BÜCHER.example", "ann@xn--bcher-kva.example", "ann@bücher.example"]
    ),
    // Letters whose capital is that of another letter, with which the domain would be another.
    ("ann@ıx.example", ["ann@ıx.example", "ann@xn--x-eka.example"]),
    ("ann@ς.example", ["ann@ς.example", "ann@xn--3xa.example"]),
    ("änn@bob@faß.de", ["änn@bob@faß.de", "änn@bob@xn--fa-hia.de"]),
    // No domain has two spellings here, and an application may store such text.
    ("ann@☃.example", ["ann@☃.example"]), ("ann@xn--a.example", ["ann@xn--a.example"]),
    ("änn@example.org", ["änn@example.org"]),
  ])
  func `an address is looked for in each spelling of its domain`(
    _ address: String, spellings: [String]
  ) throws {
    let all = try AddressSpellings(of: address).all
    #expect(all.map { Array($0.utf8) } == spellings.map { Array($0.utf8) })
    #expect(AddressSpellings.areSeveral(for: address) || all == [address])
  }

  @Test(arguments: [
    "ann@bücher.example", "ann@ıx.example", "ann@ς.example", "ann@σ.example", "ann@ɤ.example",
  ])
  func `the spellings of an address are those of no other`(_ address: String) throws {
    let identity = AddressSpellings.identity(of: address)
    for spelling in try AddressSpellings(of: address).all {
      #expect(AddressSpellings.identity(of: spelling) == identity)
    }
  }

  @Test func `all spellings have the same identity`() throws {
    let identities = try [
      "ann@bücher.example", "ANN@BÜCHER.example", "ann@xn--bcher-kva.EXAMPLE",
      "ann@bu\u{308}cher.example",
    ].map { try AddressSpellings(of: $0).identity }
    #expect(Set(identities) == ["ann@xn--bcher-kva.example"])
  }

  @Test(arguments: [
    ("example.org", ["example.org"]), ("bücher.de", ["xn--bcher-kva.de", "bücher.de"]),
    ("XN--BCHER-KVA.de", ["xn--bcher-kva.de", "bücher.de"]), ("example。org", ["example.org"]),
    ("xn--a.de", ["xn--a.de"]),
  ])
  func `a domain has at most two spellings`(_ domain: String, spellings: [String]) throws {
    #expect(try AddressSpellings.spellings(ofDomain: domain) == spellings)
  }

  @Test(arguments: [
    ("ann@bücher.example", OtherSpelling.ascii("ann@xn--bcher-kva.example")),
    ("ann@BÜCHER.example", .ascii("ann@xn--bcher-kva.example")),
    ("ann@xn--bcher-kva.example", .unicode("ann@bücher.example")),
    ("ann@example.org", nil), ("ann@xn--a.example", nil),
  ])
  func `a stored address has another spelling`(_ address: String, other: OtherSpelling?) throws {
    #expect(try OtherSpelling(of: address) == other)
  }
}
