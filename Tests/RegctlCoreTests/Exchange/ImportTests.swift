import Glibc
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Import") struct ImportTests {
  private let site: Site

  init() throws { site = try Site() }

  private struct Outcome: Equatable {
    var imported = 0
    var unchanged = 0
    var faults: [ImportError.Fault] = []
  }

  private func run(_ text: String, isDryRun: Bool = false, into other: Site? = nil) throws
    -> Outcome
  {
    let site = other ?? self.site
    let path = try site.directory.write("accounts", text)
    defer { unlink(path) }
    let work = try Import(
      AccountFile(path: path), named: "accounts", into: site.store, isDryRun: isDryRun,
      at: site.now,
      by: Site.actor)
    var outcome = Outcome()
    while let batch = try work.nextBatch() {
      outcome.imported += batch.imported
      outcome.unchanged += batch.unchanged
      outcome.faults += batch.refusals.map(\.error.fault)
    }
    return outcome
  }

  private func emails(_ site: Site) throws -> [String] {
    let stored = try site.store.storedAccounts(after: AccountID(rawValue: 0), limit: 100_000)
    return stored.accounts.map { account in
      String(decoding: stored.text[account.email ?? 0..<0], as: UTF8.self)
    }
  }

  @Test(arguments: [false, true])
  func `the other spelling of a domain is the same account`(_ isDryRun: Bool) throws {
    try site.register("ann@bücher.example")
    let lines = """
      email
      ann@xn--bcher-kva.example
      bob@xn--bcher-kva.example
      bob@bücher.example
      eve@my_host.example
      eve@xn--a.example

      """
    #expect(
      try run(lines, isDryRun: isDryRun)
        == Outcome(
          imported: 3,
          faults: [
            .registered(email: "ann@bücher.example"),
            .registered(email: "bob@xn--bcher-kva.example"),
          ]))
  }

  @Test func `accounts are written as in the file and recorded in the audit`() throws {
    #expect(
      try run("email,registered_on,confirmed_on\nann@example.org,2020-01-01,2020-01-02\n").imported
        == 1)
    let account = try site.store.account("ann@example.org")
    #expect(account.isConfirmed && !account.isAdmin)
    #expect(account.registeredOn == .moment(try #require(Instant(parsing: "2020-01-01"))))
    let entries = try site.store.auditEntries(ofAccount: "ann@example.org")
    #expect(entries.map(\.act) == [.importAccounts])
    #expect(entries.map(\.reason) == ["accounts"])
    #expect(try site.store.mails(of: account.id).isEmpty)
  }

  @Test func `an account without a date is registered now`() throws {
    #expect(try run("email\nann@example.org\n").imported == 1)
    #expect(try site.store.account("ann@example.org").registeredOn == .moment(site.now))
    site.now = site.now + .seconds(60)
    #expect(try run("email\nann@example.org\n") == Outcome(unchanged: 1))
  }

  @Test func `a link mailed earlier by the other system confirms`() throws {
    #expect(try run("email\nann@example.org\n").imported == 1)
    let token = try site.token("ann@example.org")
    #expect(try site.store.sideRecord(of: AccountID(rawValue: 1)).registeredAt == nil)
    #expect(
      try Confirm.byToken(
        token, authority: site.authority(), in: site.store, at: site.now, by: Site.actor
      ).isNew)
  }

  @Test func `a dry run has the same results as the import`() throws {
    try site.register("old@example.org")
    let text = """
      {"email":"ann@example.org"}
      {"email":"ANN@example.org"}
      {"email":"bob@example.org","id":3}
      {"email":"eve@example.org","id":3}
      {"email":"fay@example.org"}
      {"email":"gus@example.org","id":4}
      {"email":"old@example.org"}
      {"email":"hal@example.org","id":1}
      {"email":"bob@example.org","id":3}

      """
    let rehearsed = try run(text, isDryRun: true)
    #expect(try emails(site) == ["old@example.org"])
    let done = try run(text)
    #expect(rehearsed == done)
    #expect(
      done
        == Outcome(
          imported: 3, unchanged: 2,
          faults: [
            .registered(email: "ann@example.org"),
            .numberTaken(AccountID(rawValue: 3), by: "bob@example.org"),
            .numberTaken(AccountID(rawValue: 4), by: "fay@example.org"),
            .numberTaken(AccountID(rawValue: 1), by: "old@example.org"),
          ]))
    #expect(
      try emails(site) == [
        "old@example.org", "ann@example.org", "bob@example.org", "fay@example.org",
      ])
  }

  @Test func `addresses that differ in case in an adopted database are unchanged`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', 0, 0, NULL),
          (2, 'Ann@example.org', '!', '2026-01-01', 1, 0, NULL)
        """)
    let outcome = try run(
      "email,admin,registered_on\nann@example.org,0,\nAnn@example.org,1,2026-01-01\nANN@example.org,0,\n",
      into: site)
    #expect(outcome == Outcome(unchanged: 2, faults: [.registered(email: "ann@example.org")]))
  }

  @Test func `many lines are many batches, and one entry of the audit`() throws {
    let count = 5000
    let text = (1...count).map { "user\($0)@example.org\n" }.joined()
    #expect(try run("email\n" + text) == Outcome(imported: count))
    let acts = try site.store.auditEntries(after: 0, since: nil, limit: 100).map(\.entry.act)
    #expect(acts.count { $0 == .importAccounts } == 1)
    let rows = try site.store.first("SELECT count(*) FROM regctl_audit WHERE act LIKE 'import%'") {
      $0.count(0)
    }
    #expect(try #require(rows) > 1)
    #expect(try site.store.auditEntries(ofAccount: "user\(count)@example.org").count == 1)
    #expect(try run("email\n" + text) == Outcome(unchanged: count))
    #expect(try site.store.auditEntries(after: 0, since: nil, limit: 100).map(\.entry.act) == acts)
  }
}
