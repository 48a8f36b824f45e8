internal import SQL

/// The figures of mails that were purged.
extension Store {
  /// How many mails of each state were purged, and when the last of them was finished.
  func purgedMailTotals() throws(RegctlError) -> [(
    state: OutboxEntry.State, mails: (count: Int, lastFinished: Instant?)
  )] {
    try rows(
      """
      SELECT state, CAST(sum(mails) AS BIGINT), max(last_at) FROM regctl_purged_mails GROUP BY state
      """
    ) { ($0.word(0, else: .failed), ($0.count(1), $0.optionalInstant(2))) }
  }

  /// Adds what is known of the purged mails of candidates, which are older than all others.
  func addPurgedMails(to candidates: inout [PruneCandidate?]) throws(RegctlError) {
    let numbers = candidates.compactMap { $0?.id.rawValue }
    if numbers.isEmpty { return }
    var purged: [Int64: [(state: OutboxEntry.State, last: Instant)]] = [:]
    try forEach(
      Statement(
        sqlite: """
          SELECT account_id, state, last_at FROM regctl_purged_mails
          WHERE account_id IN (SELECT value FROM json_each($1))
          """,
        postgreSQL: """
          SELECT account_id, state, last_at FROM regctl_purged_mails WHERE account_id = ANY ($1)
          """), .integers(numbers)
    ) { row in
      purged[row.integer(0), default: []].append((row.word(1, else: .failed), row.instant(2)))
    }
    if purged.isEmpty { return }
    for index in candidates.indices {
      guard let id = candidates[index]?.id.rawValue, let mails = purged[id] else { continue }
      candidates[index]?.addPurged(mails)
    }
  }
}
