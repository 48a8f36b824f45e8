internal import SQL

/// Reports about mails, and the addresses that get no further mail because of one.
///
/// An account is on the ledger while there is such a report about its present address, so that a new
/// registration with the address of an account that is gone begins without one.
extension Store {
  /// Throws where reports cannot be stored.
  func requireBounces() throws(RegctlError) {
    if !keepsBounces { throw .store(.objectsMissing([Schema.bounces.description])) }
  }

  // MARK: Looking

  /// The reports about a mail, oldest first.
  func bounces(of mail: MailID) throws(RegctlError) -> [BounceRecord] {
    guard keepsBounces else { return [] }
    return try rows(
      """
      SELECT id, mail_id, account_id, email, at, result, status, reply, reporter, suppresses,
        cleared_at
      FROM regctl_bounces WHERE mail_id = $1 ORDER BY id
      """, .integer(mail.rawValue), transform: BounceRecord.init(row:))
  }

  /// The reports about the mails and the addresses of an account, oldest first.
  package func bounces(of account: AccountID) throws(RegctlError) -> [BounceRecord] {
    guard keepsBounces else { return [] }
    return try rows(
      """
      SELECT id, mail_id, account_id, email, at, result, status, reply, reporter, suppresses,
        cleared_at
      FROM regctl_bounces WHERE account_id = $1 ORDER BY id
      """, .integer(account.rawValue), transform: BounceRecord.init(row:))
  }

  /// The newest report that keeps the address of an account on the ledger.
  package func bounce(suppressing account: Account) throws(RegctlError) -> BounceRecord? {
    try bounces(of: account.id).last { bounce in
      bounce.isOnLedger && AddressSpellings.isSame(bounce.email, account.email)
    }
  }

  /// Those among some accounts whose address is on the ledger.
  func suppressed(
    among accounts: [(id: AccountID, email: String)]
  ) throws(RegctlError) -> Set<AccountID> {
    guard keepsBounces, !accounts.isEmpty else { return [] }
    var emails: [AccountID: [String]] = [:]
    try forEach(
      Statement(
        sqlite: """
          SELECT account_id, email FROM regctl_bounces
          WHERE account_id IN (SELECT value FROM json_each($1))
            AND suppresses = TRUE AND cleared_at IS NULL
          """,
        postgreSQL: """
          SELECT account_id, email FROM regctl_bounces
          WHERE account_id = ANY ($1) AND suppresses = TRUE AND cleared_at IS NULL
          """), .integers(accounts.map(\.id.rawValue))
    ) { row in
      emails[AccountID(rawValue: row.integer(0)), default: []].append(row.text(1))
    }
    return Set(
      accounts.filter { account in
        emails[account.id]?.contains { AddressSpellings.isSame($0, account.email) } ?? false
      }.map(\.id))
  }

  /// Those among some accounts whose last mail was refused later for a fault on this side.
  func declinedLater(among accounts: [AccountID]) throws(RegctlError) -> Set<AccountID> {
    guard keepsBounces, !accounts.isEmpty else { return [] }
    return Set(
      try rows(
        Statement(
          sqlite: """
            SELECT b.account_id FROM regctl_bounces b
            WHERE b.account_id IN (SELECT value FROM json_each($1)) AND b.result = 'declined'
              AND b.mail_id = (SELECT max(id) FROM regctl_outbox WHERE account_id = b.account_id)
            """,
          postgreSQL: """
            SELECT b.account_id FROM regctl_bounces b
            WHERE b.account_id = ANY ($1) AND b.result = 'declined'
              AND b.mail_id = (SELECT max(id) FROM regctl_outbox WHERE account_id = b.account_id)
            """), .integers(accounts.map(\.rawValue))
      ) { AccountID(rawValue: $0.integer(0)) })
  }

  /// How many mails were refused later for a fault on this side, by reports since a time, and the words
  /// of the newest of them; `nil` if there are none.
  func mailsDeclinedLater(
    since moment: Instant
  ) throws(RegctlError) -> (count: Int, reply: String)? {
    guard keepsBounces else { return nil }
    let count =
      try first(
        "SELECT count(*) FROM regctl_bounces WHERE result = 'declined' AND at >= $1",
        .integer(moment.seconds)
      ) { $0.count(0) } ?? 0
    if count == 0 { return nil }
    let reply = try first(
      """
      SELECT coalesce(reply, status, '') FROM regctl_bounces
      WHERE result = 'declined' AND at >= $1 ORDER BY id DESC LIMIT 1
      """, .integer(moment.seconds)
    ) { $0.text(0) }
    return (count: count, reply: reply ?? "")
  }

  // MARK: Changing

