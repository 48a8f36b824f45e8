import Base
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Purge") struct PurgeTests {
  private let site: Site

  init() throws { site = try Site() }

  private static let year = Duration.seconds(53 * 7 * 86_400)

  /// Accounts that were confirmed, failed, pruned and deleted, and their mails.
  private func fill() throws {
    for email in ["ann@a.org", "bob@a.org", "eve@B.org"] { try site.register(email) }
    try site.register("kim@b.org", queuesMail: false)
    try site.register("dan@c.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "250 ok", at: site.now)
    try site.store.transaction { () throws(RegctlError) in
      try site.store.fail(MailID(rawValue: 2), reply: "550 unknown", at: site.now)
    }
    try site.store.finish(MailID(rawValue: 3), as: .sent, reply: "250 ok", at: site.now)
    try site.confirmByHand("ann@a.org")
    try prune("eve@B.org", "kim@b.org")
    _ = try DeleteAccount.perform(
      "dan@c.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    // The trigger takes the time of the engine.
    try site.store.run(
      "UPDATE regctl_outbox SET finished_at = $1 WHERE state = 'cancelled'",
      .integer(site.now.seconds))
  }

  private func prune(_ emails: String...) throws {
    try site.store.transaction { () throws(RegctlError) in
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      var doomed: [AccountID] = []
      for email in emails { doomed.append(try site.store.account(email).id) }
      try site.store.record(
        AuditEntry(act: .prune, at: site.now, actor: Site.actor, detail: "run \(run)"), on: doomed)
      _ = try site.store.archive(doomed, run: run, at: site.now)
    }
  }

  @discardableResult
  private func purge(_ settings: [String: String] = [:]) throws -> Purge.Totals {
    let purge = try Purge(site.configuration(settings), at: site.now)
    let expected = try purge.survey(site.store)
    let totals = try purge.perform(in: site.store, at: site.now, by: Site.actor)
    #expect(totals == expected)
    return totals
  }

  private func count(_ query: Statement) throws -> Int64? {
    try site.store.first(query) { $0.integer(0) }
  }

  private func figures() throws -> [String] {
    try [nil, Site.start, Site.start + .microseconds(1)].flatMap { moment in
      try site.store.funnel(in: ReportInterval(since: moment)).map {
        "\($0.domain) \($0.registered) \($0.mailed) \($0.accepted) \($0.confirmed)"
      }
    }
      + site.store.cohorts(by: .month, in: ReportInterval(), at: site.now).map {
        "\($0.name) \($0.registered) \($0.confirmedByOperator) \($0.pruned) \($0.open)"
      }
      + site.store.metrics(at: site.now).map {
        "\($0.name) \($0.label?.value ?? "") \($0.value)"
      }
  }

  @Test func `reports have the same figures before and after`() throws {
    try fill()
    site.now = site.now + Self.year
    let before = try figures()
    #expect(before.prefix(3) == ["a.org 2 2 1 1", "b.org 2 1 1 0", "a.org 2 2 1 1"])
    let totals = try purge()
    #expect((totals.accounts, totals.mails) == (3, 4))
    #expect(try figures() == before)
    for query: Statement in [
      "SELECT count(*) FROM regctl_archive", "SELECT count(*) FROM regctl_outbox",
      "SELECT count(*) FROM regctl_attempts",
    ] {
      #expect(try count(query) == 0)
    }
  }

  @Test func `figures stay in whichever order accounts and mails are purged`() throws {
    try fill()
    site.now = site.now + Self.year
    let before = try figures()
    try purge(["archive_keep": "never"])
    #expect(try count("SELECT count(*) FROM regctl_archive") == 3)
    #expect(try figures() == before)
    try purge()
    #expect(try figures() == before)
  }

  @Test func `the audit stays whole and says what was too old`() throws {
    try fill()
    site.now = site.now + Self.year
    let entries = try site.store.verifyAudit(including: nil).count
    try purge()
    #expect(try site.store.verifyAudit(including: nil).count == entries + 1)
    var filter = AuditFilter()
    filter.order = .newestFirst
    let newest = try #require(
      site.store.auditEntries(after: nil, matching: filter, limit: 1).first?.entry)
    #expect(newest.act == .purge)
    #expect(
      newest.detail
        == "archive before \((site.now - .seconds(90 * 86_400)).rfc3339), "
        + "mails before \((site.now - .seconds(364 * 86_400)).rfc3339)")
  }

  @Test func `what is young enough stays, and then nothing is recorded`() throws {
    try fill()
    let entries = try site.store.verifyAudit(including: nil).count
    site.now = site.now + .seconds(90 * 86_400)
    #expect(try purge().isEmpty)
    #expect(try site.store.verifyAudit(including: nil).count == entries)
    site.now = site.now + .seconds(1)
    let totals = try purge()
    #expect((totals.accounts, totals.mails) == (3, 0))
  }

  @Test func `nothing is purged with never, and no mail that waits`() throws {
    try fill()
    try site.register("zoe@z.org")
    site.now = site.now + Self.year
    #expect(try purge(["archive_keep": "never", "outbox_keep": "never"]).isEmpty)
    try purge()
    #expect(try site.store.mails(of: site.store.account("zoe@z.org").id).map(\.state) == [.queued])
  }

  @Test(arguments: ["archive_keep", "outbox_keep"])
  func `what a valid link may need is kept`(_ setting: String) throws {
    let error = try refusal { _ = try purge([setting: "59m"]) }
    guard case .configuration(let error) = error,
      case .value(setting, "59m", .shorterThanLinks(.seconds(3600))) = error.fault
    else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func `a run that was stopped is continued`() throws {
    for number in 1...7 { try site.register("a\(number)@example.org", queuesMail: false) }
    for number in 1...7 { try prune("a\(number)@example.org") }
    site.now = site.now + Self.year
    let first = try site.store.archived(before: site.now, after: .beginning, limit: 2)
    try site.store.transaction { () throws(RegctlError) in
      for place in first { _ = try site.store.purge(place) }
    }
    let before = try figures()
    #expect(try purge().accounts == 5)
    #expect(try figures() == before)
    #expect(try purge().isEmpty)
  }

  @Test func `an unconfirmed account is pruned by mails that were purged`() throws {
    try site.register("ann@a.org")
    try site.register("bob@a.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: site.now)
    try site.store.finish(MailID(rawValue: 2), as: .cancelled, reply: nil, at: site.now)
    let sent = site.now
    site.now = site.now + Self.year
    #expect(try purge().mails == 2)
    let ids = [1, 2].map(AccountID.init(rawValue:))
    let found = try site.store.pruneCandidates(ids, cutoff: site.now)
    #expect(found.map { $0?.lastSent } == [sent, nil])
    #expect(found.map { $0?.lastMailState } == [.sent, .cancelled])
    #expect(
      found.map {
        $0?.keepReason(cutoff: site.now, includesNeverMailed: false, weeks: nil)
      } == [nil, .noFinalAnswer])
    let before = try figures().filter { !$0.contains("_total") && !$0.contains("prune") }
    try prune("ann@a.org")
    let reversal = try PruneReversal(of: 1, at: site.now, by: Site.actor)
    while try reversal.next(atMost: 9, in: site.store) != nil {}
    #expect(
      try figures().filter { !$0.contains("_total") && !$0.contains("prune") } == before)
  }

  @Test func `a deleted account cannot be restored, and its withheld password is gone`() throws {
    try site.register("ann@a.org")
    _ = try LockAccounts.lock(
      LockTarget("ann@a.org"), reason: "spam", force: false, in: site.store, at: site.now,
      by: Site.actor)
    _ = try DeleteAccount.perform(
      "ann@a.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try count("SELECT count(*) FROM regctl_locked_passwords") == 1)
    site.now = site.now + Self.year
    try purge()
    #expect(try count("SELECT count(*) FROM regctl_locked_passwords") == 0)
    #expect(try count("SELECT count(*) FROM regctl_locks") == 0)
    for name in [UndeleteAccount.Name.email("ann@a.org"), .id(AccountID(rawValue: 1))] {
      let error = try refusal {
        _ = try UndeleteAccount.perform(
          name, newID: false, in: site.store, at: site.now, by: Site.actor)
      }
      guard case .account(.deleted(let deletion)) = error else {
        Issue.record("\(error)")
        continue
      }
      #expect(!deletion.isArchived)
    }
  }

  @Test func `the run of a purged account is known by its address`() throws {
    try fill()
    #expect(try site.store.purgedRun(of: "eve@b.org") == nil)
    #expect(try site.store.purgedRun(1) == nil)
    site.now = site.now + Self.year
    try purge()
    #expect(try site.store.purgedRun(of: "EVE@b.org")?.run == 1)
    #expect(try site.store.purgedRun(1) == Site.start)
    #expect(try site.store.purgedRun(of: "ann@a.org") == nil)
  }

  @Test func `requests to change an address go with the mails`() throws {
    try site.register("ann@a.org")
    try site.confirmByHand("ann@a.org")
    try site.requestEmailChange("ann@a.org", to: "eve@b.org")
    site.now = site.now + Self.year
    // A mail of it waits.
    #expect(try purge().changes == 0)
    try site.store.execute("UPDATE regctl_outbox SET state = 'cancelled', finished_at = 0")
    #expect(try purge().changes == 1)
    #expect(try count("SELECT count(*) FROM regctl_email_changes") == 0)
  }

  @Test func `an older schema is to be migrated first`() throws {
    try site.store.execute("DROP TABLE regctl_purged_accounts")
    try site.store.execute("DELETE FROM regctl_schema")
    try site.store.execute("INSERT INTO regctl_schema VALUES (5, 1)")
    let store = try site.open(for: .writing)
    let purge = try Purge(site.configuration(), at: site.now)
    #expect(try purge.survey(store).isEmpty)
    #expect(throws: RegctlError.self) {
      try purge.perform(in: store, at: site.now, by: Site.actor)
    }
    #expect(try store.funnel(in: ReportInterval()).isEmpty)
    _ = try store.metrics(at: site.now)
  }
}
