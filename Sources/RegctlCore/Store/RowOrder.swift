internal import SQL

/// The order of a list of rows with numbers, which grow with each row, and addresses.
package enum RowOrder: Sendable {
  case oldestFirst, newestFirst

  /// By the bytes of the addresses; rows without one first, and those with the same one by number.
  case email

  /// How many rows are read at once. No index has the order of addresses: each query reads the whole
  /// table, so that there should be few.
  package var pageSize: Int { self == .email ? 20_000 : 1000 }

  /// The position of a row, which ascends in a list with this order.
  package func place(of row: some NumberedRow) -> ListPlace {
    switch self {
    case .oldestFirst: ListPlace(value: .null, number: row.number)
    case .newestFirst: ListPlace(value: .null, number: 0 &- row.number)
    case .email: ListPlace(value: .text(row.address ?? ""), number: row.number)
    }
  }
}

extension ComposedQuery {
  /// Appends the condition that a row comes after a place, or that there is a row.
  mutating func append(
    after last: ListPlace?, in order: RowOrder, number: Statement = "id",
    address: Statement = "email"
  ) {
    append(order == .email ? " (coalesce(" : " ")
    switch order {
    case .oldestFirst:
      append(number)
      append(" > ", .integer(last?.number ?? .min))
    case .newestFirst:
      append(number)
      append(" < ", .integer(last.map { 0 &- $0.number } ?? .max))
    case .email:
      let place = last ?? ListPlace(value: .text(""), number: .min)
      append(address)
      append(", '') {bytes}, ")
      append(number)
      append(") > (", place.value)
      append(", ", .integer(place.number))
      append(")")
    }
  }

  /// Appends the order of a list, and its limit.
  mutating func append(
    _ order: RowOrder, number: Statement = "id", address: Statement = "email", limit: Int
  ) {
    append(" ORDER BY ")
    if order == .email {
      append("coalesce(")
      append(address)
      append(", '') {bytes}, ")
    }
    append(number)
    append(order == .newestFirst ? " DESC LIMIT " : " LIMIT ", .integer(Int64(limit)))
  }
}
