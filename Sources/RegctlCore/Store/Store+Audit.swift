internal import Base
internal import SQL

extension Store {
  /// Writes an audit entry, in the transaction that makes the change, and returns its number.
  @discardableResult
  func record(_ entry: AuditEntry) throws(RegctlError) -> Int64 {
    try record(entry, accountsHash: nil, by: SHA256())
  }

  /// Writes an audit entry about several accounts, in the transaction that makes the change.
  ///
  /// A command that changes them in several transactions writes one entry with the first, and
  /// continues it with the others: each row names the accounts of its transaction, so that the audit
  /// is true wherever the command is interrupted.
  func record(
    _ entry: AuditEntry, on accounts: [AccountID], continues: Bool = false
  ) throws(RegctlError) {
    try record(
      entry, on: accounts, continues: continues,
      listedBy: Statement(
        sqlite: """
          INSERT INTO regctl_audit_accounts (account_id, audit_id, subject_id)
          SELECT value, $1, value FROM json_each($2)
          """,
        postgreSQL: """
          INSERT INTO regctl_audit_accounts (account_id, audit_id, subject_id)
          SELECT value, CAST($1 AS BIGINT), value FROM unnest(CAST($2 AS BIGINT[])) AS w (value)
          """))
  }

  /// Writes an audit entry about several accounts that are deleted later in the same transaction, as
  /// the trigger would leave it.
  func recordDeletion(
    _ entry: AuditEntry, of accounts: [AccountID], continues: Bool
  ) throws(RegctlError) {
    try record(
      entry, on: accounts, continues: continues,
      listedBy: Statement(
        sqlite: """
          INSERT INTO regctl_audit_accounts (account_id, audit_id, subject_id, deleted_email)
          SELECT min(u.id, -u.id), $1, u.id, u.email
          FROM json_each($2) w CROSS JOIN users u WHERE u.id = w.value
          """,
        postgreSQL: """
          INSERT INTO regctl_audit_accounts (account_id, audit_id, subject_id, deleted_email)
          SELECT least(u.id, -u.id), CAST($1 AS BIGINT), u.id, u.email
          FROM users u WHERE u.id = ANY (CAST($2 AS BIGINT[]))
          """))
  }

  private func record(
    _ entry: AuditEntry, on accounts: [AccountID], continues: Bool, listedBy listing: Statement
  ) throws(RegctlError) {
    var numbers: [Int64] = []
    numbers.reserveCapacity(accounts.count)
    // An account counts once, even if it is listed repeatedly.
    for number in accounts.map(\.rawValue).sorted() where number != numbers.last {
      numbers.append(number)
    }
    let function = try SHA256()
    let act = try record(
      entry, accountsHash: AuditSubjects(numbers).hash(by: function), continues: continues,
      by: function)
    let count = try run(listing, .integer(act), .integers(numbers))
    guard count == numbers.count else { throw ignoredChange(of: "regctl_audit_accounts") }
  }

  /// Writes an audit entry and returns its number.
  @discardableResult
  private func record(
    _ entry: AuditEntry, accountsHash: String?, continues: Bool = false,
    by function: borrowing SHA256
  ) throws(RegctlError) -> Int64 {
    let previous = try newestAuditLink()
    let number = previous.number + 1
    func content(_ words: AuditContent.Words) -> AuditContent {
      AuditContent(
        entry, number: number, accountsHash: accountsHash, continues: continues, words: words)
    }
    switch auditForm {
    case .plain:
      let plain = content(.plain(email: entry.email, reason: entry.words))
      try insert(plain, entry, AuditLink(plain, after: previous, by: function))
    case .committed:
      let sealed = PersonalContent(entry).sealed(by: function)
      let committed = content(.committed(detail: entry.detail, commitment: sealed?.commitment))
      try insert(committed, entry, sealed, AuditLink(committed, after: previous, by: function))
    }
    return number
  }

  private func insert(
    _ content: AuditContent, _ entry: AuditEntry, _ sealed: PersonalContent.Sealed?,
    _ link: AuditLink
  ) throws(RegctlError) {
    try changeOne(
      of: "regctl_audit",
      """
      INSERT INTO regctl_audit (id, at, actor, uid, act, account_id, subject_id, accounts_hash,
        email, new_email, detail, reason, nonce, commitment, hash)
      VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, $14)
      """,
      .integer(content.number), .integer(content.at), .text(content.actor),
      .integer(content.uid), .text(content.act), Value(content.subject),
      Value(content.accountsHash), Value(entry.email), Value(entry.newEmail), Value(entry.detail),
      Value(entry.reason), Value(sealed?.nonce), Value(sealed?.commitment), .text(link.hash))
  }

