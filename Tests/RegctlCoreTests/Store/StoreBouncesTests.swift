import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Bounces") struct StoreBouncesTests {
  @Test func `bounces go with a deleted account and come back with it`() throws {
    let site = try Site()
    try site.register("ann@a.org")
    try site.store.execute(
      """
      INSERT INTO regctl_bounces (account_id, email, at, result)
      VALUES (1, 'ann@a.org', 0, 'bounced')
      """)
    func owner() throws -> Int64? {
      try site.store.first("SELECT account_id FROM regctl_bounces") { $0.integer(0) }
    }
    _ = try DeleteAccount.perform(
      "ann@a.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try owner() == -1)
    _ = try UndeleteAccount.perform(
      .email("ann@a.org"), newID: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try owner() == 1)
  }
}
