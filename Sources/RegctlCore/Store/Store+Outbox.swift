internal import SQL
internal import System

extension Store {
  /// Queues a mail to an account, in the transaction that causes it; `email` is the recipient when
  /// that is not the account's address.
  func enqueue(
    _ kind: MailKind, to account: Account, email: String? = nil, at now: Instant, due: Instant,
    messageDomain: String?
  ) throws(RegctlError) -> MailID {
    let number = try insert(
      into: "regctl_outbox",
      """
      INSERT INTO regctl_outbox
        (account_id, email, purpose, template, state, queued_at, next_attempt_at, message_id)
      VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7) RETURNING id
      """,
      .integer(account.id.rawValue), .text(email ?? account.email),
      .text(kind.listedPurpose.rawValue), .text(kind.rawValue), .integer(now.seconds),
      .integer(due.seconds), .text(Self.newMessageID(at: now, domain: messageDomain)))
    try announceMail()
    return MailID(rawValue: number)
  }

  /// A unique `Message-ID` without angle brackets.
  ///
  /// Without a domain it is only the left part, which the first attempt completes.
  private static func newMessageID(at now: Instant, domain: String?) -> String {
    "\(now.seconds).\(RandomBytes.hexadecimal(12))\(domain.map { "@\($0)" } ?? "")"
  }

  /// The queued mail of a purpose for an account.
  func pendingMail(
    _ purpose: TokenPurpose, of id: AccountID
  ) throws(RegctlError) -> MailID? {
    try first(
      """
      SELECT id FROM regctl_outbox
      WHERE account_id = $1 AND purpose = $2 AND state = 'queued' ORDER BY id LIMIT 1
      """, .integer(id.rawValue), .text(purpose.rawValue)
    ) { MailID(rawValue: $0.integer(0)) }
  }

  /// Makes a queued mail due at a time, with a full lifetime from now, and one of a kind.
  func reschedule(
    _ id: MailID, as kind: MailKind, at now: Instant, due: Instant
  ) throws(RegctlError) {
    try changeOne(
      of: "regctl_outbox",
      """
      UPDATE regctl_outbox SET next_attempt_at = $1, queued_at = $2, template = $3
      WHERE id = $4 AND state = 'queued'
      """, .integer(due.seconds), .integer(now.seconds), .text(kind.rawValue),
      .integer(id.rawValue))
    try announceMail()
  }

  /// Whether an account was registered with an invitation, and its owner has set no password yet.
  func isInvited(_ account: Account) throws(RegctlError) -> Bool {
    let hasInvitation = try first(
      "SELECT 1 FROM regctl_outbox WHERE account_id = $1 AND template = $2 LIMIT 1",
      .integer(account.id.rawValue), .text(MailKind.invite.rawValue)
    ) { _ in true }
    guard hasInvitation == true, !account.isConfirmed else { return false }
    return try passwordHash(of: account.id) == .unusable
  }

  /// The time when a mail of a purpose was last queued for an account.
  func lastQueued(_ purpose: TokenPurpose, for id: AccountID) throws(RegctlError) -> Instant? {
    try first(
      "SELECT max(queued_at) FROM regctl_outbox WHERE account_id = $1 AND purpose = $2",
      .integer(id.rawValue), .text(purpose.rawValue)
    ) { $0.optionalInstant(0) } ?? nil
  }

  /// The newest mail of the account that an operator names by its address or number.
  package func newestMail(ofAccount word: String) throws(RegctlError) -> OutboxEntry {
    let account = try account(named: word)
    guard let mail = try mails(of: account.id).last else {
      throw .mail(.noneEligible(email: account.email, []))
    }
    return mail
  }

  /// The mails of an account, oldest first.
  func mails(of id: AccountID) throws(RegctlError) -> [OutboxEntry] {
    try rows(
      """
      SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
        finished_at, last_reply, message_id, possible_duplicate, template
      FROM regctl_outbox WHERE account_id = $1 ORDER BY id
      """, .integer(id.rawValue), transform: OutboxEntry.init(row:))
  }

  /// The mail with an ID.
  package func mail(_ id: MailID) throws(RegctlError) -> OutboxEntry? {
    try first(
      """
      SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
        finished_at, last_reply, message_id, possible_duplicate, template
      FROM regctl_outbox WHERE id = $1
      """, .integer(id.rawValue), transform: OutboxEntry.init(row:))
  }

  /// A queued mail, or a row with invalid values.
  enum WaitingMail {
    case readable(OutboxEntry)
    case malformed(MailID, MalformedRow)
  }

