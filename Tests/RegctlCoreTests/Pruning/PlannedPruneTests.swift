import Glibc
import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("PlannedPrune") struct PlannedPruneTests {
  private static let age = Duration.seconds(1_209_600)

  /// A site with accounts to prune, and a plan for them.
  private func site(
    _ names: [String] = ["ann", "bob", "carol", "dave"], includesNeverMailed: Bool = false
  ) throws -> (Site, plan: String) {
    let site = try Site()
    for (number, name) in names.enumerated() {
      try site.register("\(name)@example.org")
      try site.store.finish(
        MailID(rawValue: Int64(number + 1)), as: .sent, reply: "ok", at: site.now)
    }
    site.now = site.now + .seconds(1_209_601)
    let path = "\(site.directory.path)/plan"
    let prune = Prune(
      olderThan: Self.age, at: site.now, maximum: nil, includesNeverMailed: includesNeverMailed,
      try site.configuration())
    let survey = try prune.plan(site.store, into: path, at: site.now)
    #expect(survey.prunable == names.count)
    return (site, path)
  }

  private func planned(_ site: Site, _ path: String, maximum: Int? = 100) throws -> PlannedPrune {
    try PlannedPrune(
      PrunePlanFile(path: path), at: site.now, maximum: maximum, try site.configuration())
  }

  @Test func `accounts of a plan whose week has become weak are kept`() throws {
    let site = try Site(
      adopting: Statement(
        sqlite: """
          WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 99)
          INSERT INTO users (email, password, registered_on, admin, confirmed)
          SELECT 'u' || n || '@x.org', '!',
            date('2026-08-26', '+' || (n / 10 * 7) || ' days') || ' 12:00:00.000000', 0, n % 10 < 6
          FROM n
          """,
        postgreSQL: """
          INSERT INTO users (email, password, registered_on, admin, confirmed)
          SELECT 'u' || n || '@x.org', '!',
            TIMESTAMP '2026-08-26 12:00' + n / 10 * INTERVAL '7 days', FALSE, n % 10 < 6
          FROM generate_series(0, 99) AS n
          """))
    let configuration = try site.configuration(["application_mails": "yes"])
    let path = "\(site.directory.path)/plan"
    let prune = Prune(
      olderThan: Self.age, at: site.now, maximum: nil, includesNeverMailed: false, configuration)
    #expect(try prune.plan(site.store, into: path, at: site.now).prunable == 40)
    // An operator takes confirmations of the last week back: its share is no longer usual.
    try site.store.execute("UPDATE users SET confirmed = FALSE WHERE id BETWEEN 91 AND 95")
    let planned = try PlannedPrune(
      PrunePlanFile(path: path), at: site.now, maximum: nil, configuration)
    #expect(try planned.survey(site.store).prunable == 36)
    #expect(try planned.perform(in: site.store, at: site.now, by: Site.actor).pruned == 36)
    #expect(planned.kept.map(\.reason) == [.weakCohort])
    #expect(planned.kept.map(\.count) == [4])
  }

  /// Why each account of a plan was kept.
  private func keepReasons(_ planned: PlannedPrune) throws -> [PruneCandidate.KeepReason?] {
    var reasons: [PruneCandidate.KeepReason?] = []
    try planned.forEachBatch { decisions in
      reasons += decisions.map(\.keepReason)
      return true
    }
    return reasons
  }

  /// Applies a plan and returns the result of each account.
  private func apply(
    _ site: Site, _ path: String
  ) throws -> (run: Int64?, reasons: [PruneCandidate.KeepReason?]) {
    let planned = try planned(site, path)
    _ = try planned.survey(site.store)
    let outcome = try planned.perform(in: site.store, at: site.now, by: Site.actor)
    let reasons = try keepReasons(planned)
    #expect(outcome.pruned == reasons.count { $0 == nil })
    return (outcome.run, reasons)
  }

  private func run(_ sql: Statement, _ site: Site) throws {
    try site.store.execute(sql)
  }

  @Test func `only the accounts of the plan are pruned, in one run`() throws {
    let (site, plan) = try site(["ann", "bob"])
    try site.register("eve@example.org")
    try run("UPDATE users SET registered_on = '2020-01-01' WHERE email LIKE 'eve%'", site)
    let (run, reasons) = try apply(site, plan)
    #expect(run == 1)
    #expect(reasons == [nil, nil])
    #expect(try site.store.accountIfAny("ann@example.org") == nil)
    #expect(try site.store.accountIfAny("eve@example.org") != nil)
  }

  @Test func `a plan cannot be applied twice`() throws {
    let (site, plan) = try site(["ann", "bob"])
    _ = try apply(site, plan)
    let (run, reasons) = try apply(site, plan)
    #expect(run == nil)
    #expect(reasons == [.gone, .gone])
  }

  private static let changes: [(Statement, PruneCandidate.KeepReason)] = [
    ("UPDATE users SET confirmed = TRUE WHERE id = 2", .confirmed),
    ("UPDATE users SET admin = TRUE WHERE id = 2", .administrator),
    ("DELETE FROM users WHERE id = 2", .gone),
    ("UPDATE users SET email = 'BOB@example.org' WHERE id = 2", .otherAddress),
    ("UPDATE users SET registered_on = '2020-01-01' WHERE id = 2", .otherRegistration),
    ("UPDATE regctl_outbox SET state = 'queued' WHERE id = 2", .mailPending),
    ("UPDATE regctl_outbox SET state = 'expired' WHERE id = 2", .noFinalAnswer),
    ("UPDATE regctl_outbox SET finished_at = 1795425000 + 1209600 WHERE id = 2", .recentMail),
    ("UPDATE regctl_audit SET at = 1795425000 + 1209600 WHERE account_id = 2", .recentAct),
    (
      """
      CREATE TABLE posts (author INTEGER REFERENCES users (id));
      INSERT INTO posts VALUES (2)
      """, .inUse
    ),
  ]

  @Test(arguments: changes)
  func `accounts changed since are kept`(
    _ change: Statement, reason: PruneCandidate.KeepReason
  ) throws {
    let (site, plan) = try site()
    try run(change, site)
    let planned = try planned(site, plan)
    #expect(try planned.look(site.store).prunable == 3)
    #expect(try apply(site, plan).reasons == [nil, reason, nil, nil])
    #expect(try planned.look(site.store).kept.map(\.count).reduce(0, +) == 4)
  }

  @Test func `changes after a survey are detected, and accounts kept by it stay kept`() throws {
    let (site, plan) = try site()
    try run("UPDATE users SET confirmed = TRUE WHERE id = 1", site)
    let planned = try planned(site, plan)
    #expect(try planned.survey(site.store).prunable == 3)
    try run("UPDATE users SET confirmed = id = 2", site)
    let outcome = try planned.perform(in: site.store, at: site.now, by: Site.actor)
    #expect(outcome.pruned == 2)
    #expect(try keepReasons(planned) == [.confirmed, .confirmed, nil, nil])
    #expect(planned.kept.map(\.count) == [2])
  }

  @Test func `a plan that includes never mailed accounts is applied so`() throws {
    let (site, plan) = try site(includesNeverMailed: true)
    try run("DELETE FROM regctl_outbox", site)
    #expect(try apply(site, plan).reasons == [nil, nil, nil, nil])
  }

  @Test func `a duplicate ID is gone the second time`() throws {
    let (site, plan) = try site(["ann", "bob"])
    let lines = try FileSystem.read(plan, atMost: 10_000).split(separator: UInt8(ascii: "\n"))
    let twice = "\(plan)-twice"
    try FileSystem.create(
      twice, content: Array([lines[0], lines[1], lines[1]].joined(separator: [0x0a])))
    #expect(try apply(site, twice).reasons == [nil, .gone])
    #expect(try site.store.pruneRuns().map(\.pruned) == [1])
  }

  @Test func `a plan with too many accounts is not started`() throws {
    let (site, plan) = try site()
    #expect(throws: RegctlError.prune(.tooMany(4, limit: 3))) {
      try planned(site, plan, maximum: 3).survey(site.store)
    }
    #expect(throws: RegctlError.prune(.moreThanHalf(4, of: 4))) {
      try planned(site, plan, maximum: nil).survey(site.store)
    }
  }

  @Test func `a cutoff at which links are valid is rejected`() throws {
    let (site, plan) = try site()
    let now = site.now - Self.age + .seconds(3599)
    #expect(
      throws: RegctlError.prune(.plan(path: plan, line: 1, .shorterThanLinks(.seconds(3600))))
    ) {
      try PlannedPrune(
        PrunePlanFile(path: plan), at: now, maximum: nil, site.configuration())
    }
  }

  @Test func `a plan never overwrites a file`() throws {
    let (site, plan) = try site()
    #expect(
      throws: RegctlError.file(
        FileError(operation: "create", path: plan, code: FileError.existing))
    ) {
      try Prune.planNothing(into: plan, at: site.now)
    }
  }

  @Test func `an empty plan does nothing`() throws {
    let (site, _) = try site()
    let path = "\(site.directory.path)/nothing"
    try Prune.planNothing(into: path, at: site.now)
    let (run, reasons) = try apply(site, path)
    #expect(run == nil)
    #expect(reasons == [])
  }

  @Test func `a plan changed while it is applied is detected`() throws {
    let (site, plan) = try site()
    let planned = try planned(site, plan)
    _ = try planned.survey(site.store)
    let length = try FileSystem.read(plan, atMost: 10_000).count
    try #require(truncate(plan, length - 3) == 0)
    #expect(throws: RegctlError.prune(.plan(path: plan, line: 5, .changed))) {
      try planned.perform(in: site.store, at: site.now, by: Site.actor)
    }
    #expect(try site.store.accountCount() == 4)
  }
}
