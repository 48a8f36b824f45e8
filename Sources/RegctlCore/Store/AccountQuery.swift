internal import SQL

/// The queries of accounts that a filter selects.
struct AccountQuery {
  /// What one query reads of the accounts after a place. SQLite does not use the rowid at the end of
  /// an index for a row value, and would scan all equal dates to find the place; so the accounts of
  /// its date are read first, and then those of other dates.
  enum Part { case whole, sameDate, otherDates }

  let filter: AccountFilter

  /// The domain of the filter in every spelling.
  let domains: [String]

  /// The locked domains in every spelling, if the filter asks for locked accounts.
  let lockedDomains: [String]

  /// The values by which dates are found, in a file or on a server.
  let bound: (ListPlace) -> Value
  let date: (Instant) -> Value

  /// Reads the next accounts in the order of the filter, at most `limit`, with the columns of
  /// `ListedAccount`.
  func page(
    _ part: Part, after place: ListPlace, with details: AccountDetails, limit: Int
  ) -> ComposedQuery {
    var query = ComposedQuery(
      SQLText("SELECT u.id, u.email, u.admin, u.confirmed, u.registered_on, u.confirmed_on, "))
    query.append(
      details.contains(.mailCount)
        ? "(SELECT count(*) FROM regctl_outbox WHERE account_id = u.id)" : "0")
    query.append(
      details.contains(.lastMail)
        ? ", m.state, coalesce(m.finished_at, m.queued_at)" : ", NULL, NULL")
    append(
      part, after: place, withMail: details.contains(.lastMail) || filter.mailStates != nil,
      limit: limit, to: &query)
    return query
  }

  /// Reads the next accounts with the columns of `PlainAccounts`.
  func plainPage(_ part: Part, after place: ListPlace, limit: Int) -> ComposedQuery {
    var query = ComposedQuery(SQLText("SELECT u.id, u.email, u.registered_on"))
    append(
      part, after: place, withMail: filter.mailStates != nil, limit: limit, to: &query)
    return query
  }

  /// Counts accounts.
  func count() -> ComposedQuery {
    var query = ComposedQuery(SQLText("SELECT count(*)"))
    appendTable(withMail: filter.mailStates != nil, to: &query)
    query.append(" WHERE TRUE")
    appendFilter(to: &query)
    return query
  }

  // MARK: Tables

  /// Appends all that follows the columns.
  private func append(
    _ part: Part, after place: ListPlace, withMail needsMail: Bool, limit: Int,
    to query: inout ComposedQuery
  ) {
    appendTable(withMail: needsMail, to: &query)
    append(part, place, to: &query)
    appendFilter(to: &query)
    query.append(order, .integer(Int64(limit)))
  }

  private func appendTable(withMail needsMail: Bool, to query: inout ComposedQuery) {
    query.append(" FROM users u")
    if needsMail { query.append(Self.lastMail) }
  }

  /// Each account with its last mail, if it has one.
  private static let lastMail = Statement(
    sqlite: """
       LEFT JOIN regctl_outbox m
        ON m.id = (SELECT max(id) FROM regctl_outbox WHERE account_id = u.id)
      """,
    postgreSQL: """
       LEFT JOIN LATERAL (
        SELECT state, finished_at, queued_at FROM regctl_outbox
        WHERE account_id = u.id ORDER BY id DESC LIMIT 1) m ON TRUE
      """)

  // MARK: Order

  /// Appends the condition that an account comes after a place.
  private func append(_ part: Part, _ place: ListPlace, to query: inout ComposedQuery) {
    switch filter.order {
    case .id: query.append(" WHERE u.id > ", .integer(place.number))
    case .idDescending: query.append(" WHERE u.id < ", .integer(place.number))
    case .registered, .registeredDescending:
      append(
        part, place, isDescending: filter.order == .registeredDescending, to: &query)
    case .email:
      // On a server in the order of the index of addresses, which ignores ASCII case: no index there
      // has the order of bytes.
      query.bind(place.value)
      query.append(
        Statement(
          sqlite: " WHERE u.email COLLATE BINARY > $1",
          postgreSQL: """
             WHERE (lower(u.email COLLATE "C"), u.email COLLATE "C")
              > (lower($1 COLLATE "C"), $1 COLLATE "C")
            """))
    }
  }