  /// Up to `limit` mails that are due, in the order of their due times; confirmations, invitations
  /// and reminders after all others.
  func mailsDue(at now: Instant, limit: Int) throws(RegctlError) -> [WaitingMail] {
    let urgent = try waitingMails(
      """
      SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
        finished_at, last_reply, message_id, possible_duplicate, template
      FROM regctl_outbox
      WHERE state = 'queued' AND coalesce(template, '') <> 'confirm'
        AND coalesce(template, '') <> 'invite' AND coalesce(template, '') <> 'reminder'
        AND next_attempt_at <= $1
      ORDER BY next_attempt_at, id LIMIT $2
      """, at: now, limit: limit)
    return urgent
      + (try waitingMails(
        """
        SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
          finished_at, last_reply, message_id, possible_duplicate, template
        FROM regctl_outbox
        WHERE state = 'queued' AND template IN ('confirm', 'invite', 'reminder')
          AND next_attempt_at <= $1
        ORDER BY next_attempt_at, id LIMIT $2
        """, at: now, limit: limit - urgent.count))
  }

  private func waitingMails(
    _ statement: Statement, at now: Instant, limit: Int
  ) throws(RegctlError) -> [WaitingMail] {
    if limit == 0 { return [] }
    var ids: [MailID] = []
    let found = try readableRows(statement, .integer(now.seconds), .integer(Int64(limit))) { row in
      ids.append(MailID(rawValue: row.integer(0)))
      return OutboxEntry(row: row)
    }
    return zip(ids, found).map { id, found in
      switch found {
      case .success(let entry): .readable(entry)
      case .failure(let value): .malformed(id, MalformedRow(value))
      }
    }
  }

  /// The queued mails whose due time is invalid, so that they would never be due.
  ///
  /// In the order of the index `NULL` comes first, and text and blobs come after all numbers.
  func mailsNeverDue() throws(RegctlError) -> [MailID] {
    try rows(
      """
      SELECT id FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at IS NULL
      UNION ALL
      SELECT id FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at > $1
      """, .integer(Instant.storedSeconds.upperBound)
    ) { MailID(rawValue: $0.integer(0)) }
  }

  /// Marks a mail whose row cannot be read as failed, so that it does not block the others.
  ///
  /// Returns `false` for a mail that is not queued, although an index says so.
  func setAside(_ id: MailID, reply: String, at now: Instant) throws(RegctlError) -> Bool {
    try run(
      """
      UPDATE regctl_outbox
      SET state = 'failed', last_reply = $1, finished_at = $2, next_attempt_at = NULL
      WHERE id = $3 AND state = 'queued'
      """, .text(reply), .integer(now.seconds), .integer(id.rawValue)) == 1
  }

  /// Up to `limit` mails that are due, in the order of their due times, after another such mail.
  func mailsDue(
    at now: Instant, after last: OutboxEntry?, limit: Int
  ) throws(RegctlError) -> [OutboxEntry] {
    let start = last.map(ListPlace.init) ?? .beginning
    // On SQLite two ranges, as in the list of unconfirmed accounts.
    let mails = try rows(
      Statement(
        sqlite: """
          SELECT m.id, account_id, email, purpose, state, attempts, queued_at, m.next_attempt_at,
            finished_at, last_reply, message_id, possible_duplicate, template
          FROM (
            SELECT next_attempt_at, id FROM regctl_outbox
            WHERE state = 'queued' AND next_attempt_at = $1 AND id > $2
            UNION ALL
            SELECT next_attempt_at, id FROM regctl_outbox
            WHERE state = 'queued' AND next_attempt_at > $1 AND next_attempt_at <= $3
            ORDER BY 1, 2 LIMIT -1
          ) p CROSS JOIN regctl_outbox m
          WHERE m.id = p.id
          LIMIT $4
          """,
        postgreSQL: """
          SELECT id, account_id, email, purpose, state, attempts, queued_at, next_attempt_at,
            finished_at, last_reply, message_id, possible_duplicate, template
          FROM regctl_outbox
          WHERE state = 'queued' AND (next_attempt_at, id) > ($1, $2) AND next_attempt_at <= $3
          ORDER BY next_attempt_at, id LIMIT $4
          """), start.value, .integer(start.number), .integer(now.seconds), .integer(Int64(limit)),
      transform: OutboxEntry.init(row:))
    try requireOrder(
      of: mails, by: ListPlace.init, after: start, in: "regctl_outbox", numbered: \.id.rawValue)
    return mails
  }

  /// Whether `deliver` has work: a mail that is due, or one abandoned by a process that died.
  func hasWork(at now: Instant) throws(RegctlError) -> Bool {
    try first(
      """
      SELECT EXISTS (SELECT 1 FROM regctl_outbox WHERE state = 'sending')
        OR EXISTS (
          SELECT 1 FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at <= $1)
        OR EXISTS (SELECT 1 FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at > $2)
        OR EXISTS (
          SELECT 1 FROM regctl_outbox WHERE state = 'queued' AND next_attempt_at IS NULL)
      """, .integer(now.seconds), .integer(Instant.storedSeconds.upperBound)
    ) { $0.boolean(0) } ?? false
  }

