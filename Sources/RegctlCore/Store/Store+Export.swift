internal import SQL

extension Store {
  /// Accounts with an ID greater than `last`, by ID; no lock is held between calls.
  package func storedAccounts(
    after last: AccountID, limit: Int
  ) throws(RegctlError) -> StoredAccounts {
    var found = StoredAccounts()
    try forEach(
      """
      SELECT id, email,
        CASE WHEN password IN (SELECT hash FROM regctl_no_password) THEN '!' ELSE password END,
        nullif(registered_on, ''), admin, confirmed, confirmed_on
      FROM users WHERE id > $1 ORDER BY id LIMIT $2
      """, .integer(last.rawValue), .integer(Int64(limit))
    ) { found.append($0) }
    try requireOrder(
      of: found.accounts, by: \.id.rawValue, after: last.rawValue, in: mapping.table,
      numbered: \.id.rawValue)
    return found
  }
}
