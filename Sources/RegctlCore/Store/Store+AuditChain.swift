internal import SQL

extension Store {
  /// The newest link of the chain.
  func newestAuditLink() throws(RegctlError) -> AuditLink {
    try first("SELECT id, hash FROM regctl_audit ORDER BY id DESC LIMIT 1") {
      // The greatest number has no successor.
      AuditLink(number: $0.integer(0, in: 0...(.max - 1)), hash: $0.text(1))
    } ?? .beginning
  }

  /// Verifies every audit entry, with the accounts of those about several, and throws for the first
  /// that was changed after it was written.
  ///
  /// One entry must have the previously noted hash, if given: without it, a process that can
  /// rewrite the whole chain is not detected. `report` is told how many entries are verified.
  package func verifyAudit(
    including noted: String?, reporting report: ((_ count: Int) -> Void)? = nil
  ) throws(RegctlError) -> AuditProof {
    let verification = try AuditVerification(including: noted)
    // A single statement, for a consistent snapshot: first the restored accounts and the erasures,
    // then each entry before its accounts. SQLite merges the three parts while reading: entries are read in table
    // order, and only the other parts are sorted.
    try forEach(
      Statement(
        sqlite: """
          SELECT -9223372036854775808, 0, id, subject_id, NULL, {facts},
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
          FROM regctl_audit
          WHERE typeof(subject_id) IN ('integer', 'null')
            AND ((act IN ('prune', 'prune-continued', 'erase') AND {facts} IS NOT NULL)
              OR (act IN ('unprune', 'undelete') AND {facts} LIKE '%, was number %'))
          UNION ALL
          SELECT id, 1, subject_id, account_id, accounts_hash, {detail},
            at, actor, uid, act, email, {new_email}, reason, {nonce}, {commitment}, hash
          FROM regctl_audit
          UNION ALL
          SELECT audit_id, 2, subject_id, account_id, deleted_email, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
          FROM regctl_audit_accounts
          ORDER BY 1, 2, 3
          """,
        postgreSQL: """
          SELECT CAST(-9223372036854775808 AS BIGINT), 0, id, subject_id, NULL, {facts},
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
          FROM regctl_audit
          WHERE (act IN ('prune', 'prune-continued', 'erase') AND {facts} IS NOT NULL)
            OR (act IN ('unprune', 'undelete') AND {facts} LIKE '%, was number %')
          UNION ALL
          SELECT id, 1, subject_id, account_id, accounts_hash, {detail},
            at, actor, uid, act, email, {new_email}, reason, {nonce}, {commitment}, hash
          FROM regctl_audit
          UNION ALL
          SELECT audit_id, 2, subject_id, account_id, deleted_email, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
          FROM regctl_audit_accounts
          ORDER BY 1, 2, 3
          """)
    ) { row in
      switch row.integer(1) {
      case 0:
        verification.read(
          detailOf: row.integer(2), account: row.optionalInteger(3), row.text(5))
      case 1:
        verification.read(storedEntry(row))
        report?(verification.count)
      default:
        verification.read(
          accountOf: row.integer(0), subject: row.integer(2), account: row.integer(3),
          isGone: !row.isNull(4))
      }
    }
    return try verification.proof()
  }

  /// An entry from the columns id, -, subject_id, account_id, accounts_hash, detail, at, actor, uid,
  /// act, email, new_email, reason, nonce, commitment, hash.
  private func storedEntry(_ row: borrowing Row) -> AuditVerification.StoredEntry {
    let personal = PersonalContent(
      email: row.optionalText(10), newEmail: row.optionalText(11), reason: row.optionalText(12))
    let words: AuditContent.Words =
      switch auditForm {
      case .plain: .plain(email: personal.email, reason: personal.reason)
      case .committed:
        .committed(detail: row.optionalText(5), commitment: row.optionalText(14))
      }
    let content = AuditContent(
      number: row.integer(0), at: row.integer(6), actor: row.text(7), uid: row.integer(8),
      act: row.text(9), subject: row.optionalInteger(2), accountsHash: row.optionalText(4),
      words: words)
    return AuditVerification.StoredEntry(
      content: content, account: row.optionalInteger(3), personal: personal,
      nonce: row.optionalText(13), hash: row.text(15))
  }
}
