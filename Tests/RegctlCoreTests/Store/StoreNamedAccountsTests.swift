import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+NamedAccounts") struct StoreNamedAccountsTests {
  @Test(arguments: ["ANN@x.org", "1", "01"])
  func `an account is named by its address or its number`(_ word: String) throws {
    let site = try Site()
    try site.register("ann@x.org")
    #expect(try site.store.account(named: word).email == "ann@x.org")
  }

  @Test func `an address that consists of digits comes before a number`() throws {
    let site = try Site()
    try site.register("ann@x.org")
    try site.store.run(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('1', '!', '2026-01-01', FALSE, FALSE)
      """)
    #expect(try site.store.account(named: "1").email == "1")
    #expect(try site.store.account(named: "2").email == "1")
  }

  @Test(arguments: ["2", "0", "-1", "", "bob@x.org", "99999999999999999999", "1 "])
  func `any other word is no account`(_ word: String) throws {
    let site = try Site()
    try site.register("ann@x.org")
    #expect(throws: RegctlError.account(.notFound(word))) { try site.store.account(named: word) }
  }

  @Test func `an address in a token is never a number`() throws {
    let site = try Site()
    try site.register("ann@x.org")
    #expect(throws: RegctlError.account(.notFound("1"))) { try site.store.account("1") }
  }
}
