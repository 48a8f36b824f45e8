internal import Base
internal import SQL

extension Store {
  /// Reads accounts in batches by ID, without a lock between batches. A batch continues after the
  /// last account of the previous one.
  package func accounts(
    after last: AccountID?, matching filter: AccountFilter, limit: Int
  ) throws(RegctlError) -> [Account] {
    if filter.hasDates { try require(.registeredOn) }
    if try accountDates().areUTC {
      return try accountPage(after: last, matching: filter, limit: limit)
    }
    // Text selects the day; which moments the local times of that day mean is known afterwards.
    let wider = filter.widened(by: DatabaseZone.greatestDifference)
    var found: [Account] = []
    var last = last
    while found.count < limit {
      let page = try accountPage(after: last, matching: wider, limit: limit)
      found += page.filter { filter.includes($0.registeredOn) }.prefix(limit - found.count)
      guard page.count == limit else { break }
      last = page.last?.id
    }
    return found
  }

  /// The number of accounts.
  package func accountCount(matching filter: AccountFilter) throws(RegctlError) -> Int {
    if filter.hasDates { try require(.registeredOn) }
    let dates = try accountDates()
    if filter.hasDates, !dates.areUTC {
      var count = 0
      var last: AccountID?
      repeat {
        let page = try accounts(after: last, matching: filter, limit: 10_000)
        count += page.count
        last = page.last?.id
      } while last != nil
      return count
    }
    let query = try AccountQuery.count(
      of: filter, domains: domains(of: filter), date: { self.bound($0.databaseText) })
    var count = 0
    try forEach(query.text, query.values) { count = $0.count(0) }
    return count
  }

  /// The next accounts, whose dates are compared as text in UTC.
  private func accountPage(
    after last: AccountID?, matching filter: AccountFilter, limit: Int
  ) throws(RegctlError) -> [Account] {
    let query = try AccountQuery.page(
      after: last, matching: filter, limit: limit, domains: domains(of: filter),
      date: { self.bound($0.databaseText) })
    let page = try readAccounts(query.text, query.values)
    let sign: Int64 = filter.order == .newestFirst ? -1 : 1
    try requireOrder(
      of: page, by: { sign * $0.id.rawValue }, after: last.map { sign * $0.rawValue },
      in: mapping.table, numbered: \.id.rawValue)
    return page
  }

  /// The domain of a filter in every spelling.
  private func domains(of filter: AccountFilter) throws(RegctlError) -> [String] {
    guard let domain = filter.domain else { return [] }
    return try AddressSpellings.spellings(ofDomain: domain)
  }
}
