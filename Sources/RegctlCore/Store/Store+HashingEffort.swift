internal import SQL

extension Store {
  /// The number of newest hashes that determine the usual cost, in a table of any size.
  private static let hashSampleSize = 500

  /// The work of a password check when new hashes take this work.
  func hashingEffort(configured: HashingWork) throws(RegctlError) -> HashingEffort {
    let works = try rows(
      """
      SELECT password FROM (SELECT id, password FROM users ORDER BY id DESC LIMIT $1) newest
      WHERE password NOT IN (SELECT hash FROM regctl_no_password)
      """,
      .integer(Int64(Self.hashSampleSize))
    ) { $0.optionalText(0).flatMap { PasswordHash(stored: $0).work } }
    return HashingEffort(configured: configured, stored: works.compactMap { $0 })
  }
}
