import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Prune") struct StorePruneTests {
  private let site: Site

  init() throws { site = try Site() }

  private var horizon: Instant { site.now + .seconds(1) }

  // MARK: Candidates

  /// The addresses of the candidates, read in batches of a size.
  private func candidates(in site: Site, batch: Int = 2) throws -> [String] {
    var emails: [String] = []
    var place = ListPlace.beginning
    while true {
      let found = try site.store.pruneCandidates(
        after: place, cutoff: site.now + .seconds(1), limit: batch)
      emails += found.candidates.map(\.email)
      guard let next = found.next else { return emails }
      place = next
    }
  }

  @Test(arguments: [1, 2, 3, 100])
  func `candidates are paged, oldest first, without loss or repetition`(_ batch: Int) throws {
    for name in ["cy", "ann", "eve", "bob", "dan"] { try site.register("\(name)@x.org") }
    try site.store.execute("UPDATE users SET registered_on = '2020-01-01' WHERE id = 4")
    #expect(
      try candidates(in: site, batch: batch)
        == ["bob@x.org", "cy@x.org", "ann@x.org", "eve@x.org", "dan@x.org"])
  }

  @Test func `confirmed accounts, administrators and younger accounts are not candidates`() throws {
    for name in ["ann", "bob", "cy", "eve"] { try site.register("\(name)@x.org") }
    try site.confirmByHand("bob@x.org")
    _ = try AdministratorRights.grant(
      "cy@x.org", confirming: false, in: site.store, at: site.now, by: Site.actor)
    try site.store.run(
      "UPDATE users SET registered_on = $1 WHERE id = 4", .text(horizon.databaseText))
    #expect(try candidates(in: site) == ["ann@x.org"])
  }

  private func candidate(_ account: Account) throws -> PruneCandidate {
    let found = try site.store.pruneCandidates([account.id], cutoff: site.now).compactMap { $0 }
    return try #require(found.first)
  }

  @Test func `a candidate has its mails and audit entries`() throws {
    let ann = try site.register("ann@x.org", queuesMail: false)
    var found = try candidate(ann)
    #expect(found.lastMailState == nil && found.lastSent == nil && !found.hasPendingMail)
    #expect(found.lastAct == site.now)
    for _ in 0..<2 {
      _ = try site.store.enqueue(
        .confirm, to: ann, at: site.now, due: site.now, messageDomain: "app.example")
    }
    let sent = site.now + .seconds(60)
    try site.store.finish(MailID(rawValue: 1), as: .sent, reply: nil, at: sent)
    found = try candidate(ann)
    #expect(found.lastSent == sent && found.hasPendingMail && found.lastMailState == .queued)
    try site.store.finish(MailID(rawValue: 2), as: .failed, reply: nil, at: sent + .seconds(60))
    found = try candidate(ann)
    #expect(found.lastSent == sent && !found.hasPendingMail && found.lastMailState == .failed)
  }

  @Test func `an audit entry for many accounts counts for each`() throws {
    let ann = try site.register("ann@x.org")
    site.now = site.now + .seconds(60)
    _ = try site.token("ann@x.org")
    #expect(try candidate(ann).lastAct == site.now)
  }

  @Test(arguments: [
    ("2026-11-23 08:59:59.999999", true), ("2026-11-23 09:00:00.000000", false),
  ])
  func `age is also compared as stored`(_ stored: String, isOld: Bool) throws {
    try requireAge(of: stored, isOld: isOld)
  }

  @Test(.only(.sqlite, "a server stores only dates"))
  func `the age of what is not a date is compared as text`() throws {
    try requireAge(of: "yesterday", isOld: false)
  }

  private func requireAge(of stored: String, isOld: Bool) throws {
    let ann = try site.register("ann@x.org")
    try site.store.run("UPDATE users SET registered_on = $1", .text(stored))
    let found = try candidate(ann)
    #expect(found.stored == stored)
    #expect(found.isOldByText == isOld)
    #expect(found.registeredOn == Instant(parsing: stored).map(AccountDate.moment))
  }

  @Test func `a date without an offset from the application is local`() throws {
    let site = try Site(adopting: "SELECT 1")
    let ann = try site.register("ann@x.org")
    func dates() throws -> [AccountDate?] {
      let found = try site.store.pruneCandidates([ann.id], cutoff: site.now).compactMap { $0 }
      return found.flatMap { [$0.registeredOn, $0.latestRegistration.map(AccountDate.moment)] }
    }
    #expect(try dates() == [.moment(site.now), .moment(site.now)])
    try site.store.execute("DELETE FROM regctl_accounts")
    #expect(try dates() == [.local(site.now), .moment(site.now + .seconds(14 * 3600))])
    // A server stores dates without an offset.
    if TestEngine.current == .postgresql { return }
    try site.store.execute("UPDATE users SET registered_on = '2026-11-23T09:00:00Z'")
    #expect(try dates() == [.moment(site.now), .moment(site.now)])
  }

  @Test func `accounts are found in the given order, and none for a missing ID`()
    throws
  {
    let ann = try site.register("ann@x.org")
    let bob = try site.register("bob@x.org")
    let found = try site.store.pruneCandidates(
      [bob.id, AccountID(rawValue: 9), ann.id], cutoff: site.now)
    #expect(found.map { $0?.email } == ["bob@x.org", nil, "ann@x.org"])
    #expect(try site.store.pruneCandidates([], cutoff: site.now).isEmpty)
  }

  @Test func `all accounts are counted`() throws {
    #expect(try site.store.accountCount() == 0)
    try site.register("ann@x.org")
    try site.createAdministrator("bob@x.org")
    #expect(try site.store.accountCount() == 2)
  }

  // MARK: Archiving

  private func beginRun() throws -> Int64 {
    try site.store.beginPruneRun(
      cutoff: site.now - .seconds(60), at: site.now, by: Site.actor)
  }

  @Test func `a run is begun with nothing pruned`() throws {
    #expect(try beginRun() == 1)
    #expect(try beginRun() == 2)
    let runs = try site.store.pruneRuns()
    #expect(runs.map(\.number) == [2, 1])
    #expect(runs.map { [$0.pruned, $0.restored] } == [[0, 0], [0, 0]])
    #expect(runs.map(\.actor) == ["tester", "tester"])
    #expect(runs.map(\.at) == [site.now, site.now])
    #expect(runs.map(\.cutoff) == [site.now - .seconds(60), site.now - .seconds(60)])
  }

  @Test func `accounts are moved to the archive, unless one was confirmed or given rights`() throws
  {
    var ids: [AccountID] = []
    for name in ["ann", "bob", "cy", "eve"] { ids.append(try site.register("\(name)@x.org").id) }
    try site.confirmByHand("bob@x.org")
    _ = try AdministratorRights.grant(
      "cy@x.org", confirming: false, in: site.store, at: site.now, by: Site.actor)
    let run = try beginRun()
    for id in ids[1...2] {
      #expect(throws: RegctlError.store(.ignored(table: "users", triggers: []))) {
        try site.store.transaction { () throws(RegctlError) in
          try site.store.archive([ids[0], id], run: run, at: site.now)
        }
      }
    }
    #expect(try site.store.archive([ids[0]], run: run, at: site.now) == 1)
    #expect(
      try site.store.rows("SELECT email FROM users ORDER BY id") { $0.text(0) }
        == ["bob@x.org", "cy@x.org", "eve@x.org"])
    #expect(
      try site.store.archived(in: 1, after: AccountID(rawValue: .min), limit: 9).map(\.email)
        == ["ann@x.org"])
    #expect(try site.store.pruneRuns().map(\.pruned) == [1])
    #expect(
      try site.store.rows("SELECT account_id FROM regctl_tombstones") { $0.integer(0) } == [1])
  }

  @Test func `a trigger that keeps an account ends the run`() throws {
    let ann = try site.register("ann@x.org")
    try site.store.execute(
      Statement(
        sqlite: "CREATE TRIGGER keep BEFORE DELETE ON users BEGIN SELECT RAISE(IGNORE); END",
        postgreSQL: """
          CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
          CREATE TRIGGER keep BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep()
          """))
    let run = try beginRun()
    #expect(throws: RegctlError.store(.ignored(table: "users", triggers: ["keep"]))) {
      try site.store.transaction { () throws(RegctlError) in
        try site.store.archive([ann.id], run: run, at: site.now)
      }
    }
    #expect(try site.store.archived(in: run, after: AccountID(rawValue: .min), limit: 9).isEmpty)
  }

  // MARK: Restoring

  /// Archives new accounts in a run of their own.
  private func archive(_ emails: String...) throws -> [AccountID] {
    let ids = try emails.map { try site.register($0).id }
    _ = try site.store.archive(ids, run: beginRun(), at: site.now)
    return ids
  }

  @Test func `an archive is paged, and searched for an address in any spelling`() throws {
    let ids = try archive("ann@x.org", "bob@x.org", "cy@x.org")
    func emails(_ email: String? = nil, after last: Int64 = .min, limit: Int = 9) throws -> [String]
    {
      try site.store.archived(
        in: 1, email: email, after: AccountID(rawValue: last), limit: limit
      ).map(\.email)
    }
    #expect(try emails() == ["ann@x.org", "bob@x.org", "cy@x.org"])
    #expect(try emails(after: ids[0].rawValue, limit: 1) == ["bob@x.org"])
    #expect(try emails("BOB@x.org") == ["bob@x.org"])
    #expect(try emails("bob@x.or") == [])
    #expect(try site.store.archived(in: 2, after: AccountID(rawValue: .min), limit: 9).isEmpty)
  }

  @Test func `the newest run of an address is found`() throws {
    _ = try archive("ann@x.org")
    _ = try archive("ann@x.org", "bob@x.org")
    #expect(try site.store.pruneRun(of: "ANN@x.org") == 2)
    #expect(try site.store.pruneRun(of: "cy@x.org") == nil)
  }

  @Test func `an account is restored with its mails and audit entries`() throws {
    let ann = try site.register("ann@x.org")
    try site.store.revokeTokens(of: ann.id, at: site.now)
    let row: Statement = "SELECT id || email || password || registered_on || admin FROM users"
    let before = try site.store.rows(row) { $0.text(0) }
    let record = try site.store.sideRecord(of: ann.id)
    _ = try site.store.archive([ann.id], run: beginRun(), at: site.now)
    #expect(try site.store.restore(ann.id, of: 1) == ann.id)
    #expect(try site.store.rows(row) { $0.text(0) } == before)
    #expect(try site.store.sideRecord(of: ann.id) == record)
    #expect(try site.store.mails(of: ann.id).map(\.state) == [.cancelled])
    #expect(try site.acts(on: "ann@x.org") == [.register])
    #expect(try site.store.pruneRuns().map(\.restored) == [1])
    #expect(try site.store.pruneRun(of: "ann@x.org") == nil)
    #expect(try site.store.rows("SELECT run FROM regctl_tombstones") { $0.integer(0) } == [])
  }

  @Test func `an account whose ID is taken gets another, with its own history`() throws {
    let ann = try #require(try archive("ann@x.org").first)
    try site.freeReservedNumbers()
    try site.giveNumbersFrom(ann.rawValue)
    let bob = try site.register("bob@x.org")
    #expect(bob.id == ann)
    let restored = try site.store.restore(ann, of: 1)
    #expect(restored != ann)
    #expect(try site.store.account(restored)?.email == "ann@x.org")
    #expect(try site.store.mails(of: restored).map(\.email) == ["ann@x.org"])
    #expect(try site.store.mails(of: bob.id).map(\.email) == ["bob@x.org"])
    #expect(try site.acts(on: "bob@x.org") == [.register])
  }

  @Test(.only(.postgresql, "SQLite archives each column"))
  func `a whole row is archived, and comes back with its types`() throws {
    try site.store.execute(
      Statement(
        postgreSQL: """
          CREATE TYPE mood AS ENUM ('glad', 'sad');
          CREATE DOMAIN points AS INTEGER CHECK (value >= 0);
          ALTER TABLE users ADD COLUMN tags TEXT[], ADD COLUMN prefs JSONB, ADD COLUMN uid UUID,
            ADD COLUMN balance NUMERIC(30, 10), ADD COLUMN ratio DOUBLE PRECISION,
            ADD COLUMN small REAL, ADD COLUMN born DATE, ADD COLUMN seen TIMESTAMPTZ,
            ADD COLUMN held INTERVAL, ADD COLUMN picture BYTEA, ADD COLUMN mood mood,
            ADD COLUMN points points, ADD COLUMN network CIDR, ADD COLUMN period TSRANGE,
            ADD COLUMN "a ""b" TEXT, ADD COLUMN initial TEXT GENERATED ALWAYS AS (left(email, 1))
              STORED
          """))
    let ann = try site.register("ann@x.org")
    try site.store.execute(
      Statement(
        postgreSQL: #"""
          UPDATE users SET tags = ARRAY['a"b', NULL, 'ü'], prefs = jsonb_build_object('k', 1.50),
            uid = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', balance = 12345678901234567890.0123456789,
            ratio = '-Infinity', small = 0.1, born = '0044-03-15 BC',
            seen = '2026-11-23 09:00:00.123456+02', held = '1 mon -3 days 04:05:06.7',
            picture = '\x00ff5c', mood = 'sad', points = 7, network = '10.0.0.0/8',
            period = '[2026-01-01,infinity)', "a ""b" = E'it''s\n"é"\\'
          """#))
    let text = Statement(postgreSQL: "SELECT CAST(u AS TEXT) FROM users u")
    let before = try site.store.rows(text) { $0.text(0) }
    _ = try site.store.archive([ann.id], run: beginRun(), at: site.now)
    #expect(try site.store.rows(text) { $0.text(0) } == [])
    #expect(try site.store.restore(ann.id, of: 1) == ann.id)
    #expect(try site.store.rows(text) { $0.text(0) } == before)
  }

  @Test func `an account that is not in the archive is not restored`() throws {
    _ = try beginRun()
    #expect(throws: RegctlError.store(.ignored(table: "regctl_archive", triggers: []))) {
      _ = try site.store.restore(AccountID(rawValue: 1), of: 1)
    }
  }
}
