internal import SQL

extension Store {
  /// Accounts with an ID greater than `last`, by ID, with the application's own columns if they are
  /// given, and with the languages that regctl recorded if these are asked for; no lock is held
  /// between calls.
  package func storedAccounts(
    after last: AccountID, limit: Int, with columns: ApplicationColumns? = nil,
    withLanguages: Bool = false
  ) throws(RegctlError) -> StoredAccounts {
    let dates = try accountDates()
    let records = try dateRecordsOfAccounts(after: last, limit: limit)
    var found = StoredAccounts()
    if let columns, !columns.all.isEmpty {
      try forEach(columns.selection, [.integer(last.rawValue), .integer(Int64(limit))]) { row in
        found.append(row, columnCount: columns.all.count, dates, records)
      }
    } else {
      try forEach(
        Statement(
          sqlite: """
            SELECT id, email,
              CASE WHEN password IN (SELECT hash FROM regctl_no_password) THEN '!' ELSE password END,
              nullif(registered_on, ''), admin, confirmed, confirmed_on
            FROM users WHERE id > $1 ORDER BY id LIMIT $2
            """,
          postgreSQL: """
            SELECT id, email,
              CASE WHEN password IN (SELECT hash FROM regctl_no_password) THEN '!' ELSE password END,
              nullif(registered_on, '-infinity'), admin, confirmed, confirmed_on
            FROM users WHERE id > $1 ORDER BY id LIMIT $2
            """), .integer(last.rawValue), .integer(Int64(limit))
      ) { found.append($0, columnCount: 0, dates, records) }
    }
    try requireOrder(
      of: found.accounts, by: \.id.rawValue, after: last.rawValue, in: mapping.table,
      numbered: \.id.rawValue)
    if withLanguages, let end = found.accounts.last {
      found.languages = try recordedLanguages(after: last, through: end.id)
    }
    return found
  }

  private func dateRecordsOfAccounts(
    after last: AccountID, limit: Int
  ) throws(RegctlError) -> DateRecords {
    if try accountDates().areUTC { return DateRecords() }
    let ids = try rows(
      "SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT $2", .integer(last.rawValue),
      .integer(Int64(limit))
    ) { $0.account(0) }
    return try dateRecords(of: ids)
  }
}
