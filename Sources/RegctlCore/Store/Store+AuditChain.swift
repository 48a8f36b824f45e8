internal import SQL

/// What was found when the whole audit was read again.
package struct AuditProof: Equatable, Sendable {
  package let count: Int

  /// The hash of the newest act, which stands for all; `nil` when there is none.
  package let hash: String?
}

extension Store {
  /// The newest link of the chain.
  func newestAuditLink() throws(RegctlError) -> AuditLink {
    try first("SELECT id, hash FROM regctl_audit ORDER BY id DESC LIMIT 1") {
      // There is no number after the greatest one.
      AuditLink(number: $0.integer(0, in: 0...(.max - 1)), hash: $0.text(1))
    } ?? .beginning
  }

  /// Reads every act again, with the accounts of those on many, and refuses the first that is not what
  /// was written.
  ///
  /// A hash that was noted earlier must be that of one of them: without it, a process that can write the
  /// whole chain anew is not found out.
  package func verifyAudit(including noted: String?) throws(RegctlError) -> AuditProof {
    let verification = AuditVerification(including: noted)
    // One statement, so that all is of one moment: which accounts came back, and then each act
    // before its accounts. SQLite merges the three as it goes: acts are read as they lie, and only
    // the others are sorted.
    try forEach(
      Statement(
        sqlite: """
          SELECT -9223372036854775808, 0, id, subject_id, NULL, reason,
            NULL, NULL, NULL, NULL, NULL, NULL
          FROM regctl_audit
          WHERE typeof(subject_id) IN ('integer', 'null')
            AND ((act = 'prune' AND reason IS NOT NULL)
              OR (act = 'unprune' AND reason LIKE '%, was number %'))
          UNION ALL
          SELECT id, 1, subject_id, account_id, accounts_hash, reason,
            at, actor, uid, act, email, hash
          FROM regctl_audit
          UNION ALL
          SELECT audit_id, 2, subject_id, account_id, deleted_email, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL
          FROM regctl_audit_accounts
          ORDER BY 1, 2, 3
          """)
    ) { row in
      switch row.integer(1) {
      case 0:
        verification.read(
          reasonOf: row.integer(2), account: row.optionalInteger(3), row.text(5))
      case 1:
        let content = AuditContent(
          number: row.integer(0), at: row.integer(6), actor: row.text(7), uid: row.integer(8),
          act: row.text(9), subject: row.optionalInteger(2), accountsHash: row.optionalText(4),
          email: row.optionalText(10), reason: row.optionalText(5))
        verification.read(content, account: row.optionalInteger(3), hash: row.text(11))
      default:
        verification.read(
          accountOf: row.integer(0), subject: row.integer(2), account: row.integer(3),
          isGone: !row.isNull(4))
      }
    }
    return try verification.proof()
  }
}
