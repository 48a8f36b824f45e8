internal import SQL

extension Store {
  /// Reads mails in batches, without a lock between batches. A batch continues after the last mail of
  /// the previous one.
  package func mails(
    after last: ListPlace?, matching filter: OutboxFilter, limit: Int
  ) throws(RegctlError) -> [OutboxEntry] {
    let query = try OutboxQuery.page(
      after: last, matching: filter, domains: AddressSpellings.spellings(ofDomain: filter.domain),
      limit: limit)
    var mails: [OutboxEntry] = []
    try forEach(query.text, query.values) { mails.append(OutboxEntry(row: $0)) }
    try requireOrder(of: mails, in: filter.order, after: last, in: "regctl_outbox")
    return mails
  }

  /// The number of mails.
  package func mailCount(matching filter: OutboxFilter) throws(RegctlError) -> Int {
    try count(
      OutboxQuery.count(
        of: filter, domains: AddressSpellings.spellings(ofDomain: filter.domain)))
  }
}
