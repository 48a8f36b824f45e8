import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+BounceLedger") struct StoreBounceLedgerTests {
  /// Keeps a report about the mail of an account.
  @discardableResult
  private func add(
    _ result: BounceRecord.Result, to account: Account, mail: Int64? = nil,
    email: String? = nil, suppresses: Bool = false, in site: Site
  ) throws -> BounceRecord {
    try site.store.addBounce(
      NewBounceRecord(
        mail: mail.map(MailID.init(rawValue:)), account: account.id,
        email: email ?? account.email, result: result, status: "5.1.1", reply: "no",
        reporter: "mx", suppresses: suppresses), at: site.now)
  }

  @Test func `a report is read as it was kept`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let record = try add(.bounced, to: ann, mail: 1, suppresses: true, in: site)
    #expect(try site.store.bounces(of: ann.id) == [record])
    #expect(try site.store.bounces(of: MailID(rawValue: 1)) == [record])
  }

  @Test func `an account is on the ledger by its present address only`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let bob = try site.register("bob@example.org")
    try add(.bounced, to: ann, email: "Ann@Example.org", suppresses: true, in: site)
    try add(.bounced, to: bob, email: "bob@example.net", suppresses: true, in: site)
    let accounts = [ann, bob].map { (id: $0.id, email: $0.email) }
    #expect(try site.store.suppressed(among: accounts) == [ann.id])
    var filter = AccountFilter()
    filter.states = [.bounced]
    #expect(
      try site.store.accounts(after: nil, matching: filter, with: .bounce, limit: 10).map(\.id)
        == [ann.id])
    #expect(try site.store.accountCount(matching: filter) == 1)
    try site.store.clearBounces(of: ann.id, at: site.now)
    #expect(try site.store.accountCount(matching: filter) == 0)
  }

  @Test func `reports are selected`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let bob = try site.register("bob@example.net")
    try add(.bounced, to: ann, suppresses: true, in: site)
    site.now = site.now + .seconds(60)
    try add(.declined, to: bob, in: site)
    func emails(_ change: (inout BounceFilter) -> Void) throws -> [String] {
      var filter = BounceFilter()
      change(&filter)
      let found = try site.store.bounces(after: nil, matching: filter, limit: 10)
      #expect(try site.store.bounceCount(matching: filter) == found.count)
      return found.map(\.email)
    }
    #expect(try emails { _ in } == ["ann@example.org", "bob@example.net"])
    #expect(try emails { $0.order = .newestFirst } == ["bob@example.net", "ann@example.org"])
    #expect(try emails { $0.order = .email } == ["ann@example.org", "bob@example.net"])
    #expect(try emails { $0.results = [.declined] } == ["bob@example.net"])
    #expect(try emails { $0.isOnLedger = true } == ["ann@example.org"])
    #expect(try emails { $0.accounts = [bob.id] } == ["bob@example.net"])
    #expect(try emails { $0.domain = "EXAMPLE.org" } == ["ann@example.org"])
    #expect(try emails { $0.since = site.now } == ["bob@example.net"])
    #expect(try emails { $0.before = site.now } == ["ann@example.org"])
  }

  @Test func `refusals behind the relay are counted and keep an account`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    #expect(try site.store.mailsDeclinedLater(since: site.now) == nil)
    try add(.declined, to: ann, mail: 1, in: site)
    let found = try site.store.mailsDeclinedLater(since: site.now)
    #expect(found?.count == 1)
    #expect(found?.reply == "no")
    #expect(try site.store.declinedLater(among: [ann.id]) == [ann.id])
    _ = try site.store.enqueue(.confirm, to: ann, at: site.now, due: site.now, messageDomain: nil)
    #expect(try site.store.declinedLater(among: [ann.id]).isEmpty)
  }

  @Test func `old reports go with their mails, but for those on the ledger`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let bob = try site.register("bob@example.org")
    for id in [1, 2] as [Int64] {
      try site.store.finish(MailID(rawValue: id), as: .sent, reply: "ok", at: site.now)
    }
    try add(.bounced, to: ann, mail: 1, suppresses: true, in: site)
    try add(.delayed, to: bob, mail: 2, in: site)
    try add(.unverified, to: bob, in: site)
    let later = site.now + .seconds(400 * 86_400)
    _ = try Purge(site.configuration(), at: later).perform(
      in: site.store, at: later, by: Site.actor)
    #expect(try site.store.bounces(of: bob.id).isEmpty)
    #expect(try site.store.bounces(of: ann.id).map(\.mail) == [nil])
  }
}
