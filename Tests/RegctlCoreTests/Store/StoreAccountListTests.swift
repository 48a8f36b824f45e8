import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+AccountList") struct StoreAccountListTests {
  /// The matching addresses, read in batches of a size.
  private func emails(
    in site: Site, batch: Int = 2, _ change: (inout AccountFilter) -> Void = { _ in }
  ) throws -> [String] {
    var filter = AccountFilter()
    change(&filter)
    var emails: [String] = []
    var last: ListPlace?
    while true {
      let accounts = try site.store.accounts(after: last, matching: filter, limit: batch)
      guard let newest = accounts.last, accounts.count <= batch else { break }
      emails += accounts.map(\.email)
      last = newest.place
    }
    #expect(try site.store.accountCount(matching: filter) == emails.count)
    return emails
  }

  /// A site with an account a day from 2026-11-20 to 2026-11-23, of which the second is confirmed.
  private func site() throws -> Site {
    let site = try Site()
    for (day, email) in ["ann@x.org", "Bob@y.org", "joann@x.org", "eve@sub.x.org"].enumerated() {
      site.now = Instant(seconds: 1_795_165_200 + Int64(day) * 86_400)
      try site.register(email)
    }
    try site.confirmByHand("Bob@y.org")
    return site
  }

  @Test(arguments: [1, 2, 3, 4, 100])
  func `all accounts are listed by number, in either direction`(_ batch: Int) throws {
    let site = try site()
    let all = ["ann@x.org", "Bob@y.org", "joann@x.org", "eve@sub.x.org"]
    #expect(try emails(in: site, batch: batch) == all)
    #expect(try emails(in: site, batch: batch) { $0.order = .idDescending } == all.reversed())
  }

  @Test(arguments: [
    ("ann", ["ann@x.org", "joann@x.org"]), ("ANN@", ["ann@x.org", "joann@x.org"]),
    ("bob@y.org", ["Bob@y.org"]), ("@sub", ["eve@sub.x.org"]), ("nobody", []), ("%", []),
    ("_", []), ("a_n", []), ("\\", []), ("'", []), ("{", []),
  ])
  func `a pattern matches anywhere, ignoring case, and has no special characters`(
    _ pattern: String, expected: [String]
  ) throws {
    #expect(try emails(in: site()) { $0.pattern = pattern } == expected)
  }

  @Test(arguments: ["100%", "a_b", "a\\b"])
  func `special characters of SQL stand for themselves`(_ part: String) throws {
    let site = try Site()
    for email in ["\(part)@x.org", "100x@x.org", "acb@x.org", "a\\\\x@x.org"] {
      try site.store.run(
        """
        INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ($1, '!', '2026-01-01', FALSE, FALSE)
        """, .text(email))
    }
    #expect(try emails(in: site) { $0.pattern = part } == ["\(part)@x.org"])
  }

  @Test func `ASCII case is ignored, and no other`() throws {
    let site = try Site()
    for email in ["ÄRA@x.org", "ära@x.org"] {
      try site.store.run(
        """
        INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ($1, '!', '2026-01-01', FALSE, FALSE)
        """, .text(email))
    }
    #expect(try emails(in: site) { $0.pattern = "äRA" } == ["ära@x.org"])
  }

  @Test(arguments: [
    ("x.org", ["ann@x.org", "joann@x.org"]), ("Y.ORG", ["Bob@y.org"]), ("org", []),
    ("sub.x.org", ["eve@sub.x.org"]),
  ])
  func `a domain is the whole domain`(_ domain: String, expected: [String]) throws {
    #expect(try emails(in: site()) { $0.domain = domain } == expected)
  }

  @Test func `an international domain is found in either spelling`() throws {
    let site = try Site()
    for email in ["ann@bücher.example", "bob@xn--bcher-kva.example"] {
      try site.store.run(
        """
        INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ($1, '!', '2026-01-01', FALSE, FALSE)
        """, .text(email))
    }
    for domain in ["bücher.example", "xn--bcher-kva.example"] {
      #expect(try emails(in: site) { $0.domain = domain }.count == 2)
    }
  }

  @Test func `accounts are selected by state`() throws {
    #expect(try emails(in: site()) { $0.states = [.confirmed] } == ["Bob@y.org"])
    #expect(try emails(in: site()) { $0.states = [.unconfirmed] }.count == 3)
  }

  @Test(arguments: ["", "Europe/Berlin"])
  func `accounts are selected by the time of registration, in any zone`(_ zone: String) throws {
    let site = try Site()
    if !zone.isEmpty { site.store.zone = try DatabaseZone(zone) }
    for (hour, email) in ["a@x.org", "b@x.org", "c@x.org"].enumerated() {
      site.now = Instant(seconds: 1_795_424_400 + Int64(hour) * 3600)
      try site.register(email)
    }
    let middle = Instant(seconds: 1_795_424_400 + 3600)
    #expect(try emails(in: site) { $0.registeredSince = middle } == ["b@x.org", "c@x.org"])
    #expect(try emails(in: site) { $0.registeredBefore = middle } == ["a@x.org"])
    #expect(
      try emails(in: site, batch: 1) {
        $0.registeredSince = middle
        $0.registeredBefore = middle + .seconds(1)
      } == ["b@x.org"])
  }

  @Test func `an account in any of several states is listed once`() throws {
    let site = try site()
    try site.createAdministrator("root@x.org")
    #expect(
      try emails(in: site) { $0.states = [.confirmed, .admin] } == ["Bob@y.org", "root@x.org"])
    #expect(try emails(in: site) { $0.states = [.unconfirmed, .confirmed] }.count == 5)
  }

  @Test func `only some accounts may be meant`() throws {
    let site = try site()
    let ids = try site.store.accounts(after: nil, matching: AccountFilter(), limit: 2).map(\.id)
    #expect(try emails(in: site) { $0.ids = ids } == ["ann@x.org", "Bob@y.org"])
    #expect(try emails(in: site) { $0.ids = [] } == [])
  }

  @Test(arguments: [1, 2, 100])
  func `the newest unconfirmed accounts come first, also of one second`(_ batch: Int) throws {
    let site = try Site()
    for letter in ["c", "a", "b"] { try site.register("\(letter)@x.org") }
    site.now = site.now + .seconds(1)
    for letter in ["e", "d"] { try site.register("\(letter)@x.org") }
    #expect(
      try unconfirmed(in: site, batch: batch) { $0.order = .registeredDescending }
        == ["d@x.org", "e@x.org", "b@x.org", "a@x.org", "c@x.org"])
  }

  @Test func `what is not asked for is not read`() throws {
    let site = try Site()
    try site.register("a@x.org")
    let accounts = try site.store.accounts(after: nil, matching: .unconfirmed, limit: 10)
    #expect(accounts.map(\.mails) == [0])
    #expect(accounts.map(\.lastMailState) == [nil])
  }

  // MARK: Unconfirmed accounts

  /// The addresses of matching unconfirmed accounts, oldest first, read in batches of a size.
  private func unconfirmed(
    in site: Site, batch: Int = 2, _ change: (inout AccountFilter) -> Void = { _ in }
  ) throws -> [String] {
    try emails(in: site, batch: batch) { filter in
      filter.states = [.unconfirmed]
      filter.order = .registered
      change(&filter)
    }
  }

  @Test(arguments: [1, 2, 3, 5, 100])
  func `accounts of one second are paged without loss or repetition`(_ batch: Int) throws {
    let site = try Site()
    for letter in ["c", "a", "e", "b", "d"] { try site.register("\(letter)@x.org") }
    #expect(
      try unconfirmed(in: site, batch: batch) == [
        "c@x.org", "a@x.org", "e@x.org", "b@x.org", "d@x.org",
      ])
  }

  @Test func `the oldest come first`() throws {
    let site = try Site()
    for (email, age) in [("b@x.org", 2), ("c@x.org", 1), ("a@x.org", 3)] {
      site.now = Instant(seconds: Int64(1_795_424_400 - age))
      try site.register(email)
    }
    #expect(try unconfirmed(in: site) == ["a@x.org", "b@x.org", "c@x.org"])
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
    #expect(try unconfirmed(in: site, batch: batch) { $0.order = .email } == expected)
  }

  @Test(arguments: [1, 2, 100], [AccountFilter.Order.registered, .email])
  func `addresses that differ only in case are all listed`(
    _ batch: Int, order: AccountFilter.Order
  ) throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'eve@x.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'Eve@x.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (3, 'EVE@x.org', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
    #expect(
      try Set(unconfirmed(in: site, batch: batch) { $0.order = order })
        == ["eve@x.org", "Eve@x.org", "EVE@x.org"])
  }

  @Test func `accounts confirmed between two batches are omitted, new ones are listed`() throws {
    let site = try Site()
    for letter in ["a", "b", "c"] { try site.register("\(letter)@x.org") }
    let filter = AccountFilter.unconfirmed
    let first = try site.store.accounts(after: nil, matching: filter, limit: 1)
    try site.confirmByHand("b@x.org")
    try site.register("d@x.org")
    let rest = try site.store.accounts(after: first.last?.place, matching: filter, limit: 10)
    #expect(rest.map(\.email) == ["c@x.org", "d@x.org"])
  }

  @Test func `confirmed accounts are not listed`() throws {
    let site = try Site()
    try site.createAdministrator("a@x.org")
    try site.register("b@x.org")
    #expect(try unconfirmed(in: site) == ["b@x.org"])
  }

  @Test func `times are compared to the microsecond`() throws {
    let site = try Site()
    for microseconds in 0..<3 {
      site.now = Instant(microseconds: 1_795_424_400_000_000 + Int64(microseconds))
      try site.register("a\(microseconds)@x.org")
    }
    let middle = Instant(microseconds: 1_795_424_400_000_001)
    #expect(try unconfirmed(in: site) { $0.registeredBefore = middle } == ["a0@x.org"])
    #expect(try unconfirmed(in: site) { $0.registeredSince = middle } == ["a1@x.org", "a2@x.org"])
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
    #expect(try unconfirmed(in: site) { $0.domain = domain } == expected)
    #expect(
      try unconfirmed(in: site) {
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
    let accounts = try site.store.accounts(
      after: nil, matching: .unconfirmed, with: [.mailCount, .lastMail], limit: 10)
    #expect(accounts.map(\.mails) == [1, 0])
    #expect(accounts.map(\.lastMailState) == [.sent, nil])
    #expect(accounts.map(\.lastMailAt) == [Instant(seconds: 1_795_424_460), nil])
    #expect(try unconfirmed(in: site) { $0.mailStates = [.sent] } == ["a@x.org"])
    #expect(try unconfirmed(in: site) { $0.mailStates = [.queued, .failed] } == [])
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
    #expect(try unconfirmed(in: site) == ["a@x.org"])
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
    #expect(try unconfirmed(in: site, batch: batch).map { $0.prefix(1) }.joined() == "abcdef")
  }

  @Test func `a bound before the year 1 excludes nothing, or everything`() throws {
    let site = try Site()
    try site.register("a@x.org")
    let bound = Instant(seconds: -70_000_000_000)  // 249 BC
    #expect(try unconfirmed(in: site) { $0.registeredSince = bound } == ["a@x.org"])
    #expect(try unconfirmed(in: site) { $0.registeredBefore = bound } == [])
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

  @Test(arguments: [1, 2, 100], [AccountFilter.Order.registered, .email])
  func `bounds are moments, also in the hour that is repeated`(
    _ batch: Int, order: AccountFilter.Order
  ) throws {
    let site = try repeatedHour(in: "Europe/Berlin")
    let change = Instant(seconds: 1_792_890_000)  // 2026-10-25 01:00 UTC, 02:00 in the second pass
    let before = try unconfirmed(in: site, batch: batch) {
      ($0.registeredBefore, $0.order) = (change, order)
    }
    let after = try unconfirmed(in: site, batch: batch) {
      ($0.registeredSince, $0.order) = (change, order)
    }
    #expect(before == ["a@x.org", "b@x.org"])
    #expect(Set(after) == ["c@x.org", "d@x.org", "e@x.org"])
    #expect(after.count == 3)
  }

  @Test func `a date is known by the zone or by regctl's record`() throws {
    func dates(_ zone: String?) throws -> [String?] {
      let site = try repeatedHour(in: zone)
      return try site.store.accounts(
        after: nil, matching: .unconfirmed, limit: 10
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
    #expect(try unconfirmed(in: site) { $0.registeredBefore = two } == ["a@x.org", "e@x.org"])
  }
}
