internal import Base
internal import SQL

extension Store {
  /// The maximum number of candidates to offer.
  private static let candidateLimit: Int64 = 200

  /// Addresses that begin with a prefix, ignoring ASCII case.
  ///
  /// Reads at most the first 20,000, so that completion is fast on a table of any size.
  package func candidates(
    _ accounts: CandidateAccounts, prefix: String
  ) throws(RegctlError) -> [Candidate] {
    try rows(
      Statement(
        sqlite: """
          SELECT email, confirmed, admin FROM (
            SELECT email, confirmed, admin FROM users
            WHERE email COLLATE NOCASE >= $1 AND email COLLATE NOCASE <= $1 || char(0x10ffff)
            ORDER BY email COLLATE NOCASE LIMIT 20000) u
          WHERE ($2 = FALSE OR confirmed = FALSE) AND ($3 = FALSE OR admin <> FALSE) LIMIT $4
          """,
        postgreSQL: """
          SELECT email, confirmed, admin FROM (
            SELECT email, confirmed, admin FROM users
            WHERE lower(email COLLATE "C") >= lower($1 COLLATE "C")
              AND lower(email COLLATE "C") <= lower($1 COLLATE "C") || chr(1114111)
            ORDER BY lower(email COLLATE "C") LIMIT 20000) u
          WHERE ($2 = FALSE OR confirmed = FALSE) AND ($3 = FALSE OR admin <> FALSE) LIMIT $4
          """), .text(prefix), .boolean(accounts == .unconfirmed),
      .boolean(accounts == .admins), .integer(Self.candidateLimit)
    ) { row in
      let state = row.boolean(1) ? "confirmed" : "unconfirmed"
      return Candidate(row.text(0), row.boolean(2) ? "\(state) administrator" : state)
    }
  }

  /// The newest mails in one of some states whose ID begins with a prefix.
  package func candidates(
    mailsIn states: [OutboxEntry.State], prefix: String
  ) throws(RegctlError) -> [Candidate] {
    try rows(
      Statement(
        sqlite: """
          SELECT id, email, state FROM (
            SELECT id, email, state FROM regctl_outbox ORDER BY id DESC LIMIT 20000) m
          WHERE state IN (SELECT value FROM json_each($1))
            AND substr(CAST(id AS TEXT), 1, length($2)) = $2 LIMIT $3
          """,
        postgreSQL: """
          SELECT id, email, state FROM (
            SELECT id, email, state FROM regctl_outbox ORDER BY id DESC LIMIT 20000) m
          WHERE state = ANY ($1) AND starts_with(CAST(id AS TEXT), $2) LIMIT $3
          """), .texts(states.map(\.rawValue)), .text(prefix),
      .integer(Self.candidateLimit)
    ) { Candidate("\($0.integer(0))", "\($0.text(1)) \($0.text(2))") }
  }

  /// Addresses of pruned accounts that can be restored.
  package func candidates(prunedWithPrefix prefix: String) throws(RegctlError) -> [Candidate] {
    try candidates(archived: .text(prefix), isDeleted: false)
  }

  /// Addresses of deleted accounts that can be restored.
  package func candidates(deletedWithPrefix prefix: String) throws(RegctlError) -> [Candidate] {
    try candidates(archived: .text(prefix), isDeleted: true)
  }

  private func candidates(
    archived prefix: Value, isDeleted: Bool
  ) throws(RegctlError) -> [Candidate] {
    try rows(
      Statement(
        sqlite: """
          SELECT email, run FROM regctl_archive
          WHERE email COLLATE NOCASE >= $1 AND email COLLATE NOCASE <= $1 || char(0x10ffff)
            AND (run < 0) = $2
          ORDER BY email COLLATE NOCASE LIMIT $3
          """,
        postgreSQL: """
          SELECT email, run FROM regctl_archive
          WHERE lower(email COLLATE "C") >= lower($1 COLLATE "C")
            AND lower(email COLLATE "C") <= lower($1 COLLATE "C") || chr(1114111)
            AND (run < 0) = $2
          ORDER BY lower(email COLLATE "C") LIMIT $3
          """), prefix, .boolean(isDeleted), .integer(Self.candidateLimit)
    ) { Candidate($0.text(0), isDeleted ? "deleted" : "run \($0.integer(1))") }
  }

  /// The newest prune runs with accounts that can be restored.
  package func candidates(runsWithPrefix prefix: String) throws(RegctlError) -> [Candidate] {
    try pruneRuns().filter { $0.restored < $0.pruned }
      .map { run in
        Candidate("\(run.number)", Plural.count(run.pruned - run.restored, "account"))
      }
      .filter { $0.value.utf8.starts(with: prefix.utf8) }
      .prefix(Int(Self.candidateLimit)).map { $0 }
  }
}
