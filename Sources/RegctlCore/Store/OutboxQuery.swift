internal import SQL

/// The queries of mails that a filter selects.
enum OutboxQuery {
  /// Reads the next mails, at most `limit`, with the columns of `OutboxEntry`.
  static func page(
    after last: ListPlace?, matching filter: OutboxFilter, domains: [String], limit: Int
  ) -> ComposedQuery {
    var query = ComposedQuery(
      SQLText(
        """
        SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
          finished_at, last_reply, message_id, possible_duplicate, template
        FROM regctl_outbox WHERE
        """))
    query.append(after: last, in: filter.order)
    append(filter, domains, to: &query)
    query.append(filter.order, limit: limit)
    return query
  }

  /// Counts mails.
  static func count(of filter: OutboxFilter, domains: [String]) -> ComposedQuery {
    var query = ComposedQuery(SQLText("SELECT count(*) FROM regctl_outbox WHERE TRUE"))
    append(filter, domains, to: &query)
    return query
  }

  /// Appends the conditions of a filter, whose domain is given by its spellings.
  private static func append(
    _ filter: OutboxFilter, _ domains: [String], to query: inout ComposedQuery
  ) {
    if let states = filter.states { query.append(" AND state", in: states.map(\.rawValue)) }
    if let accounts = filter.accounts {
      query.append(" AND account_id", in: accounts.map(\.rawValue))
    }
    if filter.excludesDeletedAccounts { query.append(" AND account_id > ", .integer(0)) }
    // The outbox has whole seconds.
    if let since = filter.queuedSince {
      query.append(" AND queued_at >= ", .integer(since.seconds))
    }
    if let before = filter.queuedBefore {
      query.append(" AND queued_at < ", .integer((before + .microseconds(999_999)).seconds))
    }
    query.append(
      column: "email", likeAnyOf: domains.map { "%@\(ComposedQuery.pattern(of: $0))" })
    query.append(column: "last_reply", likeAnyOf: filter.reply?.patterns ?? [])
  }
}
