import SQL
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

  @Test func `accounts are read as stored, by ID, in batches`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (9, 'b@example.org', 'x', '2026-01-01', 1, 0, NULL),
          (2, 'é', '', 2026.5, 'yes', 2, ''), (3, CAST(x'ff' AS TEXT), '!', 'never', 0, 1, 'x')
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
}
