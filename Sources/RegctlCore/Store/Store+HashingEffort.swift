internal import SQL

extension Store {
  /// The number of newest hashes that determine the usual cost, in a table of any size.
  private static let hashSampleSize = 500

  /// The bcrypt work of a password check when new hashes have this cost.
  func hashingEffort(configured cost: Int) throws(RegctlError) -> HashingEffort {
    let costs = try rows(
      """
      SELECT password FROM (SELECT id, password FROM users ORDER BY id DESC LIMIT $1) newest
      WHERE password NOT IN (SELECT hash FROM regctl_no_password)
      """,
      .integer(Int64(Self.hashSampleSize))
    ) { $0.optionalText(0).flatMap { PasswordHash(stored: $0).cost } }
    return HashingEffort(configured: cost, stored: costs.compactMap { $0 })
  }
}
