import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Export") struct StoreExportTests {
  private func parts(_ stored: StoredAccounts) -> [[String?]] {
    stored.accounts.map { account in
      [
        account.email, account.password, account.registeredOn, account.admin, account.confirmed,
        account.confirmedOn,
      ].map { $0.map { String(decoding: stored.text[$0], as: UTF8.self) } }
    }
  }

  @Test(.only(.sqlite, "a server's columns have types"))
  func `accounts are read as stored, by ID, in batches`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (9, 'b@example.org', 'x', '2026-01-01', TRUE, FALSE, NULL),
          (2, 'é', '', 2026.5, 'yes', 2, ''),
          (3, CAST(x'ff' AS TEXT), '!', 'never', FALSE, TRUE, 'x')
        """)
    let all = try site.store.storedAccounts(after: AccountID(rawValue: .min), limit: 10)
    #expect(all.accounts.map(\.id.rawValue) == [2, 3, 9])
    #expect(
      parts(all) == [
        ["é", "", "2026.5", "yes", "2", ""], ["\u{fffd}", "!", "never", "0", "1", "x"],
        ["b@example.org", "x", "2026-01-01", "1", "0", nil],
      ])
    let next = try site.store.storedAccounts(after: AccountID(rawValue: 2), limit: 1)
    #expect(next.accounts.map(\.id.rawValue) == [3])
    #expect(try site.store.storedAccounts(after: AccountID(rawValue: 9), limit: 1).accounts.isEmpty)
  }

  @Test(.only(.sqlite, "a server's columns have types"))
  func `the application's own columns are read with their types`() throws {
    let site = try Site()
    try site.store.execute(
      """
      ALTER TABLE users ADD COLUMN nick TEXT;
      ALTER TABLE users ADD COLUMN "odd ""name" BLOB;
      ALTER TABLE users ADD COLUMN score FLOAT NOT NULL DEFAULT 1;
      ALTER TABLE users ADD COLUMN twice AS (2 * id);
      INSERT INTO users (id, email, password, registered_on, admin, confirmed, nick, "odd ""name",
        score)
      VALUES (1, 'a@x.org', '!', '', 0, 0, 'Ann', x'00ff', 0.5),
        (2, 'b@x.org', '!', '', 0, 0, NULL, 5, 2), (3, 'c@x.org', '!', '', 0, 0, '', NULL, 9e999),
        (4, 'd@x.org', '!', '', 0, 0, CAST(x'ff' AS TEXT), CAST(x'fe' AS TEXT), 'none')
      """)
    let columns = try site.store.applicationColumns()
    #expect(columns.all.map(\.name) == ["nick", "odd \"name", "score"])
    #expect(columns.all.map(\.conversion) == [.text, .none, .number])
    #expect(columns.all.map(\.isNullable) == [true, true, false])
    #expect(columns.all.map(\.hasDefault) == [false, false, true])
    let all = try site.store.storedAccounts(
      after: AccountID(rawValue: 0), limit: 10, with: columns)
    #expect(
      all.accounts.map { Array(all.columnValues[$0.columns]) } == [
        [.text("Ann"), .blob([0, 255]), .real(0.5)], [.null, .integer(5), .real(2)],
        [.text(""), .null, .real(.infinity)],
        [.malformedText([255]), .malformedText([254]), .text("none")],
      ])
    #expect(parts(all).map { $0[0] } == ["a@x.org", "b@x.org", "c@x.org", "d@x.org"])
    let next = try site.store.storedAccounts(
      after: AccountID(rawValue: 2), limit: 1, with: columns)
    #expect(next.accounts.map(\.id.rawValue) == [3])
  }

  @Test(.only(.postgresql, "SQLite stores text as it is given"))
  func `accounts of a server are read by ID, in batches`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (9, 'b@example.org', 'x', '2026-01-01', TRUE, FALSE, NULL),
          (2, 'é', '', '-infinity', FALSE, TRUE, 'infinity'),
          (3, '', '!', '10000-01-01', FALSE, TRUE, '0044-03-15 BC')
        """)
    let all = try site.store.storedAccounts(after: AccountID(rawValue: .min), limit: 10)
    #expect(all.accounts.map(\.id.rawValue) == [2, 3, 9])
    let password = try #require(
      site.store.first("SELECT hash FROM regctl_no_password") { $0.text(0) })
    #expect(!password.isEmpty)
    #expect(
      parts(all) == [
        // What stands for a missing date.
        ["é", "", nil, "0", "1", "infinity"],
        ["", "!", "10000-01-01 00:00:00.000000", "0", "1", "0044-03-15 00:00:00.000000 BC"],
        ["b@example.org", "x", "2026-01-01 00:00:00.000000", "1", "0", nil],
      ])
    let next = try site.store.storedAccounts(after: AccountID(rawValue: 2), limit: 1)
    #expect(next.accounts.map(\.id.rawValue) == [3])
    #expect(try site.store.storedAccounts(after: AccountID(rawValue: 9), limit: 1).accounts.isEmpty)
  }

  @Test(arguments: [
    ("UTC", "2026-11-23T09:00:00.123456Z", "2026-11-23T09:00:00Z"),
    ("Europe/Berlin", "2026-11-23T08:00:00.123456Z", "2026-11-23T08:00:00Z"),
  ])
  func `dates of a known zone are exported in UTC`(
    _ zone: String, registered: String, confirmed: String
  ) throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'a@x.org', '!', '2026-11-23 09:00:00.123456', FALSE, TRUE,
            '2026-11-23 09:00:00.000000'),
          (2, 'b@x.org', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
    let never = TestEngine.choose(sqlite: "never", postgresql: "infinity")
    try site.store.run("UPDATE users SET registered_on = $1 WHERE id = 2", .text(never))
    site.store.zone = try DatabaseZone(zone)
    let all = try parts(site.store.storedAccounts(after: AccountID(rawValue: .min), limit: 10))
    #expect(all.map { $0[2] } == [registered, never])
    #expect(all.map { $0[5] } == [confirmed, nil])
  }

  @Test func `dates that regctl recorded are exported in UTC when the zone is not known`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'a@x.org', '!', '2026-11-23 04:00:00', FALSE, FALSE, NULL)
        """)
    try site.register("b@x.org")
    try site.confirmByHand("a@x.org")
    let all = try parts(site.store.storedAccounts(after: AccountID(rawValue: .min), limit: 10))
    let stored = TestEngine.choose(
      sqlite: "2026-11-23 04:00:00", postgresql: "2026-11-23 04:00:00.000000")
    #expect(all.map { $0[2] } == [stored, "2026-11-23T09:00:00Z"])
    #expect(all.map { $0[5] } == ["2026-11-23T09:00:00Z", nil])
  }
}
