import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Unconfirmed") struct StoreUnconfirmedTests {
  /// The matching addresses, read in batches of a size.
  private func emails(
    in site: Site, batch: Int = 2, _ change: (inout UnconfirmedFilter) -> Void = { _ in }
  ) throws -> [String] {
    var filter = UnconfirmedFilter()
    change(&filter)
    var emails: [String] = []
    var last: UnconfirmedAccount?
    while true {
      let accounts = try site.store.unconfirmedAccounts(
        after: last, matching: filter, limit: batch)
      guard let newest = accounts.last, accounts.count <= batch else { return emails }
      emails += accounts.map(\.email)
      last = newest
    }
  }

  @Test(arguments: [1, 2, 3, 5, 100])
  func `accounts of one second are paged without loss or repetition`(_ batch: Int) throws {
    let site = try Site()
    for letter in ["c", "a", "e", "b", "d"] { try site.register("\(letter)@x.org") }
    #expect(
      try emails(in: site, batch: batch) == ["c@x.org", "a@x.org", "e@x.org", "b@x.org", "d@x.org"])
  }

  @Test func `the oldest come first`() throws {
    let site = try Site()
    for (email, age) in [("b@x.org", 2), ("c@x.org", 1), ("a@x.org", 3)] {
      site.now = Instant(seconds: Int64(1_795_424_400 - age))
      try site.register(email)
    }
    #expect(try emails(in: site) == ["a@x.org", "b@x.org", "c@x.org"])
  }

  @Test(arguments: [1, 2, 100])
  func `by address, the order is that of bytes, on a server without regard to ASCII case`(
    _ batch: Int
  ) throws {
    let site = try Site()
    for email in ["b@x.org", "ä@x.org", "a_@x.org", "ab@x.org", "Aa@x.org", "C@x.org"] {
      try site.store.run(
        """
        INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ($1, '!', '2026-01-01', FALSE, FALSE)
        """, .text(email))
    }
    let expected = TestEngine.choose(
      sqlite: ["Aa@x.org", "C@x.org", "a_@x.org", "ab@x.org", "b@x.org", "ä@x.org"],
      postgresql: ["a_@x.org", "Aa@x.org", "ab@x.org", "b@x.org", "C@x.org", "ä@x.org"])
    #expect(try emails(in: site, batch: batch) { $0.order = .email } == expected)
  }

  @Test(arguments: [1, 2, 100], UnconfirmedFilter.Order.allCases)
  func `addresses that differ only in case are all listed`(
    _ batch: Int, order: UnconfirmedFilter.Order
  ) throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'eve@x.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'Eve@x.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (3, 'EVE@x.org', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
    #expect(
      try Set(emails(in: site, batch: batch) { $0.order = order })
        == ["eve@x.org", "Eve@x.org", "EVE@x.org"])
  }

  @Test func `accounts confirmed between two batches are omitted, new ones are listed`() throws {
    let site = try Site()
    for letter in ["a", "b", "c"] { try site.register("\(letter)@x.org") }
    let filter = UnconfirmedFilter()
    let first = try site.store.unconfirmedAccounts(after: nil, matching: filter, limit: 1)
    try site.confirmByHand("b@x.org")
    try site.register("d@x.org")
    let rest = try site.store.unconfirmedAccounts(after: first.last, matching: filter, limit: 10)
    #expect(rest.map(\.email) == ["c@x.org", "d@x.org"])
  }

  @Test func `confirmed accounts are not listed`() throws {
    let site = try Site()
    try site.createAdministrator("a@x.org")
    try site.register("b@x.org")
    #expect(try emails(in: site) == ["b@x.org"])
  }

  @Test func `times are compared to the microsecond`() throws {
    let site = try Site()
    for microseconds in 0..<3 {
      site.now = Instant(microseconds: 1_795_424_400_000_000 + Int64(microseconds))
      try site.register("a\(microseconds)@x.org")
    }
    let middle = Instant(microseconds: 1_795_424_400_000_001)
    #expect(try emails(in: site) { $0.registeredBefore = middle } == ["a0@x.org"])
    #expect(try emails(in: site) { $0.registeredAfter = middle } == ["a2@x.org"])
  }

  @Test(arguments: [
    ("x.org", ["a@x.org", "b@X.org"]), ("X.ORG", ["a@x.org", "b@X.org"]),
    ("y.x.org", ["c@y.x.org"]),
    ("org", []), ("%", []), ("x_org", []),
  ])
  func `a domain matches as a whole`(_ domain: String, expected: [String]) throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'a@x.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'b@X.org', '!', '2026-01-02', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (3, 'c@y.x.org', '!', '2026-01-03', FALSE, FALSE, NULL)
        """)
    #expect(try emails(in: site) { $0.domain = domain } == expected)
    #expect(
      try emails(in: site) {
        $0.domain = domain
        $0.order = .email
      } == expected)
  }

  @Test func `a row has the state of the last mail`() throws {
    let site = try Site()
    try site.register("a@x.org")
    try site.register("b@x.org", queuesMail: false)
    try site.store.execute(
      "UPDATE regctl_outbox SET state = 'sent', finished_at = 1795424460")
    let accounts = try site.store.unconfirmedAccounts(
      after: nil, matching: UnconfirmedFilter(), limit: 10)
    #expect(accounts.map(\.mails) == [1, 0])
    #expect(accounts.map(\.lastMailState) == [.sent, nil])
    #expect(accounts.map(\.lastMailAt) == [Instant(seconds: 1_795_424_460), nil])
    #expect(try emails(in: site) { $0.mailState = .sent } == ["a@x.org"])
    #expect(try emails(in: site) { $0.mailState = .queued } == [])
  }

  /// The application's column on SQLite converts text that looks like a number.
  @Test(
    arguments: TestEngine.choose(
      sqlite: ["yesterday", "", "2026", "1795424400.5"],
      postgresql: ["infinity", "-infinity", "10000-01-01", "0044-03-15 BC"]))
  func `an account with an invalid date is listed`(_ value: String) throws {
    let site = try Site(
      adopting: "INSERT INTO users VALUES (1, 'a@x.org', '!', '2026-01-01', FALSE, FALSE, NULL)")
    try site.store.run("UPDATE users SET registered_on = $1", .text(value))
    #expect(try emails(in: site) == ["a@x.org"])
  }

  @Test(
    .only(.postgresql, "SQLite stores no such date in the order of time"), arguments: [1, 2, 100])
  func `dates beyond four digits, or infinite, are in their order`(_ batch: Int) throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'f@x.org', '!', 'infinity', FALSE, FALSE, NULL),
          (2, 'd@x.org', '!', '9999-01-01', FALSE, FALSE, NULL),
          (3, 'e@x.org', '!', '10000-01-01', FALSE, FALSE, NULL),
          (4, 'c@x.org', '!', '0001-01-01', FALSE, FALSE, NULL),
          (5, 'b@x.org', '!', '0044-03-15 BC', FALSE, FALSE, NULL),
          (6, 'a@x.org', '!', '-infinity', FALSE, FALSE, NULL)
        """)
    #expect(try emails(in: site, batch: batch).map { $0.prefix(1) }.joined() == "abcdef")
  }

  @Test func `a bound before the year 1 excludes nothing, or everything`() throws {
    let site = try Site()
    try site.register("a@x.org")
    let bound = Instant(seconds: -70_000_000_000)  // 249 BC
    #expect(try emails(in: site) { $0.registeredAfter = bound } == ["a@x.org"])
    #expect(try emails(in: site) { $0.registeredBefore = bound } == [])
  }

  // MARK: Local time

  /// Accounts of the application an hour apart, from one at 01:30 in Berlin on 2026-10-25, when
  /// clocks are set back from 03:00; `d` and `e` are of the second pass according to regctl.
  private func repeatedHour(in zone: String?) throws -> Site {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES
          (1, 'a@x.org', '!', '2026-10-25 01:30:00.000000', FALSE, FALSE, NULL),
          (2, 'b@x.org', '!', '2026-10-25 02:30:00.000000', FALSE, FALSE, NULL),
          (3, 'c@x.org', '!', '2026-10-25 03:30:00.000000', FALSE, FALSE, NULL),
          (4, 'd@x.org', '!', '2026-10-25 02:30:00.000000', FALSE, FALSE, NULL),
          (5, 'e@x.org', '!', '2026-10-25 01:30:00.000000', FALSE, FALSE, NULL),
          (6, 'f@x.org', '!', '2026-10-25 00:30:00.000000', FALSE, FALSE, NULL);
        """)
    try site.store.run(
      "UPDATE users SET registered_on = $1 WHERE id = 6",
      .text(TestEngine.choose(sqlite: "never", postgresql: "infinity")))
    try site.store.execute(
      "INSERT INTO regctl_accounts VALUES (4, 1792891800, NULL), (5, 1792891800, NULL)")
    site.store.zone = try zone.map(DatabaseZone.init)
    return site
  }

  @Test(arguments: [1, 2, 100], UnconfirmedFilter.Order.allCases)
  func `bounds are moments, also in the hour that is repeated`(
    _ batch: Int, order: UnconfirmedFilter.Order
  ) throws {
    let site = try repeatedHour(in: "Europe/Berlin")
    let change = Instant(seconds: 1_792_890_000)  // 2026-10-25 01:00 UTC, 02:00 in the second pass
    let before = try emails(in: site, batch: batch) {
      ($0.registeredBefore, $0.order) = (change, order)
    }
    let after = try emails(in: site, batch: batch) {
      ($0.registeredAfter, $0.order) = (change, order)
    }
    #expect(before == ["a@x.org", "b@x.org"])
    #expect(Set(after) == ["c@x.org", "d@x.org", "e@x.org"])
    #expect(after.count == 3)
  }

  @Test func `a date is known by the zone or by regctl's record`() throws {
    func dates(_ zone: String?) throws -> [String?] {
      let site = try repeatedHour(in: zone)
      return try site.store.unconfirmedAccounts(
        after: nil, matching: UnconfirmedFilter(), limit: 10
      ).sorted { $0.id.rawValue < $1.id.rawValue }.map { $0.registeredOn?.rfc3339 }
    }
    let second = "2026-10-25T01:30:00Z"
    #expect(
      try dates("Europe/Berlin")
        == ["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", second]
        + [second, nil])
    #expect(
      try dates(nil)
        == ["2026-10-25T01:30:00", "2026-10-25T02:30:00", "2026-10-25T03:30:00"]
        + ["2026-10-25T02:30:00", second, nil])
  }

  @Test func `in an unknown zone dates are compared as UTC`() throws {
    let site = try repeatedHour(in: nil)
    let two = Instant(seconds: 1_792_893_600)  // 2026-10-25 02:00 UTC
    #expect(try emails(in: site) { $0.registeredBefore = two } == ["a@x.org", "e@x.org"])
  }
}
