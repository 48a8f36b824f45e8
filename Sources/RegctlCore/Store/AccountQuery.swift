internal import SQL

/// The queries of accounts that a filter selects.
enum AccountQuery {
  /// Reads the next accounts in the order of a filter, at most `limit`, with the columns of
  /// `ListedAccount`.
  static func page(
    after place: ListPlace, matching filter: AccountFilter, with details: AccountDetails,
    domains: [String], limit: Int, bound: (ListPlace) -> Value, date: (Instant) -> Value
  ) -> ComposedQuery {
    var query = ComposedQuery(
      SQLText("SELECT u.id, u.email, u.admin, u.confirmed, u.registered_on, u.confirmed_on, "))
    query.append(
      details.contains(.mailCount)
        ? "(SELECT count(*) FROM regctl_outbox WHERE account_id = u.id)" : "0")
    query.append(
      details.contains(.lastMail)
        ? ", m.state, coalesce(m.finished_at, m.queued_at)" : ", NULL, NULL")
    let needsMail = details.contains(.lastMail) || filter.mailStates != nil
    switch filter.order {
    case .id, .idDescending, .email: appendTable(withMail: needsMail, to: &query)
    case .registered, .registeredDescending:
      appendPlaces(
        descending: filter.order == .registeredDescending, withMail: needsMail, to: &query)
    }
    append(place, in: filter.order, bound: bound, to: &query)
    append(filter, domains, date, to: &query)
    query.append(order(of: filter), .integer(Int64(limit)))
    return query
  }

  /// Counts accounts.
  static func count(
    of filter: AccountFilter, domains: [String], date: (Instant) -> Value
  ) -> ComposedQuery {
    var query = ComposedQuery(SQLText("SELECT count(*)"))
    appendTable(withMail: filter.mailStates != nil, to: &query)
    query.append(" WHERE TRUE")
    append(filter, domains, date, to: &query)
    return query
  }

  // MARK: Tables

  private static func appendTable(withMail needsMail: Bool, to query: inout ComposedQuery) {
    query.append(" FROM users u")
    if needsMail { query.append(lastMail) }
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

  /// Appends the unconfirmed accounts in the order of their dates.
  ///
  /// On SQLite two ranges instead of a row value: SQLite does not use the rowid at the end of an
  /// index for it, and would scan all equal dates to find the position of an account. The limit
  /// prevents their order from being lost.
  private static func appendPlaces(
    descending: Bool, withMail needsMail: Bool, to query: inout ComposedQuery
  ) {
    query.append(
      descending
        ? Statement(
          sqlite: """
             FROM (
              SELECT registered_on, id FROM users
              WHERE confirmed = FALSE AND registered_on = $1 AND id < $2
              UNION ALL
              SELECT registered_on, id FROM users
              WHERE confirmed = FALSE AND registered_on < $1
              ORDER BY 1 DESC, 2 DESC LIMIT -1
            ) p CROSS JOIN users u
            """, postgreSQL: " FROM users u")
        : Statement(
          sqlite: """
             FROM (
              SELECT registered_on, id FROM users
              WHERE confirmed = FALSE AND registered_on = $1 AND id > $2
              UNION ALL
              SELECT registered_on, id FROM users
              WHERE confirmed = FALSE AND registered_on > $1
              ORDER BY 1, 2 LIMIT -1
            ) p CROSS JOIN users u
            """, postgreSQL: " FROM users u"))
    if needsMail { query.append(lastMail) }
  }

  // MARK: Order

  /// Appends the condition that an account comes after a place.
  private static func append(
    _ place: ListPlace, in order: AccountFilter.Order, bound: (ListPlace) -> Value,
    to query: inout ComposedQuery
  ) {
    switch order {
    case .id: query.append(" WHERE u.id > ", .integer(place.number))
    case .idDescending: query.append(" WHERE u.id < ", .integer(place.number))
    case .registered, .registeredDescending:
      query.bind(bound(place))
      query.bind(.integer(place.number))
      query.append(
        order == .registered
          ? Statement(
            sqlite: " WHERE u.id = p.id",
            postgreSQL: " WHERE u.confirmed = FALSE AND (u.registered_on, u.id) > ($1, $2)")
          : Statement(
            sqlite: " WHERE u.id = p.id",
            postgreSQL: " WHERE u.confirmed = FALSE AND (u.registered_on, u.id) < ($1, $2)"))
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

  private static func order(of filter: AccountFilter) -> Statement {
    switch filter.order {
    case .id: " ORDER BY u.id LIMIT "
    case .idDescending: " ORDER BY u.id DESC LIMIT "
    // On SQLite the places are in this order.
    case .registered:
      Statement(sqlite: " LIMIT ", postgreSQL: " ORDER BY u.registered_on, u.id LIMIT ")
    case .registeredDescending:
      Statement(
        sqlite: " LIMIT ", postgreSQL: " ORDER BY u.registered_on DESC, u.id DESC LIMIT ")
    case .email:
      Statement(
        sqlite: " ORDER BY u.email COLLATE BINARY LIMIT ",
        postgreSQL:
          " ORDER BY lower(u.email COLLATE \"C\"), u.email COLLATE \"C\" LIMIT ")
    }
  }

  // MARK: Conditions

  /// Appends the conditions of a filter, whose domain is given by its spellings.
  private static func append(
    _ filter: AccountFilter, _ domains: [String], _ date: (Instant) -> Value,
    to query: inout ComposedQuery
  ) {
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
  private static func append(_ states: [AccountFilter.State]?, to query: inout ComposedQuery) {
    guard let states else { return }
    for (index, state) in states.enumerated() {
      query.append(index == 0 ? " AND (" : " OR ")
      switch state {
      case .confirmed: query.append("u.confirmed = TRUE")
      case .unconfirmed: query.append("u.confirmed = FALSE")
      case .admin: query.append("u.admin = TRUE")
      }
    }
    query.append(")")
  }
}
