import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("PruneReversal") struct PruneReversalTests {
  /// A site with five accounts in the archive, as run 1.
  private func site(preparing sql: Statement = "SELECT 1") throws -> Site {
    let site = try Site()
    for name in ["ann", "bob", "carol", "dave", "eve"] { try site.register("\(name)@example.org") }
    try site.store.execute(sql)
    try site.store.execute("DELETE FROM regctl_outbox")
    site.now = site.now + .seconds(1_209_601)
    let prune = Prune(
      olderThan: .seconds(1_209_600), at: site.now, maximum: 5, includesNeverMailed: true,
      try site.configuration())
    let outcome = try prune.perform(
      prune.survey(site.store), in: site.store, at: site.now, by: Site.actor)
    #expect(outcome.pruned == 5)
    return site
  }

  /// Restores all accounts, a number at a time; returns the failures by address.
  private func bringBack(
    _ site: Site, atMost limit: Int, email: String? = nil
  ) throws -> (emails: [String], failures: [String: RegctlError]) {
    let reversal = try PruneReversal(of: 1, email: email, at: site.now, by: Site.actor)
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

  @Test func `the deletion of an account is known until it is restored`() throws {
    let site = try site()
    #expect(try site.store.lastDeletion(of: "ANN@example.org") == site.now.seconds)
    #expect(try site.store.lastDeletion(of: "nobody@example.org") == nil)
    _ = try bringBack(site, atMost: 100)
    #expect(try site.store.lastDeletion(of: "ann@example.org") == nil)
  }

  @Test func `a domain that was locked meanwhile withholds the password`() throws {
    let site = try site()
    _ = try LockAccounts.lock(
      LockTarget("@example.org"), reason: "spam", force: false, in: site.store, at: site.now,
      by: Site.actor)
    _ = try bringBack(site, atMost: 100, email: "ann@example.org")
    let account = try site.store.account("ann@example.org")
    #expect(account.isLocked)
    #expect(try site.store.withholdsPassword(of: account.id))
  }

  @Test(arguments: ["ann@bücher.example", "ann@xn--bcher-kva.example"])
  func `an account is restored by either spelling of its domain`(_ email: String) throws {
    let site = try site(
      preparing: "UPDATE users SET email = 'ann@bücher.example' WHERE email LIKE 'ann@%'")
    #expect(try site.store.pruneRun(of: email) == 1)
    let (emails, failures) = try bringBack(site, atMost: 1, email: email)
    #expect(emails == ["ann@bücher.example"])
    #expect(failures == [:])
  }

  @Test(arguments: [1, 9])
  func `both spellings of a domain that were there before are restored`(_ limit: Int) throws {
    let site = try site(
      preparing: """
        UPDATE users SET email = 'bob@bücher.example' WHERE email LIKE 'ann@%';
        UPDATE users SET email = 'bob@xn--bcher-kva.example' WHERE email LIKE 'bob@example%'
        """)
    let (emails, failures) = try bringBack(site, atMost: limit, email: "bob@bücher.example")
    #expect(emails == ["bob@bücher.example", "bob@xn--bcher-kva.example"])
    #expect(failures == [:])
  }

  @Test func `an account is not restored beside one that registered the other spelling since`()
    throws
  {
    let site = try site(
      preparing: "UPDATE users SET email = 'ann@bücher.example' WHERE email LIKE 'ann@%'")
    site.now = site.now + .seconds(60)
    try site.register("ann@xn--bcher-kva.example")
    let (_, failures) = try bringBack(site, atMost: 9, email: "ann@bücher.example")
    #expect(
      failures == [
        "ann@bücher.example": .account(
          .alreadyRegistered(email: "ann@xn--bcher-kva.example", isConfirmed: false))
      ])
  }

  private let all = ["ann", "bob", "carol", "dave", "eve"].map { "\($0)@example.org" }

  @Test(arguments: [1, 2, 5, 100])
  func `all accounts are restored, several at a time`(_ limit: Int) throws {
    let site = try site()
    let (emails, failures) = try bringBack(site, atMost: limit)
    #expect(emails == all)
    #expect(failures == [:])
    #expect(try site.store.accountCount() == 5)
    #expect(try site.acts(on: "eve@example.org") == [.register, .prune, .unprune])
    #expect(try bringBack(site, atMost: limit).emails == [])
  }

  @Test(arguments: [1, 2, 100])
  func `a restored run is one entry of the audit`(_ limit: Int) throws {
    let site = try site()
    _ = try bringBack(site, atMost: limit)
    let entries = try site.store.auditEntries(after: nil, matching: AuditFilter(), limit: 100).map(
      \.entry)
    #expect(entries.count { $0.act == .unprune } == 1)
    #expect(try site.store.verifyAudit(including: nil).count == entries.count)
  }

  // MARK: Spellings

  /// An adopted database in which two accounts differ in case, both pruned by one run, or each by
  /// its own.
  private func siteWithSpellings(runs: Int = 1) throws -> Site {
    let site = try Site(
      adopting: """
        INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ('ann@x.org', '!', '2026-01-01', FALSE, FALSE),
          ('Ann@x.org', '!', '2026-01-01', FALSE, FALSE),
          ('bob@x.org', '!', '2026-01-01', FALSE, TRUE)
        """)
    for run in 1...runs {
      try site.store.transaction { () throws(RegctlError) in
        let ids = runs == 1 ? [1, 2] : [Int64(run)]
        let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
        _ = try site.store.archive(ids.map(AccountID.init(rawValue:)), run: run, at: site.now)
      }
    }
    return site
  }

  @Test(arguments: [1, 2])
  func `two spellings that were there are both restored`(_ limit: Int) throws {
    let site = try siteWithSpellings()
    #expect(try bringBack(site, atMost: limit).failures == [:])
    #expect(try site.store.accounts(withAddress: "ann@x.org").map(\.id.rawValue) == [1, 2])
  }

  @Test func `a spelling comes back beside one that was restored before`() throws {
    let site = try siteWithSpellings(runs: 2)
    #expect(try bringBack(site, atMost: 1).failures == [:])
    let reversal = try PruneReversal(of: 2, at: site.now, by: Site.actor)
    #expect(throws: Never.self) { try reversal.next(atMost: 1, in: site.store)?[0].result.get() }
    #expect(try site.store.accounts(withAddress: "ann@x.org").count == 2)
  }

  @Test func `a spelling that was registered or taken later is not doubled`() throws {
    let site = try siteWithSpellings()
    try site.store.execute("DELETE FROM regctl_archive WHERE account_id = 2")
    try site.store.execute(
      """
      INSERT INTO {table} VALUES (7, 'ANN@x.org', '!', '2026-11-23 08:00:00', FALSE, FALSE, NULL)
      """)
    let refused = RegctlError.account(.alreadyRegistered(email: "ANN@x.org", isConfirmed: false))
    #expect(try bringBack(site, atMost: 1).failures == ["ann@x.org": refused])
    // An old account that was given the address after the run.
    try site.store.execute(
      """
      UPDATE {table} SET email = 'kim@x.org', registered_on = '2026-01-01' WHERE id = 7
      """)
    _ = try ChangeEmail(to: EmailAddress("ANN@x.org"), site.configuration())
      .perform("kim@x.org", in: site.store, at: site.now, by: Site.actor)
    #expect(try bringBack(site, atMost: 1).failures == ["ann@x.org": refused])
  }

  @Test func `only one address is restored`() throws {
    let site = try site()
    #expect(try bringBack(site, atMost: 9, email: "CAROL@example.org").emails == [all[2]])
    #expect(try site.store.accountCount() == 1)
  }

  @Test(arguments: [1, 2, 100])
  func `a taken address is rejected, and the others are restored`(_ limit: Int) throws {
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
  func `an account that the table rejects does not prevent the others`(_ limit: Int) throws {
    let site = try site(
      preparing: """
        ALTER TABLE users ADD COLUMN nickname TEXT;
        UPDATE users SET nickname = 'the ' || email;
        CREATE UNIQUE INDEX nicknames ON users (nickname)
        """)
    try site.register("zoe@example.org")
    try site.store.execute("UPDATE {table} SET nickname = 'the dave@example.org'")
    let (emails, failures) = try bringBack(site, atMost: limit)
    #expect(emails == all)
    guard case .store(.constraint) = failures[all[3]], failures.count == 1 else {
      Issue.record("\(failures)")
      return
    }
    #expect(try site.store.accountIfAny("eve@example.org") != nil)
    #expect(try site.store.archived(in: 1, after: AccountID(rawValue: 0), limit: 9).count == 1)
  }

  // MARK: Other numbers, and the audit

  /// A site in which Ann and Bob, 2 and 3, had tokens and are in the archive, and Carol has Ann's
  /// ID, which a server does not give again by itself.
  private func siteWithHeir() throws -> Site {
    let site = try Site()
    try site.createAdministrator("root@example.org")
    for email in ["ann@example.org", "bob@example.org"] {
      try site.register(email, queuesMail: false)
    }
    _ = try site.authority().issue(
      .confirm, for: ["ann@example.org", "bob@example.org"], in: site.store, at: site.now,
      by: Site.actor)
    try prune(site)
    try site.freeReservedNumbers()
    try site.giveNumbersFrom(2)
    try site.register("carol@example.org", queuesMail: false)
    // Twice, since an act on one account is an entry of another form.
    _ = try site.authority().issue(
      .confirm, for: ["carol@example.org", "carol@example.org"], in: site.store, at: site.now,
      by: Site.actor)
    #expect(try site.store.account("carol@example.org").id == AccountID(rawValue: 2))
    return site
  }

  private func prune(_ site: Site) throws {
    site.now = site.now + .seconds(1_209_601)
    let prune = Prune(
      olderThan: .seconds(1_209_600), at: site.now, maximum: 5, includesNeverMailed: true,
      try site.configuration())
    _ = try prune.perform(
      prune.survey(site.store), in: site.store, at: site.now, by: Site.actor)
  }

  private func verify(_ site: Site) throws {
    _ = try site.store.verifyAudit(including: nil)
  }

  @Test func `the audit records the old ID of an account restored under another`() throws {
    let site = try siteWithHeir()
    #expect(try bringBack(site, atMost: 9).failures == [:])
    let ann = try site.store.account("ann@example.org")
    #expect(ann.id == AccountID(rawValue: 3))
    let acts = try site.store.auditEntries(of: ann.id)
    #expect(acts.map(\.act) == [.register, .issueToken, .prune, .unprune])
    #expect(acts.last?.detail == "run 1, was number 2")
    #expect(try site.acts(on: "bob@example.org") == [.register, .issueToken, .prune, .unprune])
    try verify(site)
  }

  @Test func `an account with another's ID can be pruned and restored again`() throws {
    let site = try siteWithHeir()
    // Only Ann, so that Bob's entries are filed under the ID that Ann's account has now.
    _ = try bringBack(site, atMost: 9, email: "ann@example.org")
    try prune(site)
    #expect(try site.store.accountIfAny("ann@example.org") == nil)
    try verify(site)
    try site.register("dave@example.org", queuesMail: false)
    try site.register("eve@example.org", queuesMail: false)
    let reversal = try PruneReversal(of: 2, at: site.now, by: Site.actor)
    while let outcomes = try reversal.next(atMost: 9, in: site.store) {
      for outcome in outcomes { #expect(throws: Never.self) { try outcome.result.get() } }
    }
    #expect(
      try site.acts(on: "ann@example.org")
        == [.register, .issueToken, .prune, .unprune, .prune, .unprune])
    try verify(site)
  }

  @Test(arguments: [
    // Carol's entries, under the ID that Ann's account had before, are moved to Ann.
    "UPDATE regctl_audit SET account_id = 3 WHERE act = 'register' AND email LIKE 'carol%'"
      as Statement,
    "UPDATE regctl_audit_accounts SET account_id = 3 WHERE account_id = 2",
    // Entries of Ann and Bob are moved to Carol, and to each other.
    "UPDATE regctl_audit SET account_id = 2 WHERE act = 'unprune' AND account_id = 3",
    "UPDATE regctl_audit_accounts SET account_id = 2 WHERE account_id = 4",
    "UPDATE regctl_audit_accounts SET account_id = 7 - account_id WHERE account_id IN (3, 4)",
    "UPDATE regctl_audit SET account_id = 4 WHERE act = 'register' AND account_id = 3",
    "UPDATE regctl_audit SET detail = 'run 1' WHERE act = 'unprune' AND account_id = 3",
    "UPDATE regctl_audit SET detail = 'run 1, was number 1' WHERE act = 'unprune'",
  ])
  func `moving entries between restored accounts and others is detected`(_ sql: Statement) throws {
    let site = try siteWithHeir()
    _ = try bringBack(site, atMost: 9)
    try verify(site)
    try site.store.execute(sql)
    let error = try refusal { try verify(site) }
    guard case .store(.auditChanged) = error else {
      Issue.record("\(error)")
      return
    }
  }
}
