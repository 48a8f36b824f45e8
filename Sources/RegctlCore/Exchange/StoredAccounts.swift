internal import SQL

/// Accounts with all their values, with the text in one buffer.
///
/// Creating a string for each value would take longer than reading it.
package struct StoredAccounts: Sendable {
  /// The UTF-8 text; the values of accounts are ranges of it.
  package private(set) var text: [UInt8] = []
  package private(set) var accounts: [StoredAccount] = []

  mutating func append(_ row: borrowing Row) {
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