  /// Inserts a row as before schema 5.
  private func insert(
    _ content: AuditContent, _ entry: AuditEntry, _ link: AuditLink
  ) throws(RegctlError) {
    try changeOne(
      of: "regctl_audit",
      """
      INSERT INTO regctl_audit (id, at, actor, uid, act, account_id, subject_id, accounts_hash,
        email, reason, hash)
      VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10)
      """,
      .integer(content.number), .integer(content.at), .text(content.actor),
      .integer(content.uid), .text(content.act), Value(content.subject),
      Value(content.accountsHash), Value(entry.email), Value(entry.words), .text(link.hash))
  }

  /// All audit entries of an account, oldest first.
  func auditEntries(of id: AccountID) throws(RegctlError) -> [AuditEntry] {
    try numberedAuditEntries(of: id).map(\.entry)
  }

  /// All audit entries of an account, by number.
  private func numberedAuditEntries(of id: AccountID) throws(RegctlError) -> [NumberedAuditEntry] {
    try rows(
      """
      SELECT id, at, actor, uid, act, account_id, email, {new_email}, {detail}, reason
      FROM regctl_audit WHERE account_id = $1
      UNION ALL
      SELECT a.id, a.at, a.actor, a.uid, replace(a.act, '-continued', ''), m.account_id,
        m.deleted_email, {new_email}, {detail}, a.reason
      FROM regctl_audit_accounts m JOIN regctl_audit a ON a.id = m.audit_id
      WHERE m.account_id = $1
      ORDER BY 1
      """, .integer(id.rawValue)
    ) { NumberedAuditEntry(number: $0.integer(0), entry: auditEntry($0)) }
  }

  /// The next audit entries after a place, in the order of a filter.
  package func auditEntries(
    after last: ListPlace?, matching filter: AuditFilter, limit: Int
  ) throws(RegctlError) -> [NumberedAuditEntry] {
    let query = try AuditQuery.page(
      after: last, matching: filter, domains: AddressSpellings.spellings(ofDomain: filter.domain),
      limit: limit)
    var entries: [NumberedAuditEntry] = []
    try forEach(query.text, query.values) { row in
      entries.append(NumberedAuditEntry(number: row.integer(0), entry: auditEntry(row)))
    }
    try requireOrder(of: entries, in: filter.order, after: last, in: "regctl_audit")
    return entries
  }

  /// Those of some entries that a filter selects, in its order.
  package func auditEntries(
    among entries: [NumberedAuditEntry], matching filter: AuditFilter
  ) throws(RegctlError) -> [NumberedAuditEntry] {
    let domains = try AddressSpellings.spellings(ofDomain: filter.domain)
    return entries.filter { filter.includes($0.entry, domains: domains) }
      .sorted { filter.order.place(of: $0) < filter.order.place(of: $1) }
  }

  /// The number of audit entries.
  package func auditEntryCount(matching filter: AuditFilter) throws(RegctlError) -> Int {
    try count(
      AuditQuery.count(
        of: filter, domains: AddressSpellings.spellings(ofDomain: filter.domain)))
  }

  /// All audit entries of the account with an address or a number or, if there is none, of every
  /// account that had the address, deleted or not, by number.
  ///
  /// The entries of a former holder are not mixed with those of the present one.
  package func auditEntries(
    ofAccount word: String
  ) throws(RegctlError) -> [NumberedAuditEntry] {
    if let account = try accountIfAny(word) { return try numberedAuditEntries(of: account.id) }
    if let id = AccountID(typed: word), try account(id) != nil {
      return try numberedAuditEntries(of: id)
    }
    let spellings = try spellings(of: word)
    let holders = try pastHolders(of: spellings)
    if holders.isEmpty { throw .account(.notFound(word)) }
    var entries: [NumberedAuditEntry] = []
    for id in holders.sorted().map(AccountID.init(rawValue:)) {
      let found = try numberedAuditEntries(of: id)
      if id.rawValue > 0 {
        entries += found
      } else {
        let addresses = FormerAddresses(of: spellings, in: found.map(\.entry))
        entries += found.filter { $0.entry.email.map(addresses.contains) ?? false }
      }
    }
    return entries.sorted { $0.number < $1.number }
  }

