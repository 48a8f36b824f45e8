internal import SQL

/// Accounts with all their values, with the text in one buffer.
///
/// A string and a cell for each value took 1.4 times the CPU time of an export of 200,000 accounts
/// (2026-11-28).
package struct StoredAccounts: Sendable {
  /// The UTF-8 text; the values of accounts are ranges of it.
  package private(set) var text: [UInt8] = []
  package private(set) var accounts: [StoredAccount] = []

  /// The values of the application's own columns; those of an account are a range of them.
  package private(set) var columnValues: [ColumnValue] = []

  /// The languages that regctl recorded, where they were asked for.
  package internal(set) var languages: [AccountID: MailLanguage] = [:]

  /// Whether a date is a local time of an unknown zone.
  package private(set) var hasLocalDates = false

  /// Appends an account, with values of some columns of the application's own.
  mutating func append(
    _ row: borrowing Row, columnCount: Int, _ dates: AccountDates, _ records: DateRecords
  ) {
    let id = row.account(0)
    let firstValue = columnValues.count
    for column in 0..<columnCount {
      columnValues.append(ColumnValue(row.value(Self.fieldCount + Int32(column))))
    }
    accounts.append(
      StoredAccount(
        id: id, email: append(row, 1), password: appendPassword(row, 2),
        registeredOn: append(row, 3, dates, records: records.registrations(of: id)),
        admin: append(row, 4), confirmed: append(row, 5),
        confirmedOn: append(row, 6, dates, records: records.confirmations(of: id)),
        columns: firstValue..<columnValues.count))
  }

  /// The number of columns before the application's own.
  private static let fieldCount: Int32 = 7

  /// Appends a date: a moment in UTC. What is not a date, or is a local time of an unknown zone, is
  /// appended as stored.
  private mutating func append(
    _ row: borrowing Row, _ column: Int32, _ dates: AccountDates, records: [Int64]
  ) -> Range<Int>? {
    guard let stored = append(row, column) else { return nil }
    switch dates.date(utf8: text[stored], records: records) {
    case .moment(let moment):
      text.removeSubrange(stored)
      moment.appendExactRFC3339(to: &text)
      return stored.lowerBound..<text.count
    case .local:
      hasLocalDates = true
      return stored
    case nil:
      return stored
    }
  }

  /// Appends a hash as text, also where the application stored bytes.
  private mutating func appendPassword(_ row: borrowing Row, _ column: Int32) -> Range<Int>? {
    guard let range = append(row, column) else { return nil }
    guard text[range].starts(with: #"\x2432"#.utf8) else { return range }
    let hash = PasswordHash(stored: String(decoding: text[range], as: UTF8.self))
    text.replaceSubrange(range, with: hash.plainText.utf8)
    return range.lowerBound..<text.count
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
