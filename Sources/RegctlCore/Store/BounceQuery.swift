internal import SQL

/// The queries of reports that a filter selects.
enum BounceQuery {
  /// Reads the next reports, at most `limit`, with the columns of `BounceRecord`.
  static func page(
    after last: ListPlace?, matching filter: BounceFilter, domains: [String], limit: Int
  ) -> ComposedQuery {
    var query = ComposedQuery(
      SQLText(
        """
        SELECT id, mail_id, account_id, email, at, result, status, reply, reporter, suppresses,
          cleared_at
        FROM regctl_bounces WHERE
        """))
    query.append(after: last, in: filter.order)
    append(filter, domains, to: &query)
    query.append(filter.order, limit: limit)
    return query
  }

  /// Counts reports.
  static func count(of filter: BounceFilter, domains: [String]) -> ComposedQuery {
    var query = ComposedQuery(SQLText("SELECT count(*) FROM regctl_bounces WHERE TRUE"))
    append(filter, domains, to: &query)
    return query
  }

  /// Appends the conditions of a filter, whose domain is given by its spellings.
  private static func append(
    _ filter: BounceFilter, _ domains: [String], to query: inout ComposedQuery
  ) {
    if let results = filter.results { query.append(" AND result", in: results.map(\.rawValue)) }
    if let accounts = filter.accounts {
      query.append(" AND account_id", in: accounts.map(\.rawValue))
    }
    if filter.isOnLedger { query.append(" AND suppresses = TRUE AND cleared_at IS NULL") }
    // The table has whole seconds.
    if let since = filter.since { query.append(" AND at >= ", .integer(since.seconds)) }
    if let before = filter.before {
      query.append(" AND at < ", .integer((before + .microseconds(999_999)).seconds))
    }
    query.append(
      column: "email", likeAnyOf: domains.map { "%@\(ComposedQuery.pattern(of: $0))" })
  }
}