  /// Appends the condition that an unconfirmed account comes after a date and a number.
  private func append(
    _ part: Part, _ place: ListPlace, isDescending: Bool, to query: inout ComposedQuery
  ) {
    query.bind(bound(place))
    switch part {
    case .sameDate:
      query.append(" WHERE u.confirmed = FALSE AND u.registered_on = $1")
      query.append(isDescending ? " AND u.id < " : " AND u.id > ", .integer(place.number))
    case .otherDates:
      query.append(
        isDescending
          ? " WHERE u.confirmed = FALSE AND u.registered_on < $1"
          : " WHERE u.confirmed = FALSE AND u.registered_on > $1")
    case .whole:
      query.bind(.integer(place.number))
      query.append(
        isDescending
          ? " WHERE u.confirmed = FALSE AND (u.registered_on, u.id) < ($1, $2)"
          : " WHERE u.confirmed = FALSE AND (u.registered_on, u.id) > ($1, $2)")
    }
  }

  private var order: Statement {
    switch filter.order {
    case .id: " ORDER BY u.id LIMIT "
    case .idDescending: " ORDER BY u.id DESC LIMIT "
    case .registered: " ORDER BY u.registered_on, u.id LIMIT "
    case .registeredDescending: " ORDER BY u.registered_on DESC, u.id DESC LIMIT "
    case .email:
      Statement(
        sqlite: " ORDER BY u.email COLLATE BINARY LIMIT ",
        postgreSQL:
          " ORDER BY lower(u.email COLLATE \"C\"), u.email COLLATE \"C\" LIMIT ")
    }
  }

  // MARK: Conditions

  /// Appends the conditions of the filter.
  private func appendFilter(to query: inout ComposedQuery) {
    append(filter.states, to: &query)
    if let since = filter.registeredSince { query.append(" AND u.registered_on >= ", date(since)) }
    if let before = filter.registeredBefore {
      query.append(" AND u.registered_on < ", date(before))
    }
    if let ids = filter.ids { query.append(" AND u.id", in: ids.map(\.rawValue)) }
    if let states = filter.mailStates { query.append(" AND m.state", in: states.map(\.rawValue)) }
    query.append(
      column: "u.email",
      likeAnyOf: filter.pattern.map { ["%\(ComposedQuery.pattern(of: $0))%"] } ?? [])
    query.append(
      column: "u.email", likeAnyOf: domains.map { "%@\(ComposedQuery.pattern(of: $0))" })
  }

  /// Appends the condition that an account is in one of some states.
  private func append(_ states: [AccountFilter.State]?, to query: inout ComposedQuery) {
    guard let states else { return }
    for (index, state) in states.enumerated() {
      query.append(index == 0 ? " AND (" : " OR ")
      switch state {
      case .confirmed: query.append("u.confirmed = TRUE")
      case .unconfirmed: query.append("u.confirmed = FALSE")
      case .admin: query.append("u.admin = TRUE")
      case .locked:
        query.append(
          "u.id IN (SELECT account_id FROM regctl_locks WHERE account_id IS NOT NULL)")
        for domain in lockedDomains {
          query.append(" OR ")
          query.append("u.email", like: "%@\(ComposedQuery.pattern(of: domain))")
        }
      case .bounced:
        query.append(
          """
          EXISTS (
            SELECT 1 FROM regctl_bounces b
            WHERE b.account_id = u.id AND b.suppresses = TRUE AND b.cleared_at IS NULL
              AND lower(b.email {bytes}) = lower(u.email {bytes}))
          """)
      }
    }
    query.append(")")
  }
}
