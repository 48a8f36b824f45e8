internal import SQLite

/// What was found when the whole audit was read again.
package struct AuditProof: Equatable, Sendable {
  package let count: Int

  /// The hash of the newest act, which stands for all; `nil` when there is none.
  package let hash: String?
}

extension Store {
  private static let chainBatchSize = 1000

  /// The newest link of the chain.
  func newestAuditLink() throws(RegctlError) -> AuditLink {
    try perform { connection throws(SQLiteError) in
      try connection.first("SELECT id, hash FROM regctl_audit ORDER BY id DESC LIMIT 1") {
        // Behind the greatest number there is no next.
        AuditLink(number: $0.integer(0, in: 0...(.max - 1)), hash: $0.text(1))
      }
    } ?? .beginning
  }

  /// Reads every act again and refuses the first that is not what was written.
  ///
  /// A hash that was noted earlier must be that of one of them: without it, somebody who writes the
  /// whole chain anew is not found out.
  package func verifyAudit(including noted: String?) throws(RegctlError) -> AuditProof {
    var previous = AuditLink.beginning
    var count = 0
    var isNotedFound = noted == nil
    while true {
      let batch = try auditLinks(after: previous)
      if batch.isEmpty { break }
      for (link, stored) in batch {
        guard link == stored else { throw .store(.auditChanged(number: stored.number)) }
        if link.hash == noted { isNotedFound = true }
        count += 1
      }
      previous = batch[batch.count - 1].link
    }
    guard isNotedFound else { throw .store(.auditHashMissing(noted ?? "")) }
    return AuditProof(count: count, hash: count == 0 ? nil : previous.hash)
  }

  /// Some links behind another, as their columns make them and as they were written.
  private func auditLinks(
    after last: AuditLink
  ) throws(RegctlError) -> [(link: AuditLink, stored: AuditLink)] {
    var previous = last
    let links = try perform { connection throws(SQLiteError) in
      try connection.rows(
        """
        SELECT id, at, actor, uid, act, email, reason, hash FROM regctl_audit
        WHERE id > ? ORDER BY id LIMIT ?
        """, .integer(last.number), .integer(Int64(Self.chainBatchSize))
      ) { row in
        let stored = AuditLink(number: row.integer(0), hash: row.text(7))
        let link = AuditLink(
          number: stored.number, at: row.integer(1), actor: row.text(2), uid: row.integer(3),
          act: row.text(4), email: row.optionalText(5), reason: row.optionalText(6),
          after: previous)
        previous = stored
        return (link: link, stored: stored)
      }
    }
    try requireOrder(
      of: links, by: \.stored.number, after: last.number, in: "regctl_audit",
      numbered: \.stored.number)
    return links
  }
}
