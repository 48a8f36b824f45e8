internal import SQL

/// A query of accounts, with a condition only for what is asked for: one that is always true takes
/// time for each row.
struct AccountQuery {
  private(set) var text: SQLText
  private(set) var values: [Value] = []

  /// Reads the next accounts by ID, at most `limit`, with the columns of `AccountRow`.
  static func page(
    after last: AccountID?, matching filter: AccountFilter, limit: Int, domains: [String],
    date: (Instant) -> Value
  ) -> AccountQuery {
    var query = AccountQuery(
      text: SQLText(
        "SELECT id, email, admin, confirmed, registered_on, confirmed_on FROM users WHERE id"))
    switch filter.order {
    case .oldestFirst: query.append(" > ", .integer(last?.rawValue ?? .min))
    case .newestFirst: query.append(" < ", .integer(last?.rawValue ?? .max))
    }
    query.appendConditions(of: filter, domains: domains, date: date)
    switch filter.order {
    case .oldestFirst: query.append(" ORDER BY id LIMIT ", .integer(Int64(limit)))
    case .newestFirst: query.append(" ORDER BY id DESC LIMIT ", .integer(Int64(limit)))
    }
    return query
  }

  /// Counts accounts.
  static func count(
    of filter: AccountFilter, domains: [String], date: (Instant) -> Value
  ) -> AccountQuery {
    var query = AccountQuery(text: SQLText("SELECT count(*) FROM users WHERE TRUE"))
    query.appendConditions(of: filter, domains: domains, date: date)
    return query
  }

  /// Appends the conditions of a filter, whose domain is given by its spellings.
  private mutating func appendConditions(
    of filter: AccountFilter, domains: [String], date: (Instant) -> Value
  ) {
    switch filter.state {
    case .confirmed: text.append(" AND confirmed = TRUE")
    case .unconfirmed: text.append(" AND confirmed = FALSE")
    case nil: break
    }
    if let since = filter.registeredSince { append(" AND registered_on >= ", date(since)) }
    if let before = filter.registeredBefore { append(" AND registered_on < ", date(before)) }
    if let pattern = filter.pattern {
      text.append(" AND ")
      appendLike("%\(Self.escaped(pattern))%")
    }
    if domains.isEmpty { return }
    text.append(" AND (FALSE")
    for domain in domains {
      text.append(" OR ")
      appendLike("%@\(Self.escaped(domain))")
    }
    text.append(")")
  }

  /// Appends words and a value after them.
  private mutating func append(_ words: Statement, _ value: Value) {
    values.append(value)
    text.append(words)
    text.append(parameter: values.count)
  }

  /// Appends the condition that the address is like a pattern of SQL, ignoring ASCII case as `LIKE`
  /// of SQLite does.
  private mutating func appendLike(_ pattern: String) {
    append(
      Statement(
        sqlite: "email LIKE ",
        postgreSQL: """
          lower(email COLLATE "C") LIKE lower(
          """), .text(pattern))
    text.append(
      Statement(
        sqlite: " ESCAPE '\\'",
        postgreSQL: """
           COLLATE "C") ESCAPE '\\'
          """))
  }

  /// A text that stands for itself in a pattern.
  private static func escaped(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "%" || scalar == "_" || scalar == "\\" { escaped.append("\\") }
      escaped.append(scalar)
    }
    return String(escaped)
  }
}
