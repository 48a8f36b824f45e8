internal import SQL

extension Store {
  /// Reads the next accounts of a list as lines; `nil` if one of them is not plain, or the dates of the
  /// database are not in UTC: then `accounts` reads them.
  package func plainAccounts(
    _ columns: [PlainAccounts.Column], after last: ListPlace?, matching filter: AccountFilter,
    limit: Int
  ) throws(RegctlError) -> PlainAccounts? {
    let isOrdered = filter.order != .email
    guard isFile, isOrdered, try accountDates().areUTC else { return nil }
    try requireColumns(of: filter)
    let query = try accountQuery(filter)
    let place = last ?? Self.beginning(of: filter.order)
    var found = PlainAccounts(columns, after: place, in: filter.order)
    for part in parts(of: filter.order) where found.count < limit {
      let page = query.plainPage(part, after: place, limit: limit - found.count)
      try forEach(page.text, page.values) { found.append($0) }
    }
    guard found.arePlain else { return nil }
    if let number = found.misplaced {
      throw .store(.malformed(MalformedRow(table: mapping.table, outOfOrder: number)))
    }
    return found
  }
}
