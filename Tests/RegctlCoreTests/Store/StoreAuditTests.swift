import SQL
import Testing

@testable import RegctlCore

@Suite("Store+Audit") struct StoreAuditTests {
  @Test func `an entry has actor, time and reason`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    site.now = site.now + .seconds(60)
    try site.confirmByHand("ann@example.org")
    let entry = try #require(try site.store.auditEntries(of: ann.id).last)
    #expect(
      entry
        == AuditEntry(.confirmByOperator, on: ann, at: site.now, by: Site.actor, reason: "called"))
  }

  @Test func `an entry about several accounts is listed for each`() throws {
    let site = try Site()
    for email in ["a@x.org", "b@x.org", "c@x.org"] { try site.register(email) }
    _ = try site.authority().issue(
      .confirm, for: ["a@x.org", "B@x.org", "a@x.org", "nobody@x.org"], in: site.store,
      at: site.now,
      by: Site.actor)
    #expect(try site.acts(on: "a@x.org") == [.register, .issueToken])
    #expect(try site.acts(on: "b@x.org") == [.register, .issueToken])
    #expect(try site.acts(on: "c@x.org") == [.register])
  }

  @Test func `requests are counted within a period`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    for (act, age) in [
      (AuditEntry.Act.resend, 100), (.resendForced, 50), (.resend, 10), (.issueToken, 1),
    ] {
      try site.store.record(
        AuditEntry(act, on: ann, at: site.now - .seconds(age), by: Site.actor))
    }
    let (count, last) = try site.store.acts(
      [.resend, .resendForced], on: ann.id, since: site.now - .seconds(100))
    #expect(count == 2)
    #expect(last == site.now - .seconds(10))
  }

  @Test func `an account without requests has none`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let (count, last) = try site.store.acts(
      [.resend, .resendForced], on: ann.id, since: Instant(seconds: 0))
    #expect(count == 0)
    #expect(last == nil)
  }
}
