import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("ClearBounce") struct ClearBounceTests {
  private func clear(in site: Site) throws -> ClearBounce.Effect {
    try ClearBounce.perform("ann@example.org", in: site.store, at: site.now, by: Site.actor)
  }

  @Test func `an address is taken off the ledger once`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    _ = try site.store.addBounce(
      NewBounceRecord(
        mail: MailID(rawValue: 1), account: ann.id, email: "ann@example.org", result: .bounced,
        status: "5.1.1", reply: "no", reporter: nil, suppresses: true), at: site.now)
    #expect(try clear(in: site).isNew)
    #expect(try !clear(in: site).isNew)
    #expect(try site.acts(on: "ann@example.org") == [.register, .clearBounce])
  }

  @Test func `an older database has no ledger`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.execute("DROP TABLE regctl_bounces; UPDATE regctl_schema SET version = 6")
    let store = try site.open(for: .reading)
    #expect(try store.bounces(after: nil, matching: BounceFilter(), limit: 10).isEmpty)
    #expect(try store.bounceCount(matching: BounceFilter()) == 0)
    #expect(throws: RegctlError.store(.objectsMissing(["table regctl_bounces"]))) {
      try ClearBounce.perform("ann@example.org", in: store, at: site.now, by: Site.actor)
    }
  }
}
