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

  private func acts(ofAccount email: String, in site: Site) throws -> [AuditEntry.Act] {
    try site.store.auditEntries(ofAccount: email).map(\.entry.act)
  }

  /// Changes the address of an account that is not confirmed.
  private func changeEmail(_ old: String, to new: String, in site: Site) throws {
    site.now = site.now + .seconds(1)
    _ = try ChangeEmail(to: EmailAddress(new), site.configuration())
      .perform(old, in: site.store, at: site.now, by: Site.actor)
  }

  @Test func `entries are listed by address, those without one first`() throws {
    let site = try Site()
    for email in ["b@x.org", "a@x.org"] { try site.register(email) }
    _ = try site.authority().issue(
      .confirm, for: ["a@x.org", "b@x.org"], in: site.store, at: site.now, by: Site.actor)
    try site.confirmByHand("b@x.org")
    var filter = AuditFilter()
    filter.order = .email
    var emails: [String?] = []
    var last: ListPlace?
    while let entry = try site.store.auditEntries(after: last, matching: filter, limit: 1).first {
      emails.append(entry.entry.email)
      last = filter.order.place(of: entry)
    }
    #expect(emails.drop { $0 == nil } == ["a@x.org", "b@x.org", "b@x.org"])
    #expect(emails.contains(nil))
    let entries = try site.store.auditEntries(after: nil, matching: filter, limit: 9)
    #expect(entries.map(\.entry.email) == emails)
    #expect(
      try site.store.auditEntries(among: entries.reversed(), matching: filter) == entries)
  }

  @Test func `an account is found by a former address`() throws {
    let site = try Site()
    try site.register("ann@x.org")
    try changeEmail("ann@x.org", to: "b@x.org", in: site)
    try changeEmail("b@x.org", to: "c@x.org", in: site)
    for email in ["ann@x.org", "B@x.org", "c@x.org"] {
      #expect(try acts(ofAccount: email, in: site) == [.register, .changeEmail, .changeEmail])
    }
  }

  @Test func `a deleted account is found by each address that it had`() throws {
    let site = try Site()
    try site.register("ann@x.org")
    try changeEmail("ann@x.org", to: "b@x.org", in: site)
    _ = try DeleteAccount.perform(
      "b@x.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    for email in ["ann@x.org", "b@x.org"] {
      #expect(try acts(ofAccount: email, in: site) == [.register, .changeEmail, .delete])
    }
  }

  @Test func `the present holder of an address is not mixed with a former one`() throws {
    let site = try Site()
    try site.register("ann@x.org")
    try changeEmail("ann@x.org", to: "b@x.org", in: site)
    try site.register("ann@x.org")
    #expect(try acts(ofAccount: "ann@x.org", in: site) == [.register])
    #expect(try acts(ofAccount: "b@x.org", in: site) == [.register, .changeEmail])
  }

  @Test func `an address that was only asked for leads to no account`() throws {
    let site = try Site()
    try site.register("ann@x.org")
    try site.confirmByHand("ann@x.org")
    try site.requestEmailChange("ann@x.org", to: "b@x.org")
    #expect(throws: RegctlError.account(.notFound("b@x.org"))) {
      try site.store.auditEntries(ofAccount: "b@x.org")
    }
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
