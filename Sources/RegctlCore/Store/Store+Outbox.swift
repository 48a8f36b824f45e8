internal import OpenSSL
internal import SQLite

/// Which mails `list-outbox` shows.
package struct OutboxFilter: Sendable {
  package var state: OutboxEntry.State?
  package var account: AccountID?

  package init(state: OutboxEntry.State? = nil, account: AccountID? = nil) {
    self.state = state
    self.account = account
  }
}

extension Store {
  /// Queues a mail to an account, in the transaction that gives the reason for it; `email` is where
  /// it goes when that is not the account's address.
  func enqueue(
    _ kind: MailKind, to account: Account, email: String? = nil, at now: Instant, due: Instant,
    messageDomain: String?
  ) throws(RegctlError) -> MailID {
    try perform { connection throws(SQLiteError) in
      _ = try connection.run(
        """
        INSERT INTO regctl_outbox
          (account_id, email, purpose, template, state, queued_at, next_attempt_at, message_id)
        VALUES (?1, ?2, ?3, ?4, 'queued', ?5, ?6, ?7)
        """,
        .integer(account.id.rawValue), .text(email ?? account.email),
        .text((kind.purpose ?? .changeEmail).rawValue), .text(kind.rawValue), .integer(now.seconds),
        .integer(due.seconds), .text(Self.newMessageID(at: now, domain: messageDomain)))
      return MailID(rawValue: connection.lastInsertedRow())
    }
  }

  /// A `Message-ID` without angle brackets, unlike any other.
  ///
  /// Without a domain it is a beginning, which the first attempt completes.
  private static func newMessageID(at now: Instant, domain: String?) -> String {
    "\(now.seconds).\(RandomBytes.hexadecimal(12))\(domain.map { "@\($0)" } ?? "")"
  }

  /// The mail of a purpose that an account still waits for.
  func pendingMail(
    _ purpose: TokenPurpose, of id: AccountID
  ) throws(RegctlError) -> MailID? {
    try perform { connection throws(SQLiteError) in
      try connection.first(
        """
        SELECT id FROM regctl_outbox
        WHERE account_id = ? AND purpose = ? AND state = 'queued' ORDER BY id LIMIT 1
        """, .integer(id.rawValue), .text(purpose.rawValue)
      ) { MailID(rawValue: $0.integer(0)) }
    }
  }

  /// Makes a waiting mail due at a moment, with a full lifetime from now.
  func reschedule(_ id: MailID, at now: Instant, due: Instant) throws(RegctlError) {
    try perform { connection throws(SQLiteError) in
      _ = try connection.run(
        """
        UPDATE regctl_outbox SET next_attempt_at = ?2, queued_at = ?3
        WHERE id = ?1 AND state = 'queued'
        """, .integer(id.rawValue), .integer(due.seconds), .integer(now.seconds))
    }
  }

  /// When a mail of a purpose was last queued for an account.
  func lastQueued(_ purpose: TokenPurpose, for id: AccountID) throws(RegctlError) -> Instant? {
    try perform { connection throws(SQLiteError) in
      try connection.first(
        "SELECT max(queued_at) FROM regctl_outbox WHERE account_id = ? AND purpose = ?",
        .integer(id.rawValue), .text(purpose.rawValue)
      ) { $0.optionalInteger(0) }
    }.flatMap { $0 }.map(Instant.init(seconds:))
  }

  /// The mails of an account, oldest first.
  func mails(of id: AccountID) throws(RegctlError) -> [OutboxEntry] {
    try perform { connection throws(SQLiteError) in
      try connection.rows(
        """
        SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
          finished_at, last_reply, message_id, possible_duplicate, template
        FROM regctl_outbox WHERE account_id = ? ORDER BY id
        """, .integer(id.rawValue), transform: OutboxEntry.init(row:))
    }
  }

