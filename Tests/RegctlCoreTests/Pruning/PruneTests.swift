import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Prune") struct PruneTests {
  private static let age = Duration.seconds(1_209_600)

  /// A site where Ann was registered and mailed some time ago.
  private func site(_ seconds: Int64 = 1_209_601) throws -> (Site, Account) {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "ok", at: site.now)
    site.now = site.now + .seconds(seconds)
    // Other accounts, so that Ann is less than half of all.
    for name in ["bob", "carol"] { try site.createAdministrator("\(name)@example.org") }
    return (site, ann)
  }

  private func prune(
    _ site: Site, maximum: Int? = nil, includesNeverMailed: Bool = false,
    settings: [String: String] = [:]
  ) throws -> Prune {
    Prune(
      olderThan: Self.age, at: site.now, maximum: maximum,
      includesNeverMailed: includesNeverMailed, try site.configuration(settings))
  }

  @discardableResult
  private func perform(
    _ site: Site, maximum: Int? = nil, includesNeverMailed: Bool = false
  ) throws -> Prune.Totals {
    let prune = try prune(site, maximum: maximum, includesNeverMailed: includesNeverMailed)
    return try prune.perform(
      prune.survey(site.store), in: site.store, at: site.now, by: Site.actor)
  }

  /// The reason why an account would be kept.
  private func keepReasons(_ site: Site) throws -> [PruneCandidate.KeepReason?] {
    var reasons: [PruneCandidate.KeepReason?] = []
    _ = try prune(site).look(site.store) { decisions in
      reasons += decisions.map(\.keepReason)
      return true
    }
    return reasons
  }

  /// Restores the next account of the first run.
  @discardableResult
  private func bringBack(_ site: Site) throws -> Account {
    let reversal = try PruneReversal(of: 1, at: site.now, by: Site.actor)
    return try #require(try reversal.next(atMost: 1, in: site.store)?.first).result.get()
  }

  // MARK: Rule

  @Test(arguments: [(1_209_599, 0), (1_209_600, 0), (1_209_601, 1)])
  func `an account older than the age is pruned`(_ seconds: Int64, count: Int) throws {
    let (site, _) = try site(seconds)
    #expect(try perform(site).pruned == count)
  }

  @Test func `confirmed accounts and administrators are not considered`() throws {
    let (site, _) = try site()
    try site.confirmByHand("ann@example.org")
    #expect(try keepReasons(site).isEmpty)
    #expect(try perform(site).run == nil)
  }

  @Test(arguments: [OutboxEntry.State.queued, .sending])
  func `an account with a queued mail is kept`(_ state: OutboxEntry.State) throws {
    let (site, ann) = try site()
    _ = try site.store.enqueue(
      .confirm, to: ann, at: site.now, due: site.now, messageDomain: "app.example")
    if state == .sending { _ = try site.store.beginAttempts([MailID(rawValue: 2)]) }
    #expect(try keepReasons(site) == [.mailPending])
  }

  @Test(arguments: OutboxEntry.State.allCases.filter(\.isFinal))
  func `without a final answer to its mail an account is kept`(
    _ state: OutboxEntry.State
  ) throws {
    let isAnswer = state == .sent || state == .failed || state == .bounced
    let (site, _) = try site()
    try site.store.finish(
      MailID(rawValue: 1), as: state, reply: "", at: site.now - .seconds(1_209_601))
    #expect(try keepReasons(site) == [isAnswer ? nil : .noFinalAnswer])
  }

  @Test func `an account whose mail was refused for a fault on this side is kept`() throws {
    let (site, _) = try site()
    for (reply, reason) in [
      ("550 5.7.1 blocked", PruneCandidate.KeepReason.noFinalAnswer), ("550 5.1.1 unknown", nil),
      ("550 no", nil),
    ] {
      try site.store.finish(
        MailID(rawValue: 1), as: .failed, reply: reply, at: site.now - .seconds(1_209_601))
      #expect(try keepReasons(site) == [reason])
    }
  }

  @Test func `an account never mailed is kept, unless requested otherwise`() throws {
    let (site, _) = try site()
    try site.store.execute("DELETE FROM regctl_outbox")
    #expect(try keepReasons(site) == [.noFinalAnswer])
    #expect(try perform(site, includesNeverMailed: true).pruned == 1)
  }

  @Test func `an account with a recently accepted mail is kept`() throws {
    let (site, _) = try site()
    try site.store.finish(
      MailID(rawValue: 1), as: .sent, reply: "", at: site.now - Self.age)
    #expect(try keepReasons(site) == [.recentMail])
  }

  @Test func `an account with a recent audit entry is kept`() throws {
    let (site, _) = try site()
    _ = try site.token("ann@example.org")
    #expect(try keepReasons(site) == [.recentAct])
  }

  @Test(.only(.sqlite, "a server stores only dates"))
  func `an account with an invalid date is kept`() throws {
    let (site, _) = try site()
    try site.store.execute("UPDATE users SET registered_on = '1' WHERE admin = FALSE")
    #expect(try keepReasons(site) == [.unreadableDate])
  }

  // MARK: Limits

  @Test func `a run beyond the limit is not started`() throws {
    let (site, _) = try site()
    let prune = try prune(site, settings: ["prune_max": "1"])
    #expect(try prune.survey(site.store).prunable == 1)
    let second = try site.register("dave@example.org")
    try site.store.execute(
      "UPDATE users SET registered_on = '2026-01-01 00:00:00' WHERE admin = FALSE")
    try site.store.execute("UPDATE regctl_audit SET at = 0")
    try site.store.finish(
      MailID(rawValue: 2), as: .failed, reply: "550", at: site.now)
    #expect(second.id.rawValue > 0)
    #expect(throws: RegctlError.prune(.tooMany(2, limit: 1))) { try prune.survey(site.store) }
  }

  @Test func `a run of more than half of the accounts is not started`() throws {
    let (site, _) = try site()
    try site.store.execute("DELETE FROM users WHERE email LIKE 'bob%'")
    #expect(try prune(site).survey(site.store).prunable == 1)
    try site.store.execute("DELETE FROM users WHERE email LIKE 'carol%'")
    #expect(throws: RegctlError.prune(.moreThanHalf(1, of: 1))) {
      try prune(site).survey(site.store)
    }
    #expect(try prune(site, maximum: 1).survey(site.store).prunable == 1)
  }

  // MARK: Archive

  @Test func `a pruned account is in the archive, and the error names its run`() throws {
    let (site, ann) = try site()
    #expect(try perform(site).run == 1)
    #expect(try site.store.account(ann.id) == nil)
    #expect(throws: RegctlError.account(.pruned(email: "Ann@example.org", run: 1))) {
      try site.store.account("Ann@example.org")
    }
    let run = try #require(site.store.pruneRuns().first)
    #expect((run.pruned, run.restored) == (1, 0))
  }

  @Test func `a restored account has its ID, mails and history`() throws {
    let (site, ann) = try site()
    let mails = try site.store.mails(of: ann.id)
    try perform(site)
    let back = try bringBack(site)
    #expect(back == ann)
    #expect(try site.store.mails(of: ann.id) == mails)
    #expect(try site.acts(on: ann.email) == [.register, .prune, .unprune])
    #expect(try site.store.pruneRuns().first?.restored == 1)
  }

  @Test func `an address that was taken meanwhile is refused`() throws {
    let (site, _) = try site()
    try perform(site)
    try site.register("ANN@example.org")
    #expect(
      throws: RegctlError.account(
        .alreadyRegistered(email: "ANN@example.org", isConfirmed: false))
    ) {
      try bringBack(site)
    }
  }

  @Test func `an ID that was taken meanwhile is accepted`() throws {
    let (site, ann) = try site()
    try perform(site)
    try site.store.execute(
      """
      INSERT INTO users (id, email, password, registered_on, admin, confirmed)
      VALUES (1, 'eve@example.org', '!', '2026-01-01 00:00:00', FALSE, FALSE)
      """)
    let back = try bringBack(site)
    #expect(back.id != ann.id)
    #expect(back.email == ann.email)
    #expect(try site.store.mails(of: back.id).count == 1)
  }

  @Test func `further columns of the application are restored exactly`() throws {
    let (site, _) = try site()
    try site.store.execute(
      Statement(
        sqlite: """
          ALTER TABLE users ADD COLUMN "a ""b" ;
          ALTER TABLE users ADD COLUMN note TEXT;
          UPDATE users SET "a ""b" = x'00ff', note = 'it''s é' WHERE id = 1
          """,
        postgreSQL: """
          ALTER TABLE users ADD COLUMN "a ""b" BYTEA;
          ALTER TABLE users ADD COLUMN note TEXT;
          UPDATE users SET "a ""b" = '\\x00ff', note = 'it''s é' WHERE id = 1
          """))
    func row() throws -> [[Value]] {
      try site.store.rows("SELECT \"a \"\"b\", note, registered_on FROM users WHERE id = 1") {
        [$0.value(0), $0.value(1), $0.value(2)]
      }
    }
    let before = try row()
    try perform(site)
    #expect(try row().isEmpty)
    try bringBack(site)
    #expect(try row() == before)
  }

  @Test func `an account that the application's rows reference is kept`() throws {
    let (site, _) = try site()
    try site.store.execute(
      """
      CREATE TABLE "the posts" (
        id INTEGER PRIMARY KEY, author INTEGER REFERENCES Users ON DELETE CASCADE);
      INSERT INTO "the posts" VALUES (1, 1)
      """)
    #expect(try keepReasons(site) == [.inUse])
    #expect(try perform(site).pruned == 0)
    try site.store.execute("DELETE FROM \"the posts\"")
    #expect(try perform(site).pruned == 1)
  }

  @Test(.only(.sqlite, "a server stores dates without an offset"))
  func `a date with an offset is as old as it says`() throws {
    let (site, _) = try site(1_209_601)
    let text = (site.now - Self.age).databaseText
    try site.store.run(
      "UPDATE users SET registered_on = $1 WHERE id = 1", .text("\(text)-00:01"))
    #expect(try keepReasons(site).filter { $0 != .tooYoung } == [])
  }

  // MARK: Outlook

  @Test func `an account is pruned when its last mail is old enough, or kept for a reason`() throws
  {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    func outlook() throws -> PruneOutlook? {
      try prune(site).outlook(on: ann, at: site.now, in: site.store)
    }
    #expect(try outlook() == .after(site.now + Self.age))
    let registered = site.now
    site.now = site.now + .seconds(60)
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: "ok", at: site.now)
    #expect(try outlook() == .after(registered + .seconds(60) + Self.age))
    site.now = site.now + Self.age
    #expect(try outlook() == .after(site.now))
    site.now = site.now + .seconds(1)
    #expect(try outlook() == .nextRun)
    try site.store.execute("DELETE FROM regctl_outbox")
    #expect(try outlook() == .kept(.noFinalAnswer))
  }

  @Test func `confirmed accounts and administrators have no outlook`() throws {
    let site = try Site()
    let root = try site.createAdministrator("root@example.org")
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    for account in [root, try site.store.account("ann@example.org")] {
      #expect(try prune(site).outlook(on: account, at: site.now, in: site.store) == nil)
    }
  }

  // MARK: Mails of the application

  /// A site of an application with ten accounts in each of ten weeks, of which six are confirmed, but
  /// one in the fifth week.
  private func siteOfApplication() throws -> Site {
    let site = try Site(
      adopting: Statement(
        sqlite: """
          WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 99)
          INSERT INTO users (email, password, registered_on, admin, confirmed)
          SELECT 'u' || (n / 10) || '-' || (n % 10) || '@x.org', '!',
            date('2026-08-26', '+' || (n / 10 * 7) || ' days') || ' 12:00:00.000000', 0,
            n % 10 < CASE n / 10 WHEN 4 THEN 1 ELSE 6 END
          FROM n
          """,
        postgreSQL: """
          INSERT INTO users (email, password, registered_on, admin, confirmed)
          SELECT 'u' || (n / 10) || '-' || (n % 10) || '@x.org', '!',
            TIMESTAMP '2026-08-26 12:00' + n / 10 * INTERVAL '7 days', FALSE,
            n % 10 < CASE n / 10 WHEN 4 THEN 1 ELSE 6 END
          FROM generate_series(0, 99) AS n
          """))
    site.now = site.now + .seconds(86_400)
    return site
  }

  private func keepReasons(
    _ site: Site, _ settings: [String: String], includesNeverMailed: Bool = false
  ) throws -> [String: PruneCandidate.KeepReason?] {
    var reasons: [String: PruneCandidate.KeepReason?] = [:]
    _ = try prune(site, includesNeverMailed: includesNeverMailed, settings: settings)
      .look(site.store) { decisions in
        for decision in decisions { reasons[decision.candidate.email] = decision.keepReason }
        return true
      }
    return reasons
  }

  private let applicationMails = ["application_mails": "yes"]

  @Test func `accounts of the application are kept unless it mails by itself`() throws {
    let site = try siteOfApplication()
    #expect(try Set(keepReasons(site, [:]).values) == [.noFinalAnswer])
    let reasons = try keepReasons(site, applicationMails)
    #expect(reasons.count == 45)
    for (email, reason) in reasons {
      #expect(reason == (email.hasPrefix("u4-") ? .weakCohort : nil), "\(email)")
    }
  }

  @Test func `a weak week is pruned only if told`() throws {
    let site = try siteOfApplication()
    let reasons = try keepReasons(site, applicationMails, includesNeverMailed: true)
    #expect(Set(reasons.values) == [nil])
  }

  @Test func `a mail of regctl decides, and not the week`() throws {
    let site = try siteOfApplication()
    let states = ["sent", "failed", "cancelled", "queued"]
    for (number, state) in states.enumerated() {
      try site.store.run(
        """
        INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at,
          next_attempt_at, finished_at, message_id)
        SELECT id, email, 'confirm', 'confirm', $1, 0, 0, 0, '1.abc' FROM users WHERE email = $2
        """, .text(state), .text("u4-\(number + 1)@x.org"))
    }
    let reasons = try keepReasons(site, applicationMails)
    #expect(reasons["u4-1@x.org"] == .some(nil))
    #expect(reasons["u4-2@x.org"] == .some(nil))
    #expect(reasons["u4-3@x.org"] == .noFinalAnswer)
    #expect(reasons["u4-4@x.org"] == .mailPending)
  }

  @Test func `pruned and restored accounts leave the shares unchanged`() throws {
    let site = try siteOfApplication()
    func perform() throws -> Prune.Totals {
      let prune = try prune(site, settings: applicationMails)
      return try prune.perform(
        prune.survey(site.store), in: site.store, at: site.now, by: Site.actor)
    }
    let days = try site.store.confirmationsByDay(registeredBefore: site.now)
    #expect(try perform().pruned == 36)
    let pruned = try site.store.confirmationsByDay(registeredBefore: site.now)
    #expect(pruned.reduce(0) { $0 + $1.accounts } == days.reduce(0) { $0 + $1.accounts })
    #expect(try perform().pruned == 0)
    #expect(try Set(keepReasons(site, applicationMails).values) == [.weakCohort])
    let reversal = try PruneReversal(of: 1, at: site.now, by: Site.actor)
    while try reversal.next(atMost: 100, in: site.store) != nil {}
    let restored = try site.store.confirmationsByDay(registeredBefore: site.now)
    #expect(restored.reduce(0) { $0 + $1.accounts } == 100)
  }

  @Test func `an account that is confirmed after the weeks were counted is kept`() throws {
    let site = try siteOfApplication()
    let prune = try prune(site, settings: applicationMails)
    let survey = try prune.survey(site.store)
    #expect(survey.prunable == 36)
    #expect(survey.kept.map(\.reason) == [.weakCohort])
    #expect(survey.kept.map(\.count) == [9])
    try site.store.execute(
      "UPDATE users SET confirmed = TRUE WHERE email IN ('u0-9@x.org', 'u4-9@x.org')")
    #expect(try prune.perform(survey, in: site.store, at: site.now, by: Site.actor).pruned == 35)
    #expect(try site.store.accountIfAny("u0-9@x.org") != nil)
  }

  @Test func `administrators and accounts younger than the age are not counted`() throws {
    let site = try siteOfApplication()
    try site.store.execute(
      """
      UPDATE users SET admin = TRUE WHERE email = 'u0-0@x.org';
      UPDATE users SET registered_on = '2026-11-11' WHERE email = 'u0-1@x.org'
      """)
    let days = try site.store.confirmationsByDay(registeredBefore: site.now - Self.age)
    #expect(days.map(\.accounts).reduce(0, +) == 98)
    #expect(days.first { $0.day == "2026-08-26" }?.confirmed == 4)
  }

  // MARK: Local time

  /// A site whose only stale account was registered by the application at a local time.
  private func adopted(_ local: String) throws -> Site {
    let site = try Site(adopting: "SELECT 1")
    for name in ["bob", "carol"] { try site.createAdministrator("\(name)@example.org") }
    try site.store.run(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('ann@example.org', '!', $1, FALSE, FALSE)
      """, .text(local))
    return site
  }

  /// The decisions on the listed accounts.
  private func listed(
    _ site: Site, zone: String?
  ) throws -> (reasons: [PruneCandidate.KeepReason?], doubtful: Int) {
    let prune = try prune(site, includesNeverMailed: true)
    site.store.zone = try zone.map(DatabaseZone.init)
    var reasons: [PruneCandidate.KeepReason?] = []
    _ = try prune.look(site.store) { decisions in
      reasons += decisions.filter(\.isListed).map(\.keepReason)
      return true
    }
    let survey = try prune.survey(site.store)
    #expect(survey.prunable == reasons.count { $0 == nil })
    let outcome = try prune.perform(survey, in: site.store, at: site.now, by: Site.actor)
    #expect(outcome.pruned == survey.prunable)
    return (reasons, survey.doubtful)
  }

  // The cutoff is 2026-11-09 09:00 UTC.
  @Test(arguments: [
    ("UTC", "2026-11-09 08:59:59", "2026-11-09 09:00:00"),
    ("Europe/Berlin", "2026-11-09 09:59:59", "2026-11-09 10:00:00"),
    ("Asia/Tokyo", "2026-11-09 17:59:59", "2026-11-09 18:00:00"),
    ("Pacific/Kiritimati", "2026-11-09 22:59:59", "2026-11-09 23:00:00"),
    ("America/Los_Angeles", "2026-11-09 00:59:59", "2026-11-09 01:00:00"),
    ("Etc/GMT+12", "2026-11-08 20:59:59", "2026-11-08 21:00:00"),
  ])
  func `the application's accounts are as old as its zone says`(
    _ zone: String, old: String, young: String
  ) throws {
    #expect(try listed(adopted(old), zone: zone).reasons == [nil])
    // It is not listed, like every account that is too young.
    #expect(try listed(adopted(young), zone: zone).reasons == [])
  }

  @Test(
    arguments: [
      ("2026-11-08 18:59:59", [nil], 1), ("2026-11-08 19:00:00", [], 1),
      ("2026-11-09 08:59:59", [], 1), ("2026-11-09 09:00:00.0000000", [], 0),
    ]
      // A server stores only dates, and without an offset.
      + (TestEngine.current == .postgresql
        ? []
        : [
          ("2026-11-09 08:59:59Z", [nil], 0), ("2026-11-09 08:59:59-00:01", [.tooYoung], 0),
          ("2026-11-0", [.unreadableDate], 0),
        ]) as [(String, [PruneCandidate.KeepReason?], Int)])
  func `without a zone accounts get fourteen hours more, and are counted`(
    _ local: String, expected: [PruneCandidate.KeepReason?], doubtful: Int
  ) throws {
    let (reasons, count) = try listed(adopted(local), zone: nil)
    #expect(reasons == expected)
    #expect(count == doubtful)
  }

  @Test(arguments: ["Asia/Tokyo", "America/Los_Angeles", nil])
  func `what regctl registered is UTC in any zone`(_ zone: String?) throws {
    for (seconds, count) in [(Int64(1_209_600), 0), (1_209_601, 1)] {
      let (site, _) = try site(seconds)
      #expect(try listed(site, zone: zone).reasons.count == count)
    }
  }

  @Test(.only(.sqlite, "a server stores dates without an offset"), arguments: ["Asia/Tokyo", nil])
  func `a date with an offset needs no zone`(_ zone: String?) throws {
    #expect(try listed(adopted("2026-11-09 08:59:59Z"), zone: zone).reasons == [nil])
    #expect(try listed(adopted("2026-11-09 09:00:00Z"), zone: zone).reasons == [])
  }

  @Test func `in a repeated hour the later time is assumed`() throws {
    let site = try adopted("2026-10-25 02:30:00")
    site.now = Instant(seconds: 1_792_891_800) + Self.age  // 2026-10-25 01:30 UTC
    #expect(try listed(site, zone: "Europe/Berlin").reasons == [])
    site.now = site.now + .seconds(1)
    #expect(try listed(site, zone: "Europe/Berlin").reasons == [nil])
  }

  // MARK: Selection

  /// A site with stale accounts, two of them of another domain, and two administrators.
  private func crowd() throws -> Site {
    let site = try Site()
    for email in ["a@x.org", "b@y.org", "C@y.org", "d@x.org", "e@sub.y.org"] {
      try site.register(email, queuesMail: false)
      site.now = site.now + .seconds(86_400)
    }
    site.now = site.now + .seconds(1_209_601)
    for name in ["bob", "carol", "eve", "kim", "lou", "max"] {
      try site.createAdministrator("\(name)@example.org")
    }
    return site
  }

  private func pruned(
    _ site: Site, only filter: PruneFilter = PruneFilter(), limit: Int = .max
  ) throws -> [String] {
    let prune = Prune(
      olderThan: Self.age, at: site.now, maximum: nil, includesNeverMailed: true, only: filter,
      limit: limit, try site.configuration())
    var seen: [String] = []
    let survey = try prune.look(site.store) { decisions in
      seen += decisions.filter { $0.keepReason == nil }.map(\.candidate.email)
      return true
    }
    #expect(survey.prunable == seen.count)
    let totals = try prune.perform(
      prune.survey(site.store), in: site.store, at: site.now, by: Site.actor)
    #expect(totals.pruned == seen.count)
    let left = try site.store.accounts(after: nil, matching: .unconfirmed, limit: 10).map(\.email)
    #expect(Set(left).isDisjoint(with: seen))
    #expect(left.count + seen.count == 5)
    return seen
  }

  @Test func `only accounts of a domain go`() throws {
    let site = try crowd()
    let filter = try PruneFilter(ids: nil, domain: "y.org", since: nil, before: nil)
    #expect(try pruned(site, only: filter) == ["b@y.org", "C@y.org"])
  }

  @Test func `only accounts of a time go`() throws {
    let site = try crowd()
    let filter = try PruneFilter(
      ids: nil, domain: nil, since: Site.start + .seconds(86_400),
      before: Site.start + .seconds(3 * 86_400))
    #expect(try pruned(site, only: filter) == ["b@y.org", "C@y.org"])
  }

  @Test func `only named accounts go`() throws {
    let site = try crowd()
    let id = try site.store.account("d@x.org").id
    let filter = try PruneFilter(ids: [id], domain: nil, since: nil, before: nil)
    #expect(try pruned(site, only: filter) == ["d@x.org"])
  }

  @Test func `at most so many of the oldest go`() throws {
    #expect(try pruned(crowd(), limit: 2) == ["a@x.org", "b@y.org"])
  }
}
