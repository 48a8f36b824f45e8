internal import Base
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
    wider.registeredBefore = filter.registeredBefore.map { $0 + DatabaseZone.greatestDifference }
    wider.registeredAfter = filter.registeredAfter.map { $0 - DatabaseZone.greatestDifference }
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

  /// The next accounts, whose dates are compared as text in UTC.
  private func unconfirmedAccounts(
    after last: UnconfirmedAccount?, matching filter: UnconfirmedFilter, limit: Int,
    _ dates: AccountDates
  ) throws(RegctlError) -> [UnconfirmedAccount] {
    let before = filter.registeredBefore.map { bound($0.databaseText) } ?? .null
    let since = filter.registeredAfter.map { bound($0.databaseText) } ?? .null
    let spellings = try filter.domain.map { domain throws(RegctlError) in
      try AddressSpellings.spellings(ofDomain: domain)
    }
    let suffix = Value(spellings?.first.map { "@\($0)" })
    let other = Value(spellings?.dropFirst().first.map { "@\($0)" })
    let state = Value(filter.mailState?.rawValue)
    var accounts: [UnconfirmedAccount]
    switch filter.order {
    case .registered:
      // On SQLite two ranges instead of a row value: SQLite does not use the rowid at the end of an
      // index for it, and would scan all equal dates to find the position of an account. The limit
      // prevents their order from being lost. A number sorts before any text.
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
            """,
          postgreSQL: """
            SELECT u.id, u.email, u.admin, u.registered_on, o.count, m.state,
              coalesce(m.finished_at, m.queued_at)
            FROM users u
            CROSS JOIN LATERAL (
              SELECT count(*), max(id) AS newest FROM regctl_outbox WHERE account_id = u.id) o
            LEFT JOIN regctl_outbox m ON m.id = o.newest
            WHERE u.confirmed = FALSE AND (u.registered_on, u.id) > ($1, $2)
              AND (u.registered_on < $3 OR $3 IS NULL) AND (u.registered_on > $4 OR $4 IS NULL)
              AND (CAST($5 AS TEXT) IS NULL
                OR right(lower(u.email COLLATE "C"), length($5)) = lower($5 COLLATE "C")
                OR right(lower(u.email COLLATE "C"), length($6)) = lower($6 COLLATE "C"))
              AND (m.state = $7 OR $7 IS NULL)
            ORDER BY u.registered_on, u.id LIMIT $8
            """), bound(last?.place ?? .beginning), .integer(last?.id.rawValue ?? .min), before,
        since, suffix, other, state, .integer(Int64(limit))
      ) { UnconfirmedAccount(row: $0, sortedBy: 3, dates) }
    case .email:
      // On a server in the order of the index of addresses, which ignores ASCII case: no index there
      // has the order of bytes.
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
            """,
          postgreSQL: """
            SELECT u.id, u.email, u.admin, u.registered_on, o.count, m.state,
              coalesce(m.finished_at, m.queued_at)
            FROM users u
            CROSS JOIN LATERAL (
              SELECT count(*), max(id) AS newest FROM regctl_outbox WHERE account_id = u.id) o
            LEFT JOIN regctl_outbox m ON m.id = o.newest
            WHERE u.confirmed = FALSE
              AND (lower(u.email COLLATE "C"), u.email COLLATE "C")
                > (lower($1 COLLATE "C"), $1 COLLATE "C")
              AND (u.registered_on < $2 OR $2 IS NULL) AND (u.registered_on > $3 OR $3 IS NULL)
              AND (CAST($4 AS TEXT) IS NULL
                OR right(lower(u.email COLLATE "C"), length($4)) = lower($4 COLLATE "C")
                OR right(lower(u.email COLLATE "C"), length($5)) = lower($5 COLLATE "C"))
              AND (m.state = $6 OR $6 IS NULL)
            ORDER BY lower(u.email COLLATE "C"), u.email COLLATE "C" LIMIT $7
            """), last?.place.value ?? .text(""), before, since, suffix, other, state,
        .integer(Int64(limit))
      ) { UnconfirmedAccount(row: $0, sortedBy: 1, dates) }
    }
    try requireOrder(of: accounts, after: last, by: filter.order)
    if dates.areUTC { return accounts }
    let records = try registrationRecords(of: accounts.map(\.id))
    for (place, account) in accounts.enumerated() {
      let found = records.registrations(of: account.id)
      if found.isEmpty { continue }
      accounts[place].registeredOn = dates.date(account.registeredText, records: found)
    }
    return accounts
  }

  /// Rejects a page that is not in the order of the engine.
  private func requireOrder(
    of accounts: [UnconfirmedAccount], after last: UnconfirmedAccount?,
    by order: UnconfirmedFilter.Order
  ) throws(RegctlError) {
    switch (location, order) {
    case (.file, _):
      try requireOrder(
        of: accounts, by: \.place, after: last?.place, in: mapping.table, numbered: \.id.rawValue)
    case (.server, .registered):
      // An infinite date, or one beyond four digits of the year, has a text that is not in order.
      let ordered = accounts.filter(\.hasOrderedDate)
      try requireOrder(
        of: ordered, by: \.place, after: last.flatMap { $0.hasOrderedDate ? $0.place : nil },
        in: mapping.table, numbered: \.id.rawValue)
    case (.server, .email):
      try requireOrder(
        of: accounts, by: { AddressPlace(email: $0.email) },
        after: last.map { AddressPlace(email: $0.email) }, in: mapping.table,
        numbered: \.id.rawValue)
    }
  }
}

/// The position of an address in the index of addresses on a server.
private struct AddressPlace: Comparable {
  let email: String

  static func < (left: AddressPlace, right: AddressPlace) -> Bool {
    let (one, other) = (left.email.utf8, right.email.utf8)
    let (folded, otherFolded) = (one.lazy.map(\.lowercased), other.lazy.map(\.lowercased))
    return folded.elementsEqual(otherFolded)
      ? one.lexicographicallyPrecedes(other) : folded.lexicographicallyPrecedes(otherFolded)
  }
}

extension UnconfirmedAccount {
  /// Whether the text of the date is of the form whose texts sort as the dates.
  fileprivate var hasOrderedDate: Bool {
    registeredText.utf8.count == "2026-11-23 09:00:00.000000".utf8.count
  }

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
