import Testing

@testable import RegctlCore

@Suite("DomainTypo") struct DomainTypoTests {
  private let typo = DomainTypo(known: ["example.org", "mail.de", "example.net"])

  @Test(arguments: [
    ("ann@exmaple.org", "ann@example.org"), ("ann@example.ogr", "ann@example.org"),
    ("ann@EXAMPLE.OR", "ann@example.org"), ("ann@mial.de", "ann@mail.de"),
    ("ann@exxample.net", "ann@example.net"), ("a\u{e9}@exmaple.org", "a\u{e9}@example.org"),
  ])
  func `a typo is found`(_ email: String, _ meant: String) {
    #expect(typo.correction(of: email) == meant)
  }

  @Test(arguments: [
    // Known, or similar to none.
    "ann@example.org", "ann@Example.Org", "ann@example.com.br", "ann@gmx.de",
    // In a short domain, two edits often lead to an unrelated name.
    "ann@male.de", "no address", "",
  ])
  func `another domain is left alone`(_ email: String) {
    #expect(typo.correction(of: email) == nil)
  }

  @Test func `a domain is known after two confirmations`() throws {
    let site = try Site()
    try site.createAdministrator("root@example.org")
    #expect(try site.store.domainTypo().correction(of: "ann@exmaple.org") == nil)
    try site.createAdministrator("bob@Example.org")
    #expect(try site.store.domainTypo().correction(of: "ann@exmaple.org") == "ann@example.org")
  }
}
