import SQL
import TestSupport
import Testing

@testable import RegctlCore

/// A database on a server that sorts text by the rules of a language: regctl compares bytes, and
/// folds ASCII only, as in a file.
@Suite("Collation of a server's database", .once) struct CollationTests {
  private let database: TemporaryDatabase
  private let store: Store

  init() throws {
    database = try TemporaryDatabase(language: "de")
    let location = try DatabaseLocation(database.address)
    try Store.create(location, journalMode: .wal, at: Site.start, by: Site.actor)
    store = try Store.open(location, for: .writing, busyTimeout: .zero)
  }

  private func add(_ emails: String..., isAdmin: Bool = false) throws {
    for email in emails {
      try store.run(
        """
        INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ($1, '!', '2026-01-01', $2, $2)
        """, .text(email), .boolean(isAdmin))
    }
  }

  @Test func `the control: the database has other rules`() throws {
    let rules = try store.first(
      "SELECT 'a' < 'B', 'ab' > 'ä', 'a1@x' > 'a@x', lower('ÄB') = 'äb'"
    ) { row in (0..<4).map { row.boolean($0) } }
    #expect(rules == [true, true, true, true])
  }

  @Test func `administrators are in the order of bytes without regard to ASCII case`() throws {
    try add("b@x.org", "ä@x.org", "C@x.org", "a@x.org", isAdmin: true)
    #expect(
      try store.administrators().map(\.email) == ["a@x.org", "b@x.org", "C@x.org", "ä@x.org"])
  }

  @Test(arguments: [1, 2, 100])
  func `a list by address is in the order of bytes without regard to ASCII case`(
    _ limit: Int
  ) throws {
    try add("B@x.org", "ä@x.org", "a@x.org", "a1@x.org", "Ä@x.org", "A2@x.org")
    var filter = AccountFilter.unconfirmed
    filter.order = .email
    var listed: [ListedAccount] = []
    while case let page = try store.accounts(
      after: listed.last?.place, matching: filter, limit: limit), !page.isEmpty
    {
      listed += page
    }
    #expect(
      listed.map(\.email)
        == ["a1@x.org", "A2@x.org", "a@x.org", "B@x.org", "Ä@x.org", "ä@x.org"])
  }

  @Test func `a prefix selects what begins with it`() throws {
    try add("a@x.org", "A1@x.org", "ä@x.org", "b@x.org")
    #expect(
      try store.candidates(.all, prefix: "a").map(\.value) == ["A1@x.org", "a@x.org"])
    #expect(try store.candidates(.all, prefix: "ä").map(\.value) == ["ä@x.org"])
  }

  @Test func `letters beyond ASCII are not folded`() throws {
    try add("ä@x.org")
    #expect(try store.accountIfAny("Ä@x.org") == nil)
    #expect(try store.accountIfAny("ä@X.org")?.email == "ä@x.org")
    try add("Ä@x.org")
    #expect(try store.duplicateAddresses() == [])
    let bearers = try store.tokenBearers(["Ä@x.org", "ä@x.org"]).map { try $0.get().email }
    #expect(bearers == ["Ä@x.org", "ä@x.org"])
  }

  @Test func `the history of an address is that of its bytes, but for ASCII case`() throws {
    try add("ä@x.org")
    let account = try store.account("ä@x.org")
    try store.transaction { () throws(RegctlError) in
      try store.delete(account.id, at: Site.start)
      try store.record(
        AuditEntry(
          act: .delete, at: Site.start, actor: Site.actor,
          account: AccountID(rawValue: -account.id.rawValue), email: account.email))
    }
    #expect(try store.lastDeletion(of: "ä@X.org") == Site.start.seconds)
    #expect(try store.lastDeletion(of: "Ä@x.org") == nil)
    #expect(try store.auditEntries(ofAccount: "ä@X.org").map(\.entry.act) == [.delete])
    #expect(throws: RegctlError.account(.notFound("Ä@x.org"))) {
      try store.auditEntries(ofAccount: "Ä@x.org")
    }
  }

  @Test func `domains are grouped by their bytes, but for ASCII case`() throws {
    try add("a@x.ORG", "b@X.org", "a@ä.org", "a@Ä.org")
    #expect(
      try store.funnel(in: ReportInterval()).map { "\($0.domain) \($0.registered)" }
        == ["x.org 2", "Ä.org 1", "ä.org 1"])
  }
}
