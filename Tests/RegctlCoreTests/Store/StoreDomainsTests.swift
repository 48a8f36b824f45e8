import SQL
import Testing

@testable import RegctlCore

@Suite("Store+Domains") struct StoreDomainsTests {
  private let site: Site

  init() throws { site = try Site() }

  /// Registers and confirms accounts.
  private func confirm(_ emails: String...) throws {
    for email in emails {
      try site.register(email)
      try site.confirmByHand(email)
    }
  }

  private static let misspelt = "kim@exmaple.org"

  @Test func `a domain of two confirmed accounts is known`() throws {
    try confirm("ann@example.org")
    #expect(try site.store.domainTypo().correction(of: Self.misspelt) == nil)
    try confirm("bob@EXAMPLE.org")
    #expect(try site.store.domainTypo().correction(of: Self.misspelt) == "kim@example.org")
  }

  @Test func `accounts that are not confirmed do not count`() throws {
    for name in ["ann", "bob", "eve"] { try site.register("\(name)@example.org") }
    #expect(try site.store.domainTypo().correction(of: Self.misspelt) == nil)
  }

  @Test func `a domain that is known itself is not corrected`() throws {
    try confirm("ann@example.org", "bob@example.org", "eve@exmaple.org", "kim@exmaple.org")
    #expect(try site.store.domainTypo().correction(of: Self.misspelt) == nil)
  }

  @Test func `of two likely domains the more frequent one is suggested`() throws {
    try confirm("ann@example.org", "bob@example.org")
    try confirm("ann@exampla.org", "bob@exampla.org", "eve@exampla.org")
    #expect(try site.store.domainTypo().correction(of: "kim@exampl.org") == "kim@exampla.org")
  }

  @Test func `only the domains of the newest accounts are known`() throws {
    try confirm("ann@example.org", "bob@example.org", "ann@other.net", "bob@other.net")
    #expect(try site.store.domainTypo(newest: 2).correction(of: Self.misspelt) == nil)
    #expect(try site.store.domainTypo(newest: 2).correction(of: "kim@ohter.net") == "kim@other.net")
    #expect(try site.store.domainTypo(newest: 4).correction(of: Self.misspelt) != nil)
  }

  // MARK: Another spelling

  @Test(arguments: [(0, nil), (1, "Ann@example.org")] as [(Int64, String?)])
  func `a confirmed account of another spelling is found`(
    _ confirmed: Int64, namesake: String?
  ) throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'Ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
    try site.store.run("UPDATE users SET confirmed = $1 WHERE id = 2", .boolean(confirmed == 1))
    #expect(
      try site.store.confirmedNamesake(of: site.store.account("ann@example.org")) == namesake)
  }

  @Test func `an account is not its own namesake`() throws {
    try confirm("ann@example.org", "anne@example.org")
    #expect(try site.store.confirmedNamesake(of: site.store.account("ann@example.org")) == nil)
  }
}
