import SQL
import System
import Testing

@testable import RegctlCore

@Suite("Check") struct CheckTests {
  private static let password = "correct horse"

  private func site(isConfirmed: Bool) throws -> Site {
    let site = try Site()
    let hash = try Password(
      SecretBytes(Array(Self.password.utf8)), under: PasswordPolicy(bcryptCost: 4)
    ).hash()
    _ = try Register.perform(
      EmailAddress("ann@example.org"), hash, queuesMail: false, messageDomain: nil, in: site.store,
      at: site.now, by: Site.actor)
    if isConfirmed { try site.confirmByHand("ann@example.org") }
    return site
  }

  private func mayEnter(
    _ email: String = "ann@example.org", password: String = password, in site: Site
  ) throws {
    _ = try Check.mayEnter(
      email, password: SecretBytes(Array(password.utf8)), policy: PasswordPolicy(bcryptCost: 4),
      in: site.store)
  }

  @Test func `a confirmed account passes`() throws {
    let site = try site(isConfirmed: true)
    #expect(try Check.isConfirmed("Ann@example.org", in: site.store).email == "ann@example.org")
    try mayEnter("Ann@example.org", in: site)
  }

  @Test func `an unconfirmed account does not pass`() throws {
    let site = try site(isConfirmed: false)
    let error = RegctlError.account(.notConfirmed(email: "ann@example.org"))
    #expect(throws: error) { try Check.isConfirmed("ann@example.org", in: site.store) }
    #expect(throws: error) { try mayEnter(in: site) }
  }

  @Test func `without a password an unknown account is reported`() throws {
    let site = try Site()
    #expect(throws: RegctlError.account(.notFound("ann@example.org"))) {
      try Check.isConfirmed("ann@example.org", in: site.store)
    }
  }

  @Test(arguments: [
    ("ann@example.org", "wrong horse"), ("ann@example.org", ""),
    ("bob@example.org", "correct horse"),
    ("", "correct horse"), ("ann@example.org", String(repeating: "x", count: 73)),
    ("admin@example.org", "!"), ("admin@example.org", "correct horse"),
  ])
  func `with a password all failures are equal`(_ email: String, password: String) throws {
    let site = try site(isConfirmed: false)
    try site.createAdministrator("admin@example.org")
    #expect(throws: RegctlError.account(.wrongPassword)) {
      try mayEnter(email, password: password, in: site)
    }
  }

  @Test func `ambiguous case gives the same result`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'eve@x.org', '!', '2026-01-01', FALSE, TRUE, NULL);
        INSERT INTO users VALUES (2, 'Eve@x.org', '!', '2026-01-01', FALSE, TRUE, NULL)
        """)
    #expect(throws: RegctlError.account(.wrongPassword)) { try mayEnter("EVE@x.org", in: site) }
  }
}
