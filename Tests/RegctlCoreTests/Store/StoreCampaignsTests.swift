import SQL
import Testing

@testable import RegctlCore

@Suite("Store+Campaigns") struct StoreCampaignsTests {
  private let site: Site
  private let ann: Account

  init() throws {
    site = try Site()
    ann = try site.register("ann@example.org")
  }

  @Test func `an account joins a campaign of one name, and no other`() throws {
    #expect(try !site.store.hasJoined(ann.id, "outage"))
    try site.store.join(ann.id, "outage", at: site.now)
    #expect(try site.store.hasJoined(ann.id, "outage"))
    #expect(try !site.store.hasJoined(ann.id, "Outage"))
    #expect(
      try site.store.rows("SELECT at FROM regctl_campaigns") { $0.instant(0) } == [site.now])
  }

  @Test func `another account has not joined`() throws {
    let bob = try site.register("bob@example.org")
    try site.store.join(ann.id, "outage", at: site.now)
    #expect(try !site.store.hasJoined(bob.id, "outage"))
  }

  @Test func `an account joins a campaign once`() throws {
    try site.store.join(ann.id, "outage", at: site.now)
    #expect(throws: RegctlError.self) { try site.store.join(ann.id, "outage", at: site.now) }
    try site.store.join(ann.id, "another", at: site.now)
  }

  @Test func `an account that is deleted leaves its campaigns`() throws {
    try site.store.join(ann.id, "outage", at: site.now)
    try site.store.execute("DELETE FROM users")
    #expect(try !site.store.hasJoined(ann.id, "outage"))
  }
}
