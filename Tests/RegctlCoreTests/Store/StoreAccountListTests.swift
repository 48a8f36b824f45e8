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
    var last: AccountID?
    while true {
      let accounts = try site.store.accounts(after: last, matching: filter, limit: batch)
      guard let newest = accounts.last, accounts.count <= batch else { break }
      emails += accounts.map(\.email)
      last = newest.id
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
    #expect(try emails(in: site, batch: batch) { $0.order = .newestFirst } == all.reversed())
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
    #expect(try emails(in: site()) { $0.state = .confirmed } == ["Bob@y.org"])
    #expect(try emails(in: site()) { $0.state = .unconfirmed }.count == 3)
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
}
