import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Erase") struct StoreEraseTests {
  private let site: Site

  init() throws {
    site = try Site()
    try site.register("ann@example.org")
    try site.register("bob@example.org")
  }

  @Test func `an account that is gone is found by its address`() throws {
    #expect(try site.store.goneAccounts(withAddress: "ann@example.org") == [])
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try site.store.goneAccounts(withAddress: "ann@example.org") == [-1])
    #expect(try site.store.archivedAddress(of: AccountID(rawValue: 1)) == "ann@example.org")
    #expect(try site.store.archivedAddress(of: AccountID(rawValue: 2)) == nil)
  }

  @Test func `the entries about a person are those with an address of theirs`() throws {
    let ann = try Person("ann@example.org", in: site.store)
    #expect(try site.store.auditEntries(about: ann) == [2])
    #expect(try site.store.mails(of: ann) == [1])
    #expect(ann.addresses == ["ann@example.org"])
  }

  @Test(.only(.postgresql, "a file is overwritten"))
  func `a server is not overwritten`() throws {
    #expect(try !site.store.overwriteDeleted())
  }

  @Test(.only(.sqlite, "a server is not overwritten"))
  func `a file stays whole when it is overwritten`() throws {
    // The number of the last account is reserved then, so that a view hides its row.
    _ = try Erase.perform(
      "bob@example.org", reason: "x", force: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try site.store.overwriteDeleted())
    #expect(try site.store.accountCount() == 1)
    #expect(try site.store.firstFault() == nil)
    #expect(try site.open(for: .writing).objectFinding() == nil)
  }
}
