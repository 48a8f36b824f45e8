internal import SQL

/// What became of mails after they were sent, and the ledger of addresses.
extension Store {
  /// Gives the bounces of a deleted account back to it, under an address that it had.
  func giveBackBounces(
    of address: String, number old: Value, to restored: Value
  ) throws(RegctlError) {
    guard keepsBounces else { return }
    try run(
      """
      UPDATE regctl_bounces SET account_id = $1
      WHERE account_id = -CAST($2 AS BIGINT) AND lower(email) = lower($3)
      """, restored, old, .text(address))
  }

  /// Removes the bounces of a person.
  func removeBounces(of person: Person) throws(RegctlError) {
    guard keepsBounces else { return }
    if let account = person.account {
      try run("DELETE FROM regctl_bounces WHERE account_id = $1", .integer(account.id.rawValue))
    }
    for address in person.addresses {
      try run("DELETE FROM regctl_bounces WHERE lower(email {bytes}) = $1", .text(address))
    }
  }
}
