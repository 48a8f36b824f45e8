import SQL
import Testing

@testable import RegctlCore

@Suite("Store+Candidates") struct StoreCandidatesTests {
  private let site: Site

  init() throws { site = try Site() }

  /// Registers accounts `a1` to `aN`.
  private func register(_ count: Int) throws {
    try site.store.run(
      """
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      SELECT 'a' || i || '@example.org', '!', '2026-01-01', FALSE, FALSE FROM n
      """, .integer(Int64(count)))
  }

  // MARK: Accounts

  @Test func `an account is offered with its state`() throws {
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    try site.confirmByHand("bob@example.org")
    try site.createAdministrator("cy@example.org")
    #expect(
      try site.store.candidates(.all, prefix: "") == [
        Candidate("ann@example.org", "unconfirmed"), Candidate("bob@example.org", "confirmed"),
        Candidate("cy@example.org", "confirmed administrator"),
      ])
    #expect(
      try site.store.candidates(.unconfirmed, prefix: "").map(\.value) == ["ann@example.org"])
    #expect(try site.store.candidates(.admins, prefix: "").map(\.value) == ["cy@example.org"])
  }

  @Test(arguments: [
    ("ann", ["Ann@example.org", "anne@example.org"]), ("ANNE", ["anne@example.org"]),
    ("nn", []), ("%", []), ("ann@example.org2", []), ("an_", []),
  ])
  func `a prefix is taken literally, but for ASCII case`(
    _ prefix: String, expected: [String]
  ) throws {
    for email in ["Ann@example.org", "anne@example.org", "bob@example.org"] {
      try site.register(email)
    }
    #expect(try site.store.candidates(.all, prefix: prefix).map(\.value) == expected)
  }

  @Test func `at most two hundred are offered`() throws {
    try register(300)
    #expect(try site.store.candidates(.all, prefix: "").count == 200)
    #expect(try site.store.candidates(.unconfirmed, prefix: "a").count == 200)
    #expect(try site.store.candidates(.all, prefix: "a29").count == 11)
  }

  @Test func `only the beginning of a long table is read`() throws {
    try register(20_001)
    try site.store.execute("UPDATE users SET admin = TRUE WHERE email = 'a9@example.org'")
    // It is the last by address, behind the accounts that are read.
    #expect(try site.store.candidates(.admins, prefix: "") == [])
    #expect(
      try site.store.candidates(.admins, prefix: "a9@").map(\.value) == ["a9@example.org"])
  }

  // MARK: Mails

  @Test func `mails are offered newest first, by state and number`() throws {
    for name in ["ann", "bob", "eve"] { try site.register("\(name)@example.org") }
    try site.store.finish(MailID(rawValue: 2), as: .failed, reply: "no", at: site.now)
    func numbers(_ states: [OutboxEntry.State], _ prefix: String = "") throws -> [String] {
      try site.store.candidates(mailsIn: states, prefix: prefix).map(\.value)
    }
    #expect(try numbers(OutboxEntry.State.allCases) == ["3", "2", "1"])
    #expect(try numbers([.queued]) == ["3", "1"])
    #expect(try numbers([.queued, .failed], "2") == ["2"])
    #expect(try numbers([]) == [])
    #expect(
      try site.store.candidates(mailsIn: [.failed], prefix: "")
        == [Candidate("2", "bob@example.org failed")])
  }

  @Test func `a prefix matches the beginning of a mail's ID`() throws {
    for number in 1...12 { try site.register("a\(number)@example.org") }
    #expect(
      try site.store.candidates(mailsIn: [.queued], prefix: "1").map(\.value)
        == ["12", "11", "10", "1"])
  }

  // MARK: Prune runs

  /// Inserts runs of which some accounts were restored.
  private func prune(_ runs: [(pruned: Int64, restored: Int64)]) throws {
    for run in runs {
      try site.store.run(
        """
        INSERT INTO regctl_prunes (at, actor, uid, cutoff, pruned, restored)
        VALUES (0, 'cron', 0, 0, $1, $2)
        """, .integer(run.pruned), .integer(run.restored))
    }
  }

  @Test func `a run of which all accounts were restored is not offered`() throws {
    try prune([(1, 0), (2, 2), (5, 2)])
    #expect(
      try site.store.candidates(runsWithPrefix: "")
        == [Candidate("3", "3 accounts"), Candidate("1", "1 account")])
    #expect(try site.store.candidates(runsWithPrefix: "3").map(\.value) == ["3"])
    #expect(try site.store.candidates(runsWithPrefix: "2") == [])
  }

  @Test func `pruned addresses are offered with their run`() throws {
    try site.store.execute(
      Statement(
        sqlite: """
          INSERT INTO regctl_archive (run, account_id, email)
          VALUES (1, 2, 'Bob@example.org'), (2, 1, 'ann@example.org'), (2, 3, 'bo@example.org')
          """,
        postgreSQL: """
          INSERT INTO regctl_archive (run, account_id, email, account)
          VALUES (1, 2, 'Bob@example.org', jsonb_build_object()), (2, 1, 'ann@example.org', jsonb_build_object()),
            (2, 3, 'bo@example.org', jsonb_build_object())
          """))
    #expect(
      try site.store.candidates(prunedWithPrefix: "BO")
        == [Candidate("bo@example.org", "run 2"), Candidate("Bob@example.org", "run 1")])
    #expect(try site.store.candidates(prunedWithPrefix: "").count == 3)
  }
}
