internal import SQL

/// Password hashes, and accounts without a password.
///
/// An account without a password has a hash that no password is known to have, because logins of the
/// application fail with an error on text that is not a hash. `regctl_no_password` lists these
/// hashes, one for a database: an account has no password as long as it has one of them. The list
/// needs no number of an account, so that neither a password set by the application nor another
/// account that gets the number can make it wrong, and a pruned account that is restored still has
/// no password.
extension Store {
  /// The stored password hash of an account, or the marker of an account without a password.
  package func passwordHash(of id: AccountID) throws(RegctlError) -> PasswordHash {
    let stored = try first(
      """
      SELECT password, password IN (SELECT hash FROM regctl_no_password) FROM users WHERE id = $1
      """, .integer(id.rawValue)
    ) { row in
      let hash = PasswordHash(stored: row.text(0))
      return row.boolean(1) ? .unusable : hash
    }
    return stored ?? .unusable
  }

  /// Replaces the password hash of an account.
  func setPassword(_ id: AccountID, _ hash: PasswordHash) throws(RegctlError) {
    let text = try storedText(of: hash)
    try changeOne(
      of: mapping.table, "UPDATE main.{users} SET {password} = $1 WHERE {id} = $2", .text(text),
      .integer(id.rawValue))
    _ = try writtenAccount(id)
  }

  /// The text that the table holds for a hash; call it in the transaction that writes it.
  ///
  /// For an account without a password, this is the hash in the list, which is made when the list
  /// is empty.
  func storedText(of hash: PasswordHash) throws(RegctlError) -> String {
    guard hash == .unusable else { return hash.text }
    if let listed = try first(
      "SELECT hash FROM regctl_no_password LIMIT 1", transform: { $0.text(0) })
    {
      return listed
    }
    let text = PasswordHash.unmatchable().text
    try changeOne(
      of: "regctl_no_password", "INSERT INTO regctl_no_password (hash) VALUES ($1)", .text(text))
    return text
  }

  /// How many of the newest accounts are searched for a hash that shows the prefix.
  private static let prefixSampleSize = 100

  /// The prefix of the newest bcrypt hash, of those that new hashes can have; `nil` without one.
  package func newestBcryptPrefix() throws(RegctlError) -> PasswordPolicy.BcryptPrefix? {
    let hashes = try rows(
      """
      SELECT password FROM (SELECT id, password FROM users ORDER BY id DESC LIMIT $1) newest
      WHERE password NOT IN (SELECT hash FROM regctl_no_password) ORDER BY id DESC
      """, .integer(Int64(Self.prefixSampleSize))
    ) { PasswordHash(stored: $0.optionalText(0) ?? "") }
    return hashes.lazy.compactMap(\.bcryptPrefix).first
  }

  /// Provides the list of hashes on this connection where there is no table for it: before schema 3,
  /// `!` is stored.
  func markNoPasswordByItself() throws(RegctlError) {
    try execute("CREATE TEMP VIEW regctl_no_password AS SELECT '!' AS hash")
  }

  /// The number of accounts and pruned accounts with `!`, as regctl stored it before schema 3.
  func bareMarkerCount(hasArchive: Bool) throws(RegctlError) -> Int {
    let accounts =
      try first("SELECT count(*) FROM main.{users} WHERE {password} = '!'") { $0.count(0) } ?? 0
    guard hasArchive else { return accounts }
    let archived =
      try first("SELECT count(*) FROM regctl_archive WHERE password = '!'") { $0.count(0) } ?? 0
    return accounts + archived
  }

  /// Replaces `!` by a hash that the application can read, also for accounts that were pruned.
  func replaceBareMarkers() throws(RegctlError) {
    let text = Value.text(try storedText(of: .unusable))
    try run("UPDATE main.{users} SET {password} = $1 WHERE {password} = '!'", text)
    try run("UPDATE regctl_archive SET password = $1 WHERE password = '!'", text)
  }
}
