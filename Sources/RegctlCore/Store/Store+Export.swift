internal import SQL

/// Accounts with all their values, whose text is in one buffer.
///
/// Creating a string for each value would take longer than reading it.
package struct StoredAccounts: Sendable {
  /// The UTF-8 text that the accounts' values are ranges of.
  package private(set) var text: [UInt8] = []
  package private(set) var accounts: [StoredAccount] = []

  fileprivate mutating func append(_ row: borrowing Row) {
    accounts.append(
      StoredAccount(
        id: row.account(0), email: append(row, 1),
        password: append(row, 2), registeredOn: append(row, 3), admin: append(row, 4),
        confirmed: append(row, 5), confirmedOn: append(row, 6)))
  }

  private mutating func append(_ row: borrowing Row, _ column: Int32) -> Range<Int>? {
    let start = text.count
    let isASCII: Bool? = unsafe row.withBytes(column) { bytes in
      guard unsafe bytes.baseAddress != nil else { return nil }
      guard unsafe bytes.allSatisfy({ $0 < 0x80 }) else { return false }
      unsafe text.append(contentsOf: bytes)
      return true
    }
    guard let isASCII else { return nil }
    // Invalid UTF-8 is repaired.
    if !isASCII { text += row.text(column).utf8 }
    return start..<text.count
  }
}

/// A row of the table as stored; `nil` is `NULL`.
package struct StoredAccount: Sendable {
  package let id: AccountID
  package let email: Range<Int>?
  package let password: Range<Int>?
  package let registeredOn: Range<Int>?
  package let admin: Range<Int>?
  package let confirmed: Range<Int>?
  package let confirmedOn: Range<Int>?
}

extension Store {
  /// Accounts with an ID greater than `last`, by ID; no lock is held between calls.
  package func storedAccounts(
    after last: AccountID, limit: Int
  ) throws(RegctlError) -> StoredAccounts {
    var found = StoredAccounts()
    try forEach(
      """
      SELECT id, email, password, registered_on, admin, confirmed, confirmed_on FROM users
      WHERE id > $1 ORDER BY id LIMIT $2
      """, .integer(last.rawValue), .integer(Int64(limit))
    ) { found.append($0) }
    try requireOrder(
      of: found.accounts, by: \.id.rawValue, after: last.rawValue, in: "users",
      numbered: \.id.rawValue)
    return found
  }
}