  /// Up to `limit` mails with a number greater than `last`, oldest first.
  package func mails(
    after last: MailID, matching filter: OutboxFilter, limit: Int
  ) throws(RegctlError) -> [OutboxEntry] {
    if let account = filter.account {
      return try mails(of: account).filter { mail in
        mail.id.rawValue > last.rawValue && (filter.state.map { $0 == mail.state } ?? true)
      }.prefix(limit).map { $0 }
    }
    return try perform { connection throws(SQLiteError) in
      try connection.rows(
        """
        SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
          finished_at, last_reply, message_id, possible_duplicate, template
        FROM regctl_outbox WHERE id > ?1 AND (?2 IS NULL OR state = ?2) ORDER BY id LIMIT ?3
        """, .integer(last.rawValue), Value(filter.state?.rawValue), .integer(Int64(limit)),
        transform: OutboxEntry.init(row:))
    }
  }

  /// The mail with a number.
  package func mail(_ id: MailID) throws(RegctlError) -> OutboxEntry? {
    try perform { connection throws(SQLiteError) in
      try connection.first(
        """
        SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
          finished_at, last_reply, message_id, possible_duplicate, template
        FROM regctl_outbox WHERE id = ?
        """, .integer(id.rawValue), transform: OutboxEntry.init(row:))
    }
  }

  /// Up to `limit` mails that are due, the longest waiting first.
  func mailsDue(at now: Instant, limit: Int) throws(RegctlError) -> [OutboxEntry] {
    try perform { connection throws(SQLiteError) in
      try connection.rows(
        """
        SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
          finished_at, last_reply, message_id, possible_duplicate, template
        FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at <= ?1
        ORDER BY next_attempt_at, id LIMIT ?2
        """, .integer(now.seconds), .integer(Int64(limit)), transform: OutboxEntry.init(row:))
    }
  }

  /// Up to `limit` mails that are due, the longest waiting first, behind another such mail.
  func mailsDue(
    at now: Instant, after last: OutboxEntry?, limit: Int
  ) throws(RegctlError) -> [OutboxEntry] {
    guard let last, let due = last.nextAttemptAt else {
      return try mailsDue(at: now, limit: limit)
    }
    return try perform { connection throws(SQLiteError) in
      // Two ranges, since SQLite would walk through all equal moments to find the place of an id.
      try connection.rows(
        """
        SELECT m.id, account_id, email, purpose, state, attempts, queued_at, m.next_attempt_at,
          finished_at, last_reply, message_id, possible_duplicate, template
        FROM (
          SELECT next_attempt_at, id FROM regctl_outbox
          WHERE state = 'queued' AND next_attempt_at = ?1 AND id > ?2
          UNION ALL
          SELECT next_attempt_at, id FROM regctl_outbox
          WHERE state = 'queued' AND next_attempt_at > ?1 AND next_attempt_at <= ?3
          ORDER BY 1, 2 LIMIT -1
        ) p CROSS JOIN regctl_outbox m ON m.id = p.id
        LIMIT ?4
        """, .integer(due.seconds), .integer(last.id.rawValue), .integer(now.seconds),
        .integer(Int64(limit)), transform: OutboxEntry.init(row:))
    }
  }

  /// Whether `deliver` has anything to do: a mail that is due, or one that a dead deliverer left.
  func hasWork(at now: Instant) throws(RegctlError) -> Bool {
    try perform { connection throws(SQLiteError) in
      try connection.first(
        """
        SELECT 1 FROM regctl_outbox
        WHERE state = 'sending' OR (state = 'queued' AND next_attempt_at <= ?) LIMIT 1
        """, .integer(now.seconds)
      ) { _ in true }
    } ?? false
  }

  /// When the next mail is due, later than now.
  func nextAttempt() throws(RegctlError) -> Instant? {
    try perform { connection throws(SQLiteError) in
      try connection.first(
        "SELECT min(next_attempt_at) FROM regctl_outbox WHERE state = 'queued'"
      ) { $0.optionalInteger(0) }
    }.flatMap { $0 }.map(Instant.init(seconds:))
  }

  /// Queues again what a dead deliverer left in its hands; call it only under the delivery lock.
  func requeueAbandonedMails() throws(RegctlError) {
    try perform { connection throws(SQLiteError) in
      _ = try connection.run(
        """
        UPDATE regctl_outbox SET state = 'queued', possible_duplicate = 1 WHERE state = 'sending'
        """)
    }
  }

