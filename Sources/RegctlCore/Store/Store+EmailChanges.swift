internal import Base
internal import SQL

extension Store {
  /// Replaces the address of an account.
  func setEmail(_ id: AccountID, _ email: String) throws(RegctlError) {
    try changeOne(
      of: mapping.table, "UPDATE {table} SET {email} = $1 WHERE {id} = $2", .text(email),
      .integer(id.rawValue))
  }

  /// Throws if another account has this address, ignoring ASCII case.
  func requireFree(_ email: String, for account: Account) throws(RegctlError) {
    if let taken = try accounts(withAddress: email).first(where: { $0.id != account.id }) {
      throw .account(.alreadyRegistered(email: taken.email, isConfirmed: taken.isConfirmed))
    }
    try requireUnlockedDomain(of: email)
  }

  /// Records a request to change an account's address; its earlier requests become void.
  func requestEmailChange(
    of account: Account, to email: String, at now: Instant
  ) throws(RegctlError) {
    try voidEmailChanges(of: account.id, at: now)
    try changeOne(
      of: "regctl_email_changes",
      """
      INSERT INTO regctl_email_changes (account_id, old_email, new_email, requested_at)
      VALUES ($1, $2, $3, $4)
      """, .integer(account.id.rawValue), .text(account.email), .text(email),
      .integer(now.seconds))
  }

  /// The request with a number.
  func emailChange(_ request: Int64) throws(RegctlError) -> EmailChange? {
    try first(
      """
      SELECT request, account_id, old_email, new_email, confirmed_at, voided_at
      FROM regctl_email_changes WHERE request = $1 AND account_id > 0
      """, .integer(request), transform: EmailChange.init(row:))
  }

  /// The request that the account's next confirmation would apply: the newest, unless it is void,
  /// the address has changed since, or the account is no longer confirmed.
  func waitingEmailChange(of account: Account) throws(RegctlError) -> EmailChange? {
    let newest = try first(
      """
      SELECT request, account_id, old_email, new_email, confirmed_at, voided_at
      FROM regctl_email_changes WHERE account_id = $1 ORDER BY request DESC LIMIT 1
      """, .integer(account.id.rawValue), transform: EmailChange.init(row:))
    guard let newest, !newest.isConfirmed, !newest.isVoid, account.isConfirmed,
      newest.oldEmail.utf8.elementsEqual(account.email.utf8)
    else { return nil }
    return newest
  }

  /// Marks a request as applied.
  func confirmEmailChange(_ request: Int64, at now: Instant) throws(RegctlError) {
    try changeOne(
      of: "regctl_email_changes",
      "UPDATE regctl_email_changes SET confirmed_at = $1 WHERE request = $2", .integer(now.seconds),
      .integer(request))
  }

  /// Voids an account's requests that were not applied; they stay in its history.
  func voidEmailChanges(of id: AccountID, at now: Instant) throws(RegctlError) {
    try run(
      """
      UPDATE regctl_email_changes SET voided_at = $1
      WHERE account_id = $2 AND confirmed_at IS NULL AND voided_at IS NULL
      """, .integer(now.seconds), .integer(id.rawValue))
  }

  /// The requested addresses of an account whose requests became void, with the times, oldest
  /// first.
  func voidedEmailChanges(
    of id: AccountID
  ) throws(RegctlError) -> [(newEmail: String, at: Instant)] {
    try rows(
      """
      SELECT request, new_email, voided_at FROM regctl_email_changes
      WHERE account_id = $1 AND voided_at IS NOT NULL ORDER BY request
      """, .integer(id.rawValue)
    ) { ($0.text(1), $0.instant(2)) }
  }

  /// Cancels an account's queued and held mails of some templates.
  func cancelMails(
    _ kinds: [MailKind], to account: AccountID, reason: String, at now: Instant
  ) throws(RegctlError) {
    let names = Value.texts(kinds.map(\.rawValue))
    try run(
      Statement(
        sqlite: """
          UPDATE regctl_outbox SET state = 'cancelled', last_reply = $1, finished_at = $2,
            next_attempt_at = NULL
          WHERE account_id = $3 AND state IN ('queued', 'held')
            AND template IN (SELECT value FROM json_each($4))
          """,
        postgreSQL: """
          UPDATE regctl_outbox SET state = 'cancelled', last_reply = $1, finished_at = $2,
            next_attempt_at = NULL
          WHERE account_id = $3 AND state IN ('queued', 'held') AND template = ANY ($4)
          """), .text(reason), .integer(now.seconds), .integer(account.rawValue), names)
  }

  /// The payload of a token for an account; `nil` when no change of address is pending.
  func tokenPayload(
    _ purpose: TokenPurpose, for id: AccountID, email: String, resetLink: ResetLink
  ) throws(RegctlError) -> TokenPayload? {
    switch purpose {
    case .confirm:
      return TokenPayload(email: email)
    case .reset where resetLink == .application:
      return TokenPayload(email: email)
    case .reset:
      return TokenPayload(email: email, binding: try passwordFingerprint(of: id))
    case .changeEmail:
      guard let account = try account(id), let change = try waitingEmailChange(of: account) else {
        return nil
      }
      return TokenPayload(email: change.newEmail, binding: String(change.request))
    }
  }
}

extension EmailChange {
  /// A request from the columns request, account_id, old_email, new_email, confirmed_at, voided_at.
  init(row: borrowing Row) {
    self.init(
      request: row.integer(0), account: AccountID(rawValue: row.integer(1)),
      oldEmail: row.text(2), newEmail: row.text(3), isConfirmed: row.optionalInstant(4) != nil,
      isVoid: row.optionalInstant(5) != nil)
  }
}
