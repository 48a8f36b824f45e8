internal import SQL

extension Store {
  /// Reads mails in batches by ID, without a lock between batches. A batch continues after the last
  /// mail of the previous one.
  package func mails(
    after last: MailID?, matching filter: OutboxFilter, limit: Int
  ) throws(RegctlError) -> [OutboxEntry] {
    let query = try OutboxQuery.page(
      after: last, matching: filter, domains: domains(of: filter), limit: limit)
    var mails: [OutboxEntry] = []
    try forEach(query.text, query.values) { mails.append(OutboxEntry(row: $0)) }
    let sign: Int64 = filter.order == .newestFirst ? -1 : 1
    try requireOrder(
      of: mails, by: { sign * $0.id.rawValue }, after: last.map { sign * $0.rawValue },
      in: "regctl_outbox", numbered: \.id.rawValue)
    return mails
  }

  /// The number of mails.
  package func mailCount(matching filter: OutboxFilter) throws(RegctlError) -> Int {
    let query = try OutboxQuery.count(of: filter, domains: domains(of: filter))
    var count = 0
    try forEach(query.text, query.values) { count = $0.count(0) }
    return count
  }

  /// The domain of a filter in every spelling.
  private func domains(of filter: OutboxFilter) throws(RegctlError) -> [String] {
    guard let domain = filter.domain else { return [] }
    return try AddressSpellings.spellings(ofDomain: domain)
  }
}
