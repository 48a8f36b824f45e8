import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+PlainAccounts", .only(.sqlite, "the lists of a server are read as before"))
struct StorePlainAccountsTests {
  private func add(
    _ email: Value, on date: Value, to site: Site, confirmed: Bool = false
  ) throws {
    try site.store.run(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ($1, '!', $2, FALSE, $3)
      """, email, date, .integer(confirmed ? 1 : 0))
  }

  /// The lines of all accounts, read a few at a time.
  private func lines(
    in site: Site, _ columns: [PlainAccounts.Column] = [.email, .registeredOn], limit: Int,
    by order: AccountFilter.Order = .registered
  ) throws -> String? {
    var filter = AccountFilter()
    filter.order = order
    if order != .id { filter.states = [.unconfirmed] }
    var text = ""
    var last: ListPlace?
    while true {
      guard
        let found = try site.store.plainAccounts(
          columns, after: last, matching: filter, limit: limit)
      else { return nil }
      text += String(decoding: found.lines, as: UTF8.self)
      if found.count == 0 { return text }
      last = found.place
    }
  }

  private func site() throws -> Site {
    let site = try Site()
    for (email, second) in [("c@x.org", 2), ("a@x.org", 1), ("b@x.org", 1), ("d@x.org", 1)] {
      try add(.text(email), on: .text("2026-01-01 00:00:0\(second).500000"), to: site)
    }
    return site
  }

  @Test(arguments: 1...6)
  func `accounts are read once each in the order of the list, however many at a time`(
    _ limit: Int
  ) throws {
    let site = try site()
    let day = "2026-01-01T00:00:0"
    let ascending = ["a", "b", "d"].map { "\($0)@x.org\t\(day)1Z\n" } + ["c@x.org\t\(day)2Z\n"]
    #expect(try lines(in: site, limit: limit) == ascending.joined())
    let newest = ["c@x.org\n", "d@x.org\n", "b@x.org\n", "a@x.org\n"].joined()
    #expect(try lines(in: site, [.email], limit: limit, by: .registeredDescending) == newest)
    #expect(try lines(in: site, [.id], limit: limit, by: .id) == "1\n2\n3\n4\n")
    #expect(try lines(in: site, [.id], limit: limit, by: .idDescending) == "4\n3\n2\n1\n")
    #expect(
      try lines(in: site, [.registeredOn, .id], limit: limit)
        == "\(day)1Z\t2\n\(day)1Z\t3\n\(day)1Z\t4\n\(day)2Z\t1\n")
  }

  @Test(arguments: [
    (Value.text("tab\t@x.org"), Value.text("2026-01-01 00:00:00")),
    (.text("back\\slash@x.org"), .text("2026-01-01 00:00:00")),
    (.text("ä@x.org"), .text("2026-01-01 00:00:00")), (.text("z@x.org"), .text("2026-01-01")),
    (.text("z@x.org"), .text("")), (.text("z@x.org"), .integer(5)),
    (.text("z@x.org"), .blob(Array("2026-01-01 00:00:00".utf8))),
    (.blob([0xff]), .text("2026-01-01 00:00:00")),
  ])
  func `accounts with anything else are left to the other way of reading`(
    _ email: Value, date: Value
  ) throws {
    let site = try site()
    try add(email, on: date, to: site)
    #expect(try lines(in: site, limit: 10) == nil)
  }

  @Test func `so are those of a zone and those in the order of addresses`() throws {
    let site = try site()
    #expect(try lines(in: site, limit: 10, by: .email) == nil)
    site.store.zone = try DatabaseZone("Europe/Berlin")
    #expect(try lines(in: site, limit: 10) == nil)
  }
}