  /// Keeps a report, in the transaction that found it new.
  func addBounce(_ bounce: NewBounceRecord, at now: Instant) throws(RegctlError) -> BounceRecord {
    let number = try insert(
      into: "regctl_bounces",
      """
      INSERT INTO regctl_bounces
        (mail_id, account_id, email, at, result, status, reply, reporter, suppresses)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
      """, Value(bounce.mail?.rawValue), Value(bounce.account?.rawValue), .text(bounce.email),
      .integer(now.seconds), .text(bounce.result.rawValue), Value(bounce.status),
      Value(bounce.reply), Value(bounce.reporter), .boolean(bounce.suppresses))
    return BounceRecord(
      id: number, mail: bounce.mail, account: bounce.account, email: bounce.email, at: now,
      result: bounce.result, status: bounce.status, reply: bounce.reply,
      reporter: bounce.reporter, suppresses: bounce.suppresses, clearedAt: nil)
  }

  /// Records that a mail which was sent has bounced; when it was sent stays known.
  func markBounced(_ id: MailID, reply: String?) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_outbox SET state = 'bounced', last_reply = coalesce($1, last_reply)
      WHERE id = $2 AND state = 'sent'
      """, Value(reply), .integer(id.rawValue))
  }

  /// Takes the addresses of an account off the ledger, and returns how many reports had put them there.
  @discardableResult
  func clearBounces(of account: AccountID, at now: Instant) throws(RegctlError) -> Int {
    guard keepsBounces else { return 0 }
    return try run(
      """
      UPDATE regctl_bounces SET cleared_at = $1
      WHERE account_id = $2 AND suppresses = TRUE AND cleared_at IS NULL
      """, .integer(now.seconds), .integer(account.rawValue))
  }

  /// Removes the reports about settled mails with numbers in a range that were finished before a time,
  /// but for those that keep an account's address on the ledger; call it in the transaction that
  /// removes the mails.
  func purgeBounces(_ range: ClosedRange<Int64>, before cutoff: Instant) throws(RegctlError) {
    guard keepsBounces else { return }
    let values = [range.lowerBound, range.upperBound, cutoff.seconds].map(Value.integer)
    try run(
      """
      DELETE FROM regctl_bounces
      WHERE NOT (suppresses = TRUE AND cleared_at IS NULL AND account_id > 0)
        AND mail_id IN (
          SELECT id FROM regctl_outbox
          WHERE id BETWEEN $1 AND $2
            AND state IN ('sent', 'failed', 'bounced', 'cancelled', 'expired')
            AND finished_at < $3)
      """, values)
    // The number of a mail may be given out again.
    try run(
      """
      UPDATE regctl_bounces SET mail_id = NULL
      WHERE mail_id IN (
        SELECT id FROM regctl_outbox
        WHERE id BETWEEN $1 AND $2
          AND state IN ('sent', 'failed', 'bounced', 'cancelled', 'expired') AND finished_at < $3)
      """, values)
  }

  /// Removes the reports without a mail that were read before a time, but for those that keep an
  /// account's address on the ledger; call it in a transaction.
  func purgeBouncesWithoutMail(before cutoff: Instant) throws(RegctlError) {
    guard keepsBounces else { return }
    try run(
      """
      DELETE FROM regctl_bounces
      WHERE mail_id IS NULL AND at < $1
        AND NOT (suppresses = TRUE AND cleared_at IS NULL AND account_id > 0)
      """, .integer(cutoff.seconds))
  }

  // MARK: Lists

  /// Reads reports in batches, without a lock between batches. A batch continues after the
  /// last report of the previous one.
  package func bounces(
    after last: ListPlace?, matching filter: BounceFilter, limit: Int
  ) throws(RegctlError) -> [BounceRecord] {
    guard keepsBounces else { return [] }
    let query = try BounceQuery.page(
      after: last, matching: filter,
      domains: AddressSpellings.spellings(ofDomain: filter.domain), limit: limit)
    var bounces: [BounceRecord] = []
    try forEach(query.text, query.values) { bounces.append(BounceRecord(row: $0)) }
    try requireOrder(of: bounces, in: filter.order, after: last, in: "regctl_bounces")
    return bounces
  }

  /// The number of reports.
  package func bounceCount(matching filter: BounceFilter) throws(RegctlError) -> Int {
    guard keepsBounces else { return 0 }
    return try count(
      BounceQuery.count(
        of: filter, domains: AddressSpellings.spellings(ofDomain: filter.domain)))
  }
}

extension BounceRecord {
  /// A report from the eleven columns in the order used by every query.
  init(row: borrowing Row) {
    self.init(
      id: row.integer(0), mail: row.optionalInteger(1).map(MailID.init(rawValue:)),
      account: row.optionalInteger(2).map(AccountID.init(rawValue:)), email: row.text(3),
      at: row.instant(4), result: row.word(5, else: Result.unverified),
      status: row.optionalText(6), reply: row.optionalText(7), reporter: row.optionalText(8),
      suppresses: row.boolean(9), clearedAt: row.optionalInstant(10))
  }
}
