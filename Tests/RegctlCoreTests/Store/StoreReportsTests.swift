import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Reports") struct StoreReportsTests {
  private let site: Site

  init() throws { site = try Site() }

  /// Prunes an account that is not confirmed.
  private func prune(_ account: Account) throws {
    try site.store.transaction { () throws(RegctlError) in
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      _ = try site.store.archive([account.id], run: run, at: site.now)
    }
  }

  // MARK: Cohorts

  private func cohorts(
    by period: ReportPeriod.Length = .month, since moment: Instant? = nil,
    before end: Instant? = nil
  ) throws -> [Cohort] {
    try site.store.cohorts(
      by: period, in: ReportInterval(since: moment, before: end), at: site.now)
  }

  @Test func `accounts are counted by how they ended`() throws {
    for name in ["ann", "bob", "eve", "kim"] { try site.register("\(name)@example.org") }
    let link = try site.token("ann@example.org")
    site.now = site.now + .seconds(60)
    _ = try Confirm.byToken(
      link, authority: site.authority(), in: site.store, at: site.now, by: Site.actor)
    try site.confirmByHand("bob@example.org")
    try prune(site.store.account("eve@example.org"))
    let found = try cohorts()
    #expect(found.map(\.name) == ["2026-11"])
    #expect(found.map(\.registered) == [4])
    #expect(
      found.map { [$0.confirmedByToken, $0.confirmedByOperator, $0.pruned, $0.open] }
        == [[1, 1, 1, 1]])
  }

  @Test func `an administrator who was created is not counted, one who was promoted is`() throws {
    try site.createAdministrator("root@example.org")
    #expect(try cohorts().isEmpty)
    try site.register("ann@example.org")
    _ = try AdministratorRights.grant(
      "ann@example.org", confirming: true, in: site.store, at: site.now, by: Site.actor)
    #expect(try cohorts().map(\.registered) == [1])
  }

  @Test func `accounts from a moment on are counted, pruned ones too`() throws {
    try prune(site.register("ann@example.org"))
    try site.register("bob@example.org")
    site.now = site.now + .seconds(60)
    try site.register("eve@example.org")
    try prune(site.register("kim@example.org"))
    #expect(try cohorts(since: site.now).map { [$0.registered, $0.pruned] } == [[2, 1]])
    #expect(try cohorts(since: site.now + .microseconds(1)).isEmpty)
    #expect(try cohorts(before: site.now).map { [$0.registered, $0.pruned] } == [[2, 1]])
    let both = try cohorts(since: site.now, before: site.now + .microseconds(1))
    #expect(both.map(\.registered) == [2])
  }

  @Test func `an account without a date is left out`() throws {
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    try site.store.run(
      "UPDATE users SET registered_on = $1 WHERE id = 1",
      .text(TestEngine.choose(sqlite: "yesterday", postgresql: "infinity")))
    #expect(try cohorts().map(\.registered) == [1])
  }

  // MARK: Mails

  private func mails(
    by length: ReportPeriod.Length = .week, since moment: Instant? = nil,
    before end: Instant? = nil
  ) throws -> [String] {
    let interval = ReportInterval(since: moment, before: end)
    return try site.store.queuedMails(by: length, in: interval).map { mails in
      let counts = OutboxEntry.State.allCases.map { "\(mails.count($0))" }.joined(separator: " ")
      return "\(mails.period.name): \(counts) of \(mails.all), \(mails.deferred) deferred"
    }
  }

  @Test func `mails are counted by the period in which they were queued, and by state`() throws {
    for name in ["ann", "bob", "eve", "kim", "sue"] { try site.register("\(name)@example.org") }
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: site.now)
    try site.store.finish(MailID(rawValue: 2), as: .failed, reply: nil, at: site.now)
    try site.store.finish(MailID(rawValue: 3), as: .expired, reply: nil, at: site.now)
    try site.store.run("UPDATE regctl_outbox SET attempts = 1 WHERE id IN (1, 4)")
    site.now = site.now + .seconds(7 * 86_400)
    try site.register("ada@example.org")
    #expect(
      try mails() == [
        "2026-W48: 2 0 0 1 1 0 0 1 of 5, 1 deferred", "2026-W49: 1 0 0 0 0 0 0 0 of 1, 0 deferred",
      ])
    #expect(try mails(by: .month) == ["2026-11: 3 0 0 1 1 0 0 1 of 6, 1 deferred"])
    #expect(try mails(since: site.now) == ["2026-W49: 1 0 0 0 0 0 0 0 of 1, 0 deferred"])
    #expect(try mails(before: site.now) == ["2026-W48: 2 0 0 1 1 0 0 1 of 5, 1 deferred"])
  }

  @Test func `the mails of all periods are those of the status`() throws {
    for name in ["ann", "bob", "eve"] {
      try site.register("\(name)@example.org")
      site.now = site.now + .seconds(20 * 86_400)
    }
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: site.now)
    let totals = try site.store.mailTotals(at: site.now, since: site.now)
    let mails = try site.store.queuedMails(by: .month, in: ReportInterval())
    for state in OutboxEntry.State.allCases {
      #expect(mails.reduce(0) { $0 + $1.count(state) } == totals.count(state))
    }
  }

  @Test func `without mails there are no periods`() throws { #expect(try mails().isEmpty) }

  // MARK: Funnel

  private func funnel(
    since moment: Instant? = nil, before end: Instant? = nil
  ) throws -> [String] {
    try site.store.funnel(in: ReportInterval(since: moment, before: end)).map {
      "\($0.domain) \($0.registered) \($0.mailed) \($0.accepted) \($0.confirmed)"
    }
  }

  @Test func `each domain has its numbers, the largest first`() throws {
    try site.register("ann@a.org", queuesMail: false)
    for email in ["ann@B.org", "bob@b.org", "eve@b.org"] { try site.register(email) }
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: site.now)
    try site.store.finish(MailID(rawValue: 2), as: .failed, reply: nil, at: site.now)
    try site.confirmByHand("ann@a.org")
    try site.createAdministrator("root@b.org")
    #expect(try funnel() == ["b.org 3 3 1 0", "a.org 1 0 0 1"])
  }

  @Test func `an account with several mails is counted once`() throws {
    let ann = try site.register("ann@a.org")
    for _ in 0..<2 {
      _ = try site.store.enqueue(
        .confirm, to: ann, at: site.now, due: site.now, messageDomain: "app.example")
    }
    try site.store.execute("UPDATE regctl_outbox SET state = 'sent'")
    #expect(try funnel() == ["a.org 1 1 1 0"])
  }

  @Test func `pruned accounts keep their numbers`() throws {
    for email in ["ann@a.org", "bob@a.org", "eve@B.org"] { try site.register(email) }
    try site.register("kim@b.org", queuesMail: false)
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: site.now)
    try site.store.finish(MailID(rawValue: 2), as: .failed, reply: nil, at: site.now)
    try site.store.finish(MailID(rawValue: 3), as: .sent, reply: nil, at: site.now)
    let before = try funnel()
    #expect(before == ["a.org 2 2 1 0", "b.org 2 1 1 0"])
    for email in ["ann@a.org", "bob@a.org", "eve@b.org", "kim@b.org"] {
      try prune(site.store.account(email))
      #expect(try funnel() == before)
    }
    // Another account with a number of theirs is another account.
    try site.freeReservedNumbers()
    try site.register("ann@a.org")
    #expect(try funnel() == ["a.org 3 3 1 0", "b.org 2 1 1 0"])
  }

  @Test func `the funnel of accounts from a moment on`() throws {
    try site.register("ann@a.org")
    site.now = site.now + .seconds(60)
    try site.register("bob@b.org")
    #expect(try funnel(since: site.now) == ["b.org 1 1 0 0"])
    #expect(try funnel(since: site.now + .microseconds(1)) == [])
    #expect(try funnel(before: site.now) == ["a.org 1 1 0 0"])
    #expect(try funnel(before: site.now + .microseconds(1)).count == 2)
    try prune(site.store.account("bob@b.org"))
    #expect(try funnel(since: site.now, before: site.now) == [])
    #expect(try funnel(before: site.now) == ["a.org 1 1 0 0"])
  }

  // MARK: Metrics

  private func metric(_ name: String, _ label: String? = nil) throws -> Int64? {
    try site.store.metrics(at: site.now)
      .first { $0.name == "regctl_\(name)" && $0.label?.value == label }?.value
  }

  @Test func `an empty store has every metric, and each is 0`() throws {
    let metrics = try site.store.metrics(at: site.now)
    #expect(metrics.count == 14)
    #expect(metrics.allSatisfy { $0.value == 0 })
  }

  @Test func `accounts and mails are counted by state`() throws {
    for name in ["ann", "bob", "eve"] { try site.register("\(name)@example.org") }
    try site.confirmByHand("ann@example.org")
    try site.store.finish(MailID(rawValue: 2), as: .failed, reply: nil, at: site.now)
    #expect(try metric("accounts", "confirmed") == 1)
    #expect(try metric("accounts", "unconfirmed") == 2)
    #expect(try metric("mails", "queued") == 2)
    #expect(try metric("mails", "failed") == 1)
    #expect(try metric("mails", "sent") == 0)
  }

  @Test func `a queued mail is overdue once it is due`() throws {
    try site.register("ann@example.org")
    #expect(try metric("mail_overdue_seconds") == 0)
    site.now = site.now + .seconds(90)
    #expect(try metric("mail_overdue_seconds") == 90)
    try site.store.reschedule(
      MailID(rawValue: 1), as: .confirm, at: site.now, due: site.now + .seconds(60))
    #expect(try metric("mail_overdue_seconds") == 0)
  }

  @Test func `the last mail is the last that was accepted`() throws {
    for name in ["ann", "bob"] { try site.register("\(name)@example.org") }
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: site.now)
    try site.store.finish(
      MailID(rawValue: 2), as: .failed, reply: nil, at: site.now + .seconds(60))
    #expect(try metric("last_mail_timestamp_seconds") == site.now.seconds)
  }

  @Test func `pruned accounts of all runs are counted`() throws {
    for name in ["ann", "bob"] { try prune(site.register("\(name)@example.org")) }
    #expect(try metric("pruned_accounts_total") == 2)
    #expect(try metric("last_prune_timestamp_seconds") == site.now.seconds)
  }
}
