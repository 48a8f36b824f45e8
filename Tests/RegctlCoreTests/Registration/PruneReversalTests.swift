import SQLite
import Testing

@testable import RegctlCore

@Suite("PruneReversal") struct PruneReversalTests {
  /// A site of which five accounts are in the archive, as run 1.
  private func site(preparing sql: StaticString = "SELECT 1") throws -> Site {
    let site = try Site()
    for name in ["ann", "bob", "carol", "dave", "eve"] { try site.register("\(name)@example.org") }
    try site.store.connection.execute(sql)
    try site.store.connection.execute("DELETE FROM regctl_outbox")
    site.now = site.now + .seconds(1_209_601)
    let prune = Prune(
      olderThan: .seconds(1_209_600), at: site.now, maximum: 5, includesNeverMailed: true,
      try site.configuration())
    let outcome = try prune.perform(
      prune.survey(site.store), in: site.store, at: site.now, by: Site.actor)
    #expect(outcome.pruned == 5)
    return site
  }

  /// Brings everybody back, so many at a time; what failed, by address.
  private func bringBack(
    _ site: Site, atMost limit: Int, email: String? = nil
  ) throws -> (emails: [String], failures: [String: RegctlError]) {
    let reversal = PruneReversal(of: 1, email: email, at: site.now, by: Site.actor)
    var (emails, failures): ([String], [String: RegctlError]) = ([], [:])
    while let outcomes = try reversal.next(atMost: limit, in: site.store) {
      #expect(outcomes.count <= limit)
      for outcome in outcomes {
        emails.append(outcome.email)
        if case .failure(let error) = outcome.result { failures[outcome.email] = error }
      }
    }
    return (emails, failures)
  }

  private let all = ["ann", "bob", "carol", "dave", "eve"].map { "\($0)@example.org" }

  @Test(arguments: [1, 2, 5, 100])
  func `everybody comes back, several at a time`(_ limit: Int) throws {
    let site = try site()
    let (emails, failures) = try bringBack(site, atMost: limit)
    #expect(emails == all)
    #expect(failures == [:])
    #expect(try site.store.accountCount() == 5)
    #expect(try site.acts(on: "eve@example.org") == [.register, .prune, .unprune])
    #expect(try bringBack(site, atMost: limit).emails == [])
  }

  @Test func `only one address comes back`() throws {
    let site = try site()
    #expect(try bringBack(site, atMost: 9, email: "CAROL@example.org").emails == [all[2]])
    #expect(try site.store.accountCount() == 1)
  }

  @Test(arguments: [1, 2, 100])
  func `who is taken is refused, and the others come back`(_ limit: Int) throws {
    let site = try site()
    try site.register("BOB@example.org")
    let (emails, failures) = try bringBack(site, atMost: limit)
    #expect(emails == all)
    #expect(
      failures == [
        all[1]: .account(.alreadyRegistered(email: "BOB@example.org", isConfirmed: false))
      ])
    #expect(try site.store.pruneRuns().first?.restored == 4)
  }

  @Test(arguments: [1, 2, 100])
  func `whom the table refuses keeps nobody else`(_ limit: Int) throws {
    let site = try site(
      preparing: """
        ALTER TABLE users ADD COLUMN nickname;
        UPDATE users SET nickname = 'the ' || email;
        CREATE UNIQUE INDEX nicknames ON users (nickname)
        """)
    try site.register("zoe@example.org")
    try site.store.connection.execute("UPDATE users SET nickname = 'the dave@example.org'")
    let (emails, failures) = try bringBack(site, atMost: limit)
    #expect(emails == all)
    guard case .store(.constraint) = failures[all[3]], failures.count == 1 else {
      Issue.record("\(failures)")
      return
    }
    #expect(try site.store.accountIfAny("eve@example.org") != nil)
    #expect(try site.store.archived(in: 1, after: AccountID(rawValue: 0), limit: 9).count == 1)
  }
}
