internal import SQL

extension Store {
  /// Reads mails in batches by ID, without a lock between batches. A batch continues after the last
  /// mail of the previous one.
  package func mails(
    after last: MailID?, matching filter: OutboxFilter, limit: Int
  ) throws(RegctlError) -> [OutboxEntry] {
    let query = try OutboxQuery.page(
      after: last, matching: filter, domains: AddressSpellings.spellings(ofDomain: filter.domain),
      limit: limit)
    var mails: [OutboxEntry] = []
    try forEach(query.text, query.values) { mails.append(OutboxEntry(row: $0)) }
    let sign = filter.order.sign
    try requireOrder(
      of: mails, by: { sign * $0.id.rawValue }, after: last.map { sign * $0.rawValue },
      in: "regctl_outbox", numbered: \.id.rawValue)
    return mails
  }

  /// The number of mails.
  package func mailCount(matching filter: OutboxFilter) throws(RegctlError) -> Int {
    try count(
      OutboxQuery.count(
        of: filter, domains: AddressSpellings.spellings(ofDomain: filter.domain)))
  }
}