  /// The next due time of a queued mail.
  func nextAttempt() throws(RegctlError) -> Instant? {
    try first(
      """
      SELECT min(next_attempt_at) FROM regctl_outbox
      WHERE state = 'queued' AND next_attempt_at BETWEEN $1 AND $2
      """, .integer(Instant.storedSeconds.lowerBound),
      .integer(Instant.storedSeconds.upperBound)
    ) { $0.optionalInstant(0) } ?? nil
  }

  /// The number of attempts, half an hour of a timer that fires every minute, after which a mail
  /// abandoned once more has to wait before it is tried again.
  private static let patience: Int64 = 30

  /// Requeues mails whose delivery process died; call it only under the delivery lock.
  ///
  /// If every process dies, or no result can be recorded, a copy of the mail must not be sent every
  /// minute for days: in the end the mail waits as long as one that was deferred as often.
  func requeueAbandonedMails(at now: Instant) throws(RegctlError) {
    try transaction { () throws(RegctlError) in
      try recordInterruptedAttempts(at: now)
      try requeueMailsBeingSent(at: now)
    }
  }

  private func requeueMailsBeingSent(at now: Instant) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_outbox SET state = 'queued', possible_duplicate = TRUE
      WHERE state = 'sending' AND attempts < $1
      """, .integer(Self.patience))
    try run(
      """
      UPDATE regctl_outbox SET state = 'queued', possible_duplicate = TRUE, next_attempt_at = $1
      WHERE state = 'sending'
      """,
      .integer(RetrySchedule.nextAttempt(after: Int(Self.patience), at: now).seconds))
  }

  /// The recipients of mails; an account that was deleted is none.
  func recipients(
    of mails: [OutboxEntry]
  ) throws(RegctlError) -> [AccountID: MailRecipient] {
    let ids = Array(Set(mails.map(\.account)))
    let records = try sideRecords(of: ids)
    let languages = try languages(of: ids)
    var recipients: [AccountID: MailRecipient] = [:]
    for account in try accounts(ids) {
      recipients[account.id] = MailRecipient(
        account: account, notBefore: records[account.id]?.notBefore ?? 0,
        language: languages[account.id])
    }
    return recipients
  }

  /// Marks mails as being sent, before they are sent; their `Message-ID`s are final from now on.
  ///
  /// Returns those that were queued; an index may say so of others. SQLite would use it, but for the
  /// `+`.
  func beginAttempts(_ ids: [MailID]) throws(RegctlError) -> Set<MailID> {
    Set(
      try rows(
        Statement(
          sqlite: """
            UPDATE regctl_outbox SET state = 'sending', attempts = attempts + 1
            WHERE id IN (SELECT value FROM json_each($1)) AND +state = 'queued' RETURNING id
            """,
          postgreSQL: """
            UPDATE regctl_outbox SET state = 'sending', attempts = attempts + 1
            WHERE id = ANY ($1) AND state = 'queued' RETURNING id
            """), .integers(ids.map(\.rawValue))
      ) { MailID(rawValue: $0.integer(0)) })
  }

  /// Completes the `Message-ID` of a mail that is about to be sent.
  func setMessageID(of id: MailID, to messageID: String) throws(RegctlError) {
    try run(
      "UPDATE regctl_outbox SET message_id = $1 WHERE id = $2 AND state = 'queued'",
      .text(messageID), .integer(id.rawValue))
  }

  /// Requeues a mail without counting the attempt, which failed through no fault of the mail.
  func withdrawAttempt(_ id: MailID, due: Instant) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_outbox SET state = 'queued', attempts = attempts - 1, next_attempt_at = $1
      WHERE id = $2 AND state = 'sending'
      """, .integer(due.seconds), .integer(id.rawValue))
  }

  /// Defers a mail after an attempt; call it in a transaction.
  func deferMail(
    _ id: MailID, reply: String, isPossibleDuplicate: Bool, at now: Instant, until due: Instant
  ) throws(RegctlError) {
    let count = try run(
      """
      UPDATE regctl_outbox SET state = 'queued', last_reply = $1, next_attempt_at = $2,
        possible_duplicate = possible_duplicate OR $3
      WHERE id = $4
      """, .text(reply), .integer(due.seconds), .boolean(isPossibleDuplicate), .integer(id.rawValue)
    )
    try requireRecorded(id, count)
    if count == 1 { try recordAttempt(id, .deferred, reply: reply, at: now) }
  }

  /// Defers a mail after an attempt that does not count; call it in a transaction.
  func deferUncounted(
    _ id: MailID, reply: String, at now: Instant, until due: Instant
  ) throws(RegctlError) {
    let count = try run(
      """
      UPDATE regctl_outbox
      SET state = 'queued', attempts = attempts - 1, last_reply = $1, next_attempt_at = $2
      WHERE id = $3
      """, .text(reply), .integer(due.seconds), .integer(id.rawValue))
    try requireRecorded(id, count)
    if count == 1 { try recordAttempt(id, .deferred, reply: reply, at: now) }
  }

  /// Throws if the result of a mail was not recorded, unless the mail was removed from the outbox
  /// meanwhile.
  private func requireRecorded(_ id: MailID, _ count: Int) throws(RegctlError) {
    if count == 1 { return }
    let isThere = try first("SELECT 1 FROM regctl_outbox WHERE id = $1", .integer(id.rawValue)) {
      _ in true
    }
    if isThere != nil { throw ignoredChange(of: "regctl_outbox") }
  }

  /// Requeues a mail as if it were new.
  func requeue(_ id: MailID, at now: Instant) throws(RegctlError) {
    try changeOne(
      of: "regctl_outbox",
      """
      UPDATE regctl_outbox SET state = 'queued', attempts = 0, queued_at = $1,
        next_attempt_at = $1, finished_at = NULL
      WHERE id = $2
      """, .integer(now.seconds), .integer(id.rawValue))
    try announceMail()
  }

  /// Begins to record that mails were accepted, in a transaction of its own, which on a server takes
  /// one round trip. Until `finishRecording` is called, nothing else is done with the store.
  func beginRecording(_ mails: [SentMail]) throws(RegctlError) -> any PendingCommit {
    try beginCommit(
      Self.ending,
      each: mails.map { Self.values(ending: $0.id, as: .sent, reply: $0.reply, at: $0.at) })
  }

  /// Waits until it is recorded that mails were accepted.
  func finishRecording(
    _ mails: [SentMail], by commit: any PendingCommit
  ) throws(RegctlError) {
    for (mail, count) in zip(mails, try result(of: commit)) {
      try requireRecorded(mail.id, count)
    }
  }

  /// A mail that a server has accepted.
  struct SentMail {
    let id: MailID
    let reply: String
    let at: Instant
  }

  /// Records that an attempt at a mail was permanently rejected; call it in a transaction.
  func fail(_ id: MailID, reply: String, at now: Instant) throws(RegctlError) {
    if try end(id, as: .failed, reply: reply, at: now) {
      try recordAttempt(id, .failed, reply: reply, at: now)
    }
  }

  /// Records the final result of a mail.
  func finish(
    _ id: MailID, as state: OutboxEntry.State, reply: String?, at now: Instant
  ) throws(RegctlError) {
    _ = try end(id, as: state, reply: reply, at: now)
  }

  /// Records the final result of a mail, and returns whether the mail is still there.
  private func end(
    _ id: MailID, as state: OutboxEntry.State, reply: String?, at now: Instant
  ) throws(RegctlError) -> Bool {
    let count = try run(Self.ending, Self.values(ending: id, as: state, reply: reply, at: now))
    try requireRecorded(id, count)
    return count == 1
  }

  private static let ending: Statement = """
    UPDATE regctl_outbox
    SET state = $1, last_reply = $2, finished_at = $3, next_attempt_at = NULL
    WHERE id = $4
    """

  private static func values(
    ending id: MailID, as state: OutboxEntry.State, reply: String?, at now: Instant
  ) -> [Value] {
    [.text(state.rawValue), Value(reply), .integer(now.seconds), .integer(id.rawValue)]
  }
}

extension ListPlace {
  /// The position of a mail in the order of due times.
  fileprivate init(_ mail: OutboxEntry) {
    self.init(value: Value(mail.nextAttemptAt?.seconds), number: mail.id.rawValue)
  }
}

extension OutboxEntry {
  /// A mail from the thirteen columns in the order used by every query.
  init(row: borrowing Row) {
    self.init(
      id: MailID(rawValue: row.integer(0)), account: AccountID(rawValue: row.integer(1)),
      email: row.text(2), kind: row.word(12, else: MailKind.confirm),
      purpose: row.word(3, else: TokenPurpose.confirm), state: row.word(4, else: State.failed),
      attempts: row.count(5), queuedAt: row.instant(6), nextAttemptAt: row.optionalInstant(7),
      finishedAt: row.optionalInstant(8), lastReply: row.optionalText(9), messageID: row.text(10),
      isPossibleDuplicate: row.boolean(11))
  }
}
