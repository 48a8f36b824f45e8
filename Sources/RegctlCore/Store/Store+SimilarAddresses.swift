internal import Base
internal import SQL

extension Store {
  /// The addresses that resemble one that no account has: of accounts, of pruned and of deleted
  /// ones, and those that accounts had before. The most similar come first.
  package func addresses(similarTo email: String) throws(RegctlError) -> [SimilarAddress] {
    let resemblance = AddressResemblance(to: email)
    try considerAccounts(resemblance)
    try considerArchive(resemblance)
    try considerAudit(resemblance)
    return resemblance.best
  }

  private static let batchSize = 10_000

  private func considerAccounts(_ resemblance: AddressResemblance) throws(RegctlError) {
    var last = Int64.min
    var count = 0
    repeat {
      let page = try rows(
        """
        SELECT id, email FROM users
        WHERE id > $1 AND length(email) BETWEEN $2 AND $3 ORDER BY id LIMIT $4
        """, [.integer(last)] + bounds(of: resemblance)
      ) { row in
        resemblance.consider(row.text(1)) { .account }
        return row.integer(0)
      }
      try requireOrder(
        of: page, by: \.self, after: last, in: mapping.table, numbered: \.self)
      (count, last) = (page.count, page.last ?? last)
    } while count == Self.batchSize
  }

  private func considerArchive(_ resemblance: AddressResemblance) throws(RegctlError) {
    var last = ListPlace(value: .integer(0), number: .min)
    var count = 0
    repeat {
      let page = try rows(
        """
        SELECT run, account_id, email FROM regctl_archive
        WHERE (run, account_id) > ($1, $2) AND length(email) BETWEEN $3 AND $4
        ORDER BY run, account_id LIMIT $5
        """, [last.value, .integer(last.number)] + bounds(of: resemblance)
      ) { row in
        resemblance.consider(row.text(2)) { .pruned(run: row.integer(0)) }
        return ListPlace(value: .integer(row.integer(0)), number: row.integer(1))
      }
      try requireOrder(
        of: page, by: \.self, after: last, in: "regctl_archive", numbered: \.number)
      (count, last) = (page.count, page.last ?? last)
    } while count == Self.batchSize
  }

  /// The addresses that stand in the audit and nowhere else.
  private func considerAudit(_ resemblance: AddressResemblance) throws(RegctlError) {
    var last: Int64 = 0
    var count = 0
    repeat {
      let page = try rows(
        """
        SELECT a.id, a.email, u.email FROM regctl_audit a LEFT JOIN users u ON u.id = a.account_id
        WHERE a.id > $1 AND length(a.email) BETWEEN $2 AND $3 ORDER BY a.id LIMIT $4
        """, [.integer(last)] + bounds(of: resemblance)
      ) { row in
        resemblance.consider(row.text(1)) {
          row.optionalText(2).map { .former(present: $0) } ?? .deleted
        }
        return row.integer(0)
      }
      try requireOrder(
        of: page, by: \.self, after: last, in: "regctl_audit", numbered: \.self)
      (count, last) = (page.count, page.last ?? last)
    } while count == Self.batchSize
  }

  /// The lengths of addresses to read, and the size of a batch.
  private func bounds(of resemblance: AddressResemblance) -> [Value] {
    let lengths = resemblance.lengths
    return [lengths.lowerBound, lengths.upperBound, Self.batchSize].map { .integer(Int64($0)) }
  }
}
