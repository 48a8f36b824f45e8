internal import SQL

extension Store {
  /// Reads unconfirmed accounts in batches, without a lock between batches.
  ///
  /// The web application can therefore register accounts while the list is read, in any journal
  /// mode. A batch continues after the last account of the previous one.
  package func unconfirmedAccounts(
    after last: UnconfirmedAccount?, matching filter: UnconfirmedFilter, limit: Int
  ) throws(RegctlError) -> [UnconfirmedAccount] {
    if filter.registeredBefore != nil || filter.registeredAfter != nil {
      try require(.registeredOn)
    }
    let dates = try accountDates()
    if dates.areUTC {
      return try unconfirmedAccounts(after: last, matching: filter, limit: limit, dates)
    }
    // Text selects the day; which moments the local times of that day mean is known afterwards.
    var wider = filter
    wider.registeredBefore = filter.registeredBefore.map { $0 + Self.greatestDifference }
    wider.registeredAfter = filter.registeredAfter.map { $0 - Self.greatestDifference }
    var found: [UnconfirmedAccount] = []
    var last = last
    while found.count < limit {
      let rows = try unconfirmedAccounts(after: last, matching: wider, limit: limit, dates)
      found += rows.filter { filter.includes($0.registeredOn) }.prefix(limit - found.count)
      guard rows.count == limit else { break }
      last = rows.last
    }
    return found
  }

  /// More than a local time differs from UTC.
  private static let greatestDifference = Duration.seconds(86_400)

  /// The next accounts, whose dates are compared as text in UTC.
  private func unconfirmedAccounts(
    after last: UnconfirmedAccount?, matching filter: UnconfirmedFilter, limit: Int,
    _ dates: AccountDates
  ) throws(RegctlError) -> [UnconfirmedAccount] {
    let before = Value(filter.registeredBefore?.databaseText)
    let since = Value(filter.registeredAfter?.databaseText)
    let spellings = try filter.domain.map { domain throws(RegctlError) in
      try AddressSpellings.spellings(ofDomain: domain)
    }
    let suffix = Value(spellings?.first.map { "@\($0)" })
    let other = Value(spellings?.dropFirst().first.map { "@\($0)" })
    let state = Value(filter.mailState?.rawValue)
    var accounts: [UnconfirmedAccount]
    switch filter.order {
    case .registered:
      // Two ranges instead of a row value: SQLite does not use the rowid at the end of an index for
      // it, and would scan all equal dates to find the position of an account. The limit prevents
      // their order from being lost. A number sorts before any text.
      accounts = try rows(
        Statement(
          sqlite: """
            SELECT u.id, u.email, u.admin, u.registered_on,
              (SELECT count(*) FROM regctl_outbox WHERE account_id = u.id), m.state,
              coalesce(m.finished_at, m.queued_at)
            FROM (
              SELECT registered_on, id FROM users
              WHERE confirmed = FALSE AND registered_on = $1 AND id > $2
              UNION ALL
              SELECT registered_on, id FROM users
              WHERE confirmed = FALSE AND registered_on > $1
              ORDER BY 1, 2 LIMIT -1
            ) p CROSS JOIN users u LEFT JOIN regctl_outbox m
              ON m.id = (SELECT max(id) FROM regctl_outbox WHERE account_id = u.id)
            WHERE u.id = p.id
              AND ($3 IS NULL OR u.registered_on < $3) AND ($4 IS NULL OR u.registered_on > $4)
              AND ($5 IS NULL
                OR substr(lower(u.email), length(u.email) - length($5) + 1) = lower($5)
                OR $6 IS NOT NULL
                  AND substr(lower(u.email), length(u.email) - length($6) + 1) = lower($6))
              AND ($7 IS NULL OR m.state = $7)
            LIMIT $8
            """), (last?.place ?? .beginning).value, .integer(last?.id.rawValue ?? .min), before,
        since, suffix, other, state, .integer(Int64(limit))
      ) { UnconfirmedAccount(row: $0, sortedBy: 3, dates) }
    case .email:
      accounts = try rows(
        Statement(
          sqlite: """
            SELECT u.id, u.email, u.admin, u.registered_on,
              (SELECT count(*) FROM regctl_outbox WHERE account_id = u.id), m.state,
              coalesce(m.finished_at, m.queued_at)
            FROM users u LEFT JOIN regctl_outbox m
              ON m.id = (SELECT max(id) FROM regctl_outbox WHERE account_id = u.id)
            WHERE u.confirmed = FALSE AND u.email COLLATE BINARY > $1
              AND ($2 IS NULL OR u.registered_on < $2) AND ($3 IS NULL OR u.registered_on > $3)
              AND ($4 IS NULL
                OR substr(lower(u.email), length(u.email) - length($4) + 1) = lower($4)
                OR $5 IS NOT NULL
                  AND substr(lower(u.email), length(u.email) - length($5) + 1) = lower($5))
              AND ($6 IS NULL OR m.state = $6)
            ORDER BY u.email COLLATE BINARY LIMIT $7
            """), last?.place.value ?? .text(""), before, since, suffix, other, state,
        .integer(Int64(limit))
      ) { UnconfirmedAccount(row: $0, sortedBy: 1, dates) }
    }
    try requireOrder(
      of: accounts, by: \.place, after: last?.place, in: mapping.table, numbered: \.id.rawValue)
    if dates.areUTC { return accounts }
    let records = try registrationRecords(of: accounts.map(\.id))
    for (place, account) in accounts.enumerated() {
      let found = records.registrations(of: account.id)
      if found.isEmpty { continue }
      accounts[place].registeredOn = dates.date(account.registeredText, records: found)
    }
    return accounts
  }
}

extension UnconfirmedAccount {
  /// An account whose date is not compared with regctl's records.
  fileprivate init(row: borrowing Row, sortedBy column: Int32, _ dates: AccountDates) {
    let registeredText = row.optionalText(3) ?? ""
    self.init(
      id: row.account(0), email: row.text(1), isAdmin: row.boolean(2),
      place: ListPlace(value: row.value(column), number: row.integer(0)),
      registeredText: registeredText, registeredOn: dates.date(registeredText), mails: row.count(4),
      lastMailState: row.isNull(5) ? nil : row.word(5, else: OutboxEntry.State.failed),
      lastMailAt: row.optionalInstant(6))
  }
}
