internal import SQL

/// The audit of schema 4 or earlier, whose chain covers addresses and reasons, so that they cannot be
/// erased; `migrate-db` rewrites it.
extension Store {
  private static let batchSize = 1000

  /// Whether the table of the audit has commitments.
  func hasCommitments() throws(RegctlError) -> Bool {
    try first(
      Statement(
        sqlite: """
          SELECT 1 FROM pragma_table_info('regctl_audit', 'main') WHERE name = 'commitment'
          """,
        postgreSQL: """
          SELECT 1 FROM pg_catalog.pg_attribute
          WHERE attrelid = pg_catalog.to_regclass('regctl.regctl_audit')
            AND attname = 'commitment' AND NOT attisdropped
          """)
    ) { _ in true } ?? false
  }

  /// The first entry of an audit without commitments that was changed; `nil` if it is whole, or the
  /// accounts of its entries are missing.
  func changeOfPlainAudit() throws(RegctlError) -> Int64? {
    guard try hasTable("regctl_audit_accounts") else { return nil }
    let usual = auditForm
    auditForm = .plain
    defer { auditForm = usual }
    do throws(RegctlError) {
      _ = try verifyAudit(including: nil)
      return nil
    } catch .store(.auditChanged(let number)) {
      return number
    }
  }

  /// Adds the columns of commitments and rewrites every entry with them; call it in the transaction
  /// that records it.
  ///
  /// A rewritten chain would be whole whatever was changed before. So an entry whose hash was not
  /// right keeps that hash, which is not right now either: `audit --verify` goes on reporting it.
  func rewriteAudit() throws(RegctlError) -> AuditRewriting? {
    let changed = try changeOfPlainAudit()
    let newest = try newestAuditLink()
    try execute(
      """
      ALTER TABLE regctl_audit ADD COLUMN new_email TEXT;
      ALTER TABLE regctl_audit ADD COLUMN detail TEXT;
      ALTER TABLE regctl_audit ADD COLUMN nonce TEXT;
      ALTER TABLE regctl_audit ADD COLUMN commitment TEXT
      """)
    let function = try SHA256()
    var (old, new) = (AuditLink.beginning, AuditLink.beginning)
    var last: Int64?
    while true {
      let page = try plainEntries(after: last)
      for entry in page {
        let content = entry.content
        let isRight = AuditLink(content, after: old, by: function).hash == entry.hash
        old = AuditLink(number: content.number, hash: entry.hash)
        let parts = CombinedReason(
          entry.reason, of: content.kind, hasAccount: content.subject != nil)
        let sealed = PersonalContent(
          email: entry.email, newEmail: parts.newEmail, reason: parts.reason
        ).sealed(by: function)
        let link = AuditLink(
          content.committed(detail: parts.detail, commitment: sealed?.commitment), after: new,
          by: function)
        new = isRight ? link : old
        try replace(content.number, parts, sealed, hash: new.hash)
      }
      guard page.count == Self.batchSize, let end = page.last, end.content.number < .max else {
        break
      }
      last = end.content.number
    }
    return newest == .beginning
      ? nil : AuditRewriting(head: newest.hash, changed: changed)
  }

  /// A row of the audit as it was before.
  private struct PlainEntry {
    let content: AuditContent
    let email: String?
    let reason: String?
    let hash: String
  }

  private func plainEntries(after last: Int64?) throws(RegctlError) -> [PlainEntry] {
    let entries = try rows(
      """
      SELECT id, at, actor, uid, act, subject_id, accounts_hash, email, reason, hash
      FROM regctl_audit WHERE id >= $1 ORDER BY id LIMIT $2
      """, .integer(last.map { $0 + 1 } ?? .min), .integer(Int64(Self.batchSize))
    ) { row in
      let (email, reason) = (row.optionalText(7), row.optionalText(8))
      return PlainEntry(
        content: AuditContent(
          number: row.integer(0), at: row.integer(1), actor: row.text(2), uid: row.integer(3),
          act: row.text(4), subject: row.optionalInteger(5), accountsHash: row.optionalText(6),
          words: .plain(email: email, reason: reason)),
        email: email, reason: reason, hash: row.text(9))
    }
    try requireOrder(
      of: entries, by: \.content.number, after: last, in: "regctl_audit",
      numbered: \.content.number)
    return entries
  }

  private func replace(
    _ number: Int64, _ parts: CombinedReason, _ sealed: PersonalContent.Sealed?, hash: String
  ) throws(RegctlError) {
    try changeOne(
      of: "regctl_audit",
      """
      UPDATE regctl_audit SET new_email = $1, detail = $2, reason = $3, nonce = $4,
        commitment = $5, hash = $6
      WHERE id = $7
      """, Value(parts.newEmail), Value(parts.detail), Value(parts.reason),
      Value(sealed?.nonce), Value(sealed?.commitment), .text(hash), .integer(number))
  }
}

extension AuditContent {
  /// The content with other words.
  fileprivate func committed(detail: String?, commitment: String?) -> AuditContent {
    AuditContent(
      number: number, at: at, actor: actor, uid: uid, act: act, subject: subject,
      accountsHash: accountsHash, words: .committed(detail: detail, commitment: commitment))
  }
}
