internal import SQL

extension Store {
  /// The domains of confirmed accounts, or of the newest of these; each has at least two.
  package func domainTypo(newest limit: Int = .max) throws(RegctlError) -> DomainTypo {
    DomainTypo(
      known: try rows(
        Statement(
          sqlite: """
            SELECT lower(substr(email, instr(email, '@') + 1))
            FROM (SELECT email FROM users WHERE confirmed <> FALSE ORDER BY id DESC LIMIT $1) u
            GROUP BY 1 HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT 1000
            """,
          postgreSQL: """
            SELECT lower(substr(email COLLATE "C", strpos(email, '@') + 1))
            FROM (SELECT email FROM users WHERE confirmed <> FALSE ORDER BY id DESC LIMIT $1) u
            GROUP BY 1 HAVING count(*) > 1 ORDER BY count(*) DESC, 1 LIMIT 1000
            """), .integer(Int64(limit))
      ) { $0.text(0) })
  }

  /// A confirmed account's address that differs only in ASCII case or the spelling of the domain.
  func confirmedNamesake(of account: Account) throws(RegctlError) -> String? {
    try accounts(withAddress: account.email).first { $0.id != account.id && $0.isConfirmed }?.email
  }
}
