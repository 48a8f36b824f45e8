import SQL
import Testing

@testable import RegctlCore

@Suite("BulkResend") struct BulkResendTests {
  /// A site with accounts whose first mails were sent a day ago.
  private func site(_ names: [String] = ["ann", "bob", "carol"]) throws -> Site {
    let site = try Site()
    for (index, name) in names.enumerated() {
      _ = try site.register("\(name)@example.org")
      try site.store.finish(
        MailID(rawValue: Int64(index + 1)), as: .sent, reply: "ok", at: site.now)
    }
    site.now = site.now + .seconds(86_401)
    return site
  }

  private func bulk(
    _ site: Site, campaign: String? = nil, rate: BulkResend.Rate? = nil
  ) throws -> BulkResend {
    BulkResend(
      try site.configuration(), campaign: campaign, rate: rate, at: site.now, by: Site.actor)
  }

  private func everybody(_ site: Site) throws -> [ListedAccount] {
    try site.store.accounts(after: nil, matching: .unconfirmed, limit: 100)
  }

  @Test func `each account gets a mail, due according to the rate`() throws {
    let site = try site()
    var bulk = try bulk(site, rate: BulkResend.Rate(2, per: .seconds(60)))
    let decisions = try bulk.perform(everybody(site), in: site.store)
    #expect(
      decisions == [
        .queued(MailID(rawValue: 4), due: site.now),
        .queued(MailID(rawValue: 5), due: site.now + .seconds(30)),
        .queued(MailID(rawValue: 6), due: site.now + .seconds(60)),
      ])
    #expect(try site.acts(on: "bob@example.org").last == .resend)
  }

  @Test func `a resend in several transactions is one entry of the audit, and counts for each`()
    throws
  {
    let site = try site()
    let accounts = try everybody(site)
    var bulk = try bulk(site, campaign: "june")
    for account in accounts { _ = try bulk.perform([account], in: site.store) }
    let entries = try site.store.auditEntries(after: nil, matching: AuditFilter(), limit: 100).map(
      \.entry)
    #expect(entries.filter { $0.act == .resend }.map(\.detail) == ["campaign june"])
    for account in accounts {
      #expect(try site.acts(on: account.email).last == .resend)
      let (count, last) = try site.store.acts(
        [.resend], on: account.id, since: site.now - .seconds(1))
      #expect(count == 1)
      #expect(last == site.now)
    }
  }

  @Test func `a preview has the same results as the run`() throws {
    let site = try site()
    let decisions = try { () throws in
      var bulk = try bulk(site, rate: BulkResend.Rate(1, per: .seconds(1)))
      return try bulk.preview(everybody(site), in: site.store)
    }()
    #expect(decisions[2] == .queued(nil, due: site.now + .seconds(2)))
    #expect(try site.store.mails(of: everybody(site)[0].id).count == 1)
  }

  @Test func `accounts with a queued or recent mail, and confirmed ones, are skipped`() throws {
    let site = try site()
    let accounts = try everybody(site)
    var first = try bulk(site)
    _ = try first.perform([accounts[0]], in: site.store)
    _ = try Confirm.byOperator(
      "bob@example.org", reason: "called", in: site.store, at: site.now, by: Site.actor)
    var second = try bulk(site)
    #expect(
      try second.perform(accounts, in: site.store).prefix(2) == [
        .skipped(.mailPending), .skipped(.notUnconfirmed),
      ])
    try site.store.execute(
      "UPDATE regctl_outbox SET state = 'sent', finished_at = 1 WHERE state = 'queued'")
    var third = try bulk(site)
    #expect(try third.perform([accounts[0]], in: site.store) == [.skipped(.tooSoon)])
  }

  @Test func `a campaign mails each account once, however often it is run`() throws {
    let site = try site()
    let accounts = try everybody(site)
    var first = try bulk(site, campaign: "outage")
    _ = try first.perform([accounts[0]], in: site.store)
    try site.store.execute("UPDATE regctl_outbox SET state = 'sent', finished_at = 1")
    site.now = site.now + .seconds(86_401)
    var second = try bulk(site, campaign: "outage")
    let decisions = try second.perform(accounts, in: site.store)
    #expect(decisions[0] == .skipped(.inCampaign))
    #expect(decisions[1] == .queued(MailID(rawValue: 5), due: site.now))
    var other = try bulk(site, campaign: "another")
    #expect(try other.perform([accounts[0]], in: site.store) != [.skipped(.inCampaign)])
  }

  @Test func `a new account with a reused ID is not mistaken for the old one`() throws {
    let site = try site()
    var first = try bulk(site, campaign: "outage")
    _ = try first.perform(everybody(site), in: site.store)
    _ = try DeleteAccount.perform(
      "carol@example.org", reason: "asked", force: false, in: site.store, at: site.now,
      by: Site.actor)
    let count = try site.store.first("SELECT count(*) FROM regctl_campaigns") {
      $0.integer(0)
    }
    #expect(count == 2)
  }
}
