import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Status") struct StoreStatusTests {
  private let site: Site

  init() throws { site = try Site() }

  private func status(_ settings: [String: String] = [:]) throws -> ServiceStatus {
    try ServiceStatus(of: site.store, site.configuration(settings), at: site.now)
  }

  private func finish(_ id: Int64, as state: OutboxEntry.State) throws {
    try site.store.finish(MailID(rawValue: id), as: state, reply: nil, at: site.now)
  }

  @Test func `an empty store has nothing, and nothing needs attention`() throws {
    let status = try status()
    #expect(status.accounts.all == 0 && status.accounts.unconfirmed == 0)
    #expect(status.mails == ServiceStatus.Mails())
    #expect(status.lastDelivery == nil && status.lastPrune == nil)
    #expect(status.findings == [])
  }

  @Test func `accounts and locks are counted`() throws {
    for name in ["ann", "bob", "eve"] {
      try site.register("\(name)@example.org", queuesMail: false)
    }
    try site.confirmByHand("ann@example.org")
    for word in ["bob@example.org", "@spam.example", "@junk.example"] {
      _ = try LockAccounts.lock(
        LockTarget(word), reason: "spam", force: false, in: site.store, at: site.now,
        by: Site.actor)
    }
    let accounts = try status().accounts
    #expect(accounts.all == 3 && accounts.unconfirmed == 2)
    #expect(accounts.locked == 1 && accounts.lockedDomains == 2)
  }

  @Test func `the lock of a deleted account does not count until the account is restored`() throws {
    try site.register("ann@example.org", queuesMail: false)
    _ = try LockAccounts.lock(
      LockTarget("ann@example.org"), reason: "spam", force: false, in: site.store, at: site.now,
      by: Site.actor)
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try status().accounts.locked == 0)
    _ = try UndeleteAccount.perform(
      .email("ann@example.org"), newID: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try status().accounts.locked == 1)
  }

  @Test func `mails are counted by state, and those that are due or deferred`() throws {
    for name in ["ann", "bob", "eve", "kim"] { try site.register("\(name)@example.org") }
    try finish(1, as: .sent)
    let later = site.now + .seconds(300)
    try site.store.execute("UPDATE regctl_outbox SET attempts = 1 WHERE id = 2")
    try site.store.transaction { () throws(RegctlError) in
      try site.store.deferMail(
        MailID(rawValue: 2), reply: "451 later", isPossibleDuplicate: false,
        at: site.now + .seconds(60), until: later)
    }
    let status = try status()
    #expect(status.mails.count(.sent) == 1 && status.mails.count(.queued) == 3)
    #expect(status.mails.due == 2 && status.mails.deferred == 1)
    #expect(status.mails.next == site.now)
    #expect(status.mails.lastSent == site.now)
    #expect(status.lastDelivery == site.now + .seconds(60))
    #expect(status.findings == [])
  }

  @Test(arguments: [(600, 0), (601, 1)])
  func `mails that are due for long need attention`(_ seconds: Int, count: Int) throws {
    try site.register("ann@example.org")
    let since = site.now
    site.now = site.now + .seconds(seconds)
    let findings = try status().findings
    #expect(findings == (count == 0 ? [] : [.mailsWaiting(count: 1, since: since)]))
  }

  @Test func `queued mails without a transport need attention`() throws {
    try site.register("ann@example.org")
    let plain = try ConfigurationLoader.load(["db": "x"])
    let status = try ServiceStatus(of: site.store, plain, at: site.now)
    #expect(status.findings == [.transportMissing])
  }

  @Test func `mails that failed or expired lately need attention`() throws {
    for name in ["ann", "bob", "eve"] { try site.register("\(name)@example.org") }
    try finish(1, as: .failed)
    try finish(2, as: .failed)
    try finish(3, as: .expired)
    #expect(try status().findings == [.mailsFailed(count: 2), .mailsExpired(count: 1)])
    site.now = site.now + StatusFinding.lately
    #expect(try status().findings == [.mailsFailed(count: 2), .mailsExpired(count: 1)])
    site.now = site.now + .seconds(1)
    #expect(try status().findings == [])
  }

  @Test func `accounts that prune should have taken need attention`() throws {
    try site.register("ann@example.org")
    try finish(1, as: .sent)
    site.now = site.now + .seconds(16 * 86_400)
    #expect(try status().findings == [])
    site.now = site.now + .seconds(60)
    #expect(try status().findings == [.pruneOverdue(count: 1, isLeast: false)])
    #expect(try status(["prune_after": "never"]).findings == [])
    try site.store.transaction { () throws(RegctlError) in
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      _ = try site.store.archive([AccountID(rawValue: 1)], run: run, at: site.now)
    }
    let status = try status()
    #expect(status.findings == [])
    #expect(status.lastPrune?.pruned == 1)
  }
}