  /// The numbers of the accounts that had an address before; negative ones of deleted accounts.
  private func pastHolders(of spellings: [String]) throws(RegctlError) -> Set<Int64> {
    var holders: Set<Int64> = []
    for spelling in spellings {
      holders.formUnion(
        try rows(
          Statement(
            sqlite: """
              SELECT DISTINCT account_id FROM regctl_audit
              WHERE account_id IS NOT NULL AND email = $1 COLLATE NOCASE
              UNION
              SELECT DISTINCT account_id FROM regctl_audit_accounts
              WHERE account_id < 0 AND deleted_email = $1 COLLATE NOCASE
              """,
            postgreSQL: """
              SELECT account_id FROM regctl_audit
              WHERE account_id IS NOT NULL AND lower(email COLLATE "C") = lower($1 COLLATE "C")
              UNION
              SELECT account_id FROM regctl_audit_accounts
              WHERE account_id < 0 AND lower(deleted_email COLLATE "C") = lower($1 COLLATE "C")
              """), .text(spelling)
        ) { $0.integer(0) })
    }
    return holders
  }

  /// The count of an account's entries of some kinds since a time, and the time of the last.
  func acts(
    _ acts: [AuditEntry.Act], on id: AccountID, since moment: Instant
  ) throws(RegctlError) -> (count: Int, last: Instant?) {
    let names = Value.texts(acts.map(\.rawValue))
    return try first(
      Statement(
        sqlite: """
          SELECT count(*), max(at) FROM (
            SELECT at, act FROM regctl_audit WHERE account_id = $1
            UNION ALL
            SELECT a.at, replace(a.act, '-continued', '')
            FROM regctl_audit_accounts m JOIN regctl_audit a ON a.id = m.audit_id
            WHERE m.account_id = $1)
          WHERE at > $2 AND act IN (SELECT value FROM json_each($3))
          """,
        postgreSQL: """
          SELECT count(*), max(at) FROM (
            SELECT at, act FROM regctl_audit WHERE account_id = $1
            UNION ALL
            SELECT a.at, replace(a.act, '-continued', '')
            FROM regctl_audit_accounts m JOIN regctl_audit a ON a.id = m.audit_id
            WHERE m.account_id = $1) acts
          WHERE at > $2 AND act = ANY ($3)
          """), .integer(id.rawValue), .integer(moment.seconds), names
    ) { ($0.count(0), $0.optionalInstant(1)) } ?? (0, nil)
  }

  /// When an expired link of each of some accounts was tried last.
  func expiredLinks(of accounts: [AccountID]) throws(RegctlError) -> [AccountID: Instant] {
    var attempts: [AccountID: Instant] = [:]
    try forEach(
      Statement(
        sqlite: """
          SELECT account_id, max(at) FROM regctl_audit
          WHERE account_id IN (SELECT value FROM json_each($1)) AND act = 'expired-link'
          GROUP BY account_id
          """,
        postgreSQL: """
          SELECT account_id, max(at) FROM regctl_audit
          WHERE account_id = ANY ($1) AND act = 'expired-link' GROUP BY account_id
          """), .integers(accounts.map(\.rawValue))
    ) { row in attempts[row.account(0)] = row.instant(1) }
    return attempts
  }

  /// An entry from the columns id, at, actor, uid, act, account_id, email, new_email, detail, reason.
  func auditEntry(_ row: borrowing Row) -> AuditEntry {
    var entry = AuditEntry(
      act: row.word(4, else: AuditEntry.Act.register), at: row.instant(1),
      actor: Actor(
        name: row.text(2), uid: UInt32(row.integer(3, in: 0...Int64(UInt32.max)))),
      account: row.optionalInteger(5).map(AccountID.init(rawValue:)), email: row.optionalText(6),
      newEmail: row.optionalText(7), detail: row.optionalText(8), reason: row.optionalText(9))
    switch auditForm {
    case .committed: break
    case .plain:
      let parts = CombinedReason(
        entry.reason, of: entry.act, hasAccount: entry.account != nil && entry.email != nil)
      (entry.newEmail, entry.detail, entry.reason) = (parts.newEmail, parts.detail, parts.reason)
    }
    return entry
  }
}
