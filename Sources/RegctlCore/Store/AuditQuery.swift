internal import SQL

/// The queries of audit entries that a filter selects.
enum AuditQuery {
  /// Reads the next entries, at most `limit`, with the columns of `Store.auditEntry`.
  static func page(
    after last: ListPlace?, matching filter: AuditFilter, domains: [String], limit: Int
  ) -> ComposedQuery {
    var query = ComposedQuery(
      SQLText(
        """
        SELECT id, at, actor, uid, act, account_id, email, {new_email}, {detail}, reason
        FROM regctl_audit WHERE
        """))
    query.append(after: last, in: filter.order)
    append(filter, domains, to: &query)
    query.append(filter.order, limit: limit)
    return query
  }

  /// Counts entries.
  static func count(of filter: AuditFilter, domains: [String]) -> ComposedQuery {
    var query = ComposedQuery(SQLText("SELECT count(*) FROM regctl_audit WHERE TRUE"))
    append(filter, domains, to: &query)
    return query
  }

  /// Appends the conditions of a filter, whose domain is given by its spellings.
  private static func append(
    _ filter: AuditFilter, _ domains: [String], to query: inout ComposedQuery
  ) {
    query.append(" AND act NOT LIKE '%-continued'")
    // The audit has whole seconds.
    if let since = filter.since { query.append(" AND at >= ", .integer(since.seconds)) }
    if let before = filter.before {
      query.append(" AND at < ", .integer((before + .microseconds(999_999)).seconds))
    }
    if let actor = filter.actor { query.append(" AND actor = ", .text(actor)) }
    if let act = filter.act { query.append(" AND act = ", .text(act.rawValue)) }
    query.append(
      columns: ["email", "{new_email}"],
      likeAnyOf: domains.map { "%@\(ComposedQuery.pattern(of: $0))" })
  }
}
