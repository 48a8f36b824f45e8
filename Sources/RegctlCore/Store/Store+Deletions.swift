internal import SQL

/// Accounts that operators deleted: the audit says when, by whom and why, and the archive has them
/// under the negative number of that entry.
extension Store {
  /// Copies an account to the archive, before it is deleted in the same transaction.
  func archive(_ id: AccountID, deletedBy entry: Int64) throws(RegctlError) {
    let run = Deletion.run(ofEntry: entry)
    let archived =
      switch location {
      case .file: try archiveColumns(of: id, run: run)
      case .server: try archiveRows(of: .integers([id.rawValue]), run: run, where: "TRUE")
      }
    guard archived == 1 else { throw ignoredChange(of: "regctl_archive") }
  }

  private func archiveColumns(of id: AccountID, run: Int64) throws(RegctlError) -> Int {
    let archived = try self.run(
      Statement(
        sqlite: """
          INSERT INTO regctl_archive (run, account_id, email, password, registered_on, admin,
            confirmed, confirmed_on, registered_at, not_before)
          SELECT $1, u.id, u.email, u.password, u.registered_on, u.admin, u.confirmed,
            u.confirmed_on, a.registered_at, a.not_before
          FROM users u LEFT JOIN regctl_accounts a ON a.account_id = u.id
          WHERE u.id = $2
          """), .integer(run), .integer(id.rawValue))
    try archiveFurtherColumns(of: .integers([id.rawValue]), run: run)
    return archived
  }

  /// The last deletion of an account with an address, ignoring ASCII case and the spelling of its
  /// domain; `nil` when there is none, or the account was restored.
  package func deletion(of email: String) throws(RegctlError) -> Deletion? {
    try spellings(of: email).map { spelling throws(RegctlError) in
      try first(
        Statement(
          sqlite: """
            SELECT a.id, a.account_id, a.email, a.at, a.actor, a.reason, EXISTS (
              SELECT 1 FROM regctl_archive r WHERE r.run = -a.id AND r.account_id = -a.account_id)
            FROM regctl_audit a
            WHERE a.act = 'delete' AND a.email = $1 COLLATE NOCASE AND a.account_id < 0
            ORDER BY a.id DESC LIMIT 1
            """,
          postgreSQL: """
            SELECT a.id, a.account_id, a.email, a.at, a.actor, a.reason, EXISTS (
              SELECT 1 FROM regctl_archive r WHERE r.run = -a.id AND r.account_id = -a.account_id)
            FROM regctl_audit a
            WHERE a.act = 'delete' AND lower(a.email COLLATE "C") = lower($1 COLLATE "C")
              AND a.account_id < 0
            ORDER BY a.id DESC LIMIT 1
            """), .text(spelling), transform: Deletion.init(row:))
    }.compactMap { $0 }.max { $0.entry < $1.entry }
  }

  /// The last deletion of an account that had an ID; `nil` when there is none, or the account was
  /// restored.
  package func deletion(of id: AccountID) throws(RegctlError) -> Deletion? {
    try first(
      """
      SELECT a.id, a.account_id, a.email, a.at, a.actor, a.reason, EXISTS (
        SELECT 1 FROM regctl_archive r WHERE r.run = -a.id AND r.account_id = -a.account_id)
      FROM regctl_audit a
      WHERE a.account_id = -CAST($1 AS BIGINT) AND a.act = 'delete' AND a.email IS NOT NULL
      ORDER BY a.id DESC LIMIT 1
      """, .integer(id.rawValue), transform: Deletion.init(row:))
  }
}

extension Deletion {
  /// A deletion from the columns id, account_id, email, at, actor, reason, is archived.
  init(row: borrowing Row) {
    self.init(
      entry: row.integer(0), account: AccountID(rawValue: 0 &- row.integer(1)), email: row.text(2),
      at: row.instant(3), actor: row.text(4), reason: row.optionalText(5),
      isArchived: row.boolean(6))
  }
}
