internal import SQL

extension Store {
  /// So many of the newest hashes tell which cost is usual, in a table of any size.
  private static let hashSampleSize = 500

  /// How much bcrypt a check of a password runs where new hashes have a cost.
  func hashingEffort(configured cost: Int) throws(RegctlError) -> HashingEffort {
    let costs = try rows(
      "SELECT password FROM users ORDER BY id DESC LIMIT $1",
      .integer(Int64(Self.hashSampleSize))
    ) { $0.optionalText(0).flatMap { PasswordHash(stored: $0).cost } }
    return HashingEffort(configured: cost, stored: costs.compactMap { $0 })
  }
}