  /// Marks a mail as being handed over, before it is; its identity is settled from now on.
  func beginAttempt(_ id: MailID, messageID: String) throws(RegctlError) {
    try perform { connection throws(SQLiteError) in
      _ = try connection.run(
        """
        UPDATE regctl_outbox SET state = 'sending', attempts = attempts + 1, message_id = ?2
        WHERE id = ?1
        """, .integer(id.rawValue), .text(messageID))
    }
  }

  /// Puts a mail back without the attempt, which came to nothing through no fault of its own.
  func withdrawAttempt(_ id: MailID, due: Instant) throws(RegctlError) {
    try perform { connection throws(SQLiteError) in
      _ = try connection.run(
        """
        UPDATE regctl_outbox SET state = 'queued', attempts = attempts - 1, next_attempt_at = ?2
        WHERE id = ?1 AND state = 'sending'
        """, .integer(id.rawValue), .integer(due.seconds))
    }
  }

  /// Puts a mail off.
  func deferMail(
    _ id: MailID, reply: String, isPossibleDuplicate: Bool, until due: Instant
  ) throws(RegctlError) {
    try perform { connection throws(SQLiteError) in
      _ = try connection.run(
        """
        UPDATE regctl_outbox SET state = 'queued', last_reply = ?2, next_attempt_at = ?3,
          possible_duplicate = possible_duplicate OR ?4
        WHERE id = ?1
        """, .integer(id.rawValue), .text(reply), .integer(due.seconds),
        Value(isPossibleDuplicate))
    }
  }

  /// Makes a mail wait as if it were new.
  func requeue(_ id: MailID, at now: Instant) throws(RegctlError) {
    try perform { connection throws(SQLiteError) in
      _ = try connection.run(
        """
        UPDATE regctl_outbox SET state = 'queued', attempts = 0, queued_at = ?2,
          next_attempt_at = ?2, finished_at = NULL
        WHERE id = ?1
        """, .integer(id.rawValue), .integer(now.seconds))
    }
  }

  /// Makes every mail that was refused for good wait as if it were new, and returns their number.
  func requeueAllFailed(at now: Instant) throws(RegctlError) -> Int {
    try perform { connection throws(SQLiteError) in
      try connection.run(
        """
        UPDATE regctl_outbox SET state = 'queued', attempts = 0, queued_at = ?1,
          next_attempt_at = ?1, finished_at = NULL
        WHERE state = 'failed'
        """, .integer(now.seconds))
    }
  }

  /// Records what became of a mail.
  func finish(
    _ id: MailID, as state: OutboxEntry.State, reply: String?, at now: Instant
  ) throws(RegctlError) {
    try perform { connection throws(SQLiteError) in
      _ = try connection.run(
        """
        UPDATE regctl_outbox
        SET state = ?2, last_reply = ?3, finished_at = ?4, next_attempt_at = NULL
        WHERE id = ?1
        """, .integer(id.rawValue), .text(state.rawValue), Value(reply), .integer(now.seconds))
    }
  }
}

extension OutboxEntry {
  /// A mail from the thirteen columns in the order in which every query names them.
  init(row: borrowing Row) {
    self.init(
      id: MailID(rawValue: row.integer(0)), account: AccountID(rawValue: row.integer(1)),
      email: row.text(2), kind: MailKind(rawValue: row.text(12)) ?? .confirm,
      purpose: TokenPurpose(rawValue: row.text(3)) ?? .confirm,
      state: State(rawValue: row.text(4)) ?? .failed, attempts: Int(row.integer(5)),
      queuedAt: Instant(seconds: row.integer(6)),
      nextAttemptAt: row.optionalInteger(7).map(Instant.init(seconds:)),
      finishedAt: row.optionalInteger(8).map(Instant.init(seconds:)),
      lastReply: row.optionalText(9), messageID: row.text(10),
      isPossibleDuplicate: row.integer(11) != 0)
  }
}
