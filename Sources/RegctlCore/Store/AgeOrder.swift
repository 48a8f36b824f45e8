internal import SQL

/// The order of a list by numbers, which grow with each row.
package enum AgeOrder: Sendable {
  case oldestFirst, newestFirst

  /// The factor that makes numbers in this order ascend.
  var sign: Int64 { self == .oldestFirst ? 1 : -1 }
}

extension ComposedQuery {
  /// Appends, after the column of the number, the condition that a row comes after one with a number.
  mutating func append(after last: Int64?, in order: AgeOrder) {
    switch order {
    case .oldestFirst: append(" > ", .integer(last ?? .min))
    case .newestFirst: append(" < ", .integer(last ?? .max))
    }
  }

  /// Appends the order of a list by the column of the number, and its limit.
  mutating func append(_ order: AgeOrder, by column: Statement = "id", limit: Int) {
    append(" ORDER BY ")
    append(column)
    append(order == .oldestFirst ? " LIMIT " : " DESC LIMIT ", .integer(Int64(limit)))
  }
}
