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
  ///
  /// That of a locked account is the one that it has when it is unlocked.
  package func passwordHash(of id: AccountID) throws(RegctlError) -> PasswordHash {
    if let withheld = try withheldPassword(of: id) { return withheld }
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

  /// What binds a link to the password of an account: the fingerprint of the text that the table
  /// holds, which an application computes too.
  func passwordFingerprint(of id: AccountID) throws(RegctlError) -> String {
    let stored = try first("SELECT password FROM users WHERE id = $1", .integer(id.rawValue)) {
      PasswordHash(stored: $0.text(0))
    }
    return try (stored ?? .unusable).fingerprint()
  }

  /// Whether a link is bound to the present password of an account. Links that were mailed before
  /// the database was migrated are bound to the marker of an account without a password.
  func isBound(_ fingerprint: String, to id: AccountID) throws(RegctlError) -> Bool {
    if try passwordFingerprint(of: id) == fingerprint { return true }
    guard try passwordHash(of: id) == .unusable else { return false }
    return try PasswordHash.unusable.fingerprint() == fingerprint
  }

  /// Replaces the password hash of an account; that of a locked one where it is withheld.
  func setPassword(_ id: AccountID, _ hash: PasswordHash) throws(RegctlError) {
    let text = try storedText(of: hash)
    if try replaceWithheldPassword(of: id, by: text) { return }
    try changeOne(
      of: mapping.table, "UPDATE {table} SET {password} = $1 WHERE {id} = $2", .text(text),
      .integer(id.rawValue))
    _ = try writtenAccount(id)
  }

  /// The text that the table holds for a hash; call it in the transaction that writes it.
  ///
  /// For an account without a password, this is a hash in the list that the application can read,
  /// which is made when there is none.
  func storedText(of hash: PasswordHash) throws(RegctlError) -> String {
    guard hash == .unusable else { return hash.text }
    let listed = try rows("SELECT hash FROM regctl_no_password") {
      PasswordHash(stored: $0.text(0))
    }
    if let hash = listed.first(where: { $0 == .unusable || $0.scheme == passwordScheme }) {
      return hash.text
    }
    let text = PasswordHash.unmatchable(passwordScheme).text
    try changeOne(
      of: "regctl_no_password", "INSERT INTO regctl_no_password (hash) VALUES ($1)", .text(text))
    return text
  }

  /// How many of the newest accounts show which hashes the application writes.
  private static let newestCount = 100

  /// The prefix of the newest bcrypt hash, of those that new hashes can have; `nil` without one.
  package func newestBcryptPrefix() throws(RegctlError) -> PasswordPolicy.BcryptPrefix? {
    try newestHashes().lazy.compactMap(\.bcryptPrefix).first
  }

  /// The scheme of most of the newest hashes; `nil` without any.
  func usualScheme() throws(RegctlError) -> PasswordPolicy.Scheme? {
    let schemes = try newestHashes().compactMap(\.scheme)
    return PasswordPolicy.Scheme.allCases.filter(schemes.contains).max { one, other in
      schemes.count { $0 == one } < schemes.count { $0 == other }
    }
  }

  /// The passwords of the newest accounts that have one, newest first.
  private func newestHashes() throws(RegctlError) -> [PasswordHash] {
    try rows(
      """
      SELECT password FROM (SELECT id, password FROM users ORDER BY id DESC LIMIT $1) newest
      WHERE password NOT IN (SELECT hash FROM regctl_no_password) ORDER BY id DESC
      """, .integer(Int64(Self.newestCount))
    ) { PasswordHash(stored: $0.optionalText(0) ?? "") }
  }

  /// Provides the list of hashes on this connection where there is no table for it: before schema 3,
  /// `!` is stored.
  func markNoPasswordByItself() throws(RegctlError) {
    try execute(Statement(sqlite: "CREATE TEMP VIEW regctl_no_password AS SELECT '!' AS hash"))
  }

  /// The number of accounts and pruned accounts with `!`, as regctl stored it before schema 3.
  func bareMarkerCount(hasArchive: Bool) throws(RegctlError) -> Int {
    let accounts =
      try first("SELECT count(*) FROM {table} WHERE {password} = '!'") { $0.count(0) } ?? 0
    guard hasArchive else { return accounts }
    let archived =
      try first(
        Statement(
          sqlite: "SELECT count(*) FROM regctl_archive WHERE password = '!'",
          postgreSQL: "SELECT count(*) FROM regctl_archive WHERE account ->> 'password' = '!'")
      ) { $0.count(0) } ?? 0
    return accounts + archived
  }

  /// Replaces `!` by a hash that the application can read, also for accounts that were pruned.
  func replaceBareMarkers() throws(RegctlError) {
    let text = Value.text(try storedText(of: .unusable))
    try run("UPDATE {table} SET {password} = $1 WHERE {password} = '!'", text)
    try run(
      Statement(
        sqlite: "UPDATE regctl_archive SET password = $1 WHERE password = '!'",
        postgreSQL: """
          UPDATE regctl_archive
          SET account = account || jsonb_build_object('password', CAST($1 AS TEXT))
          WHERE account ->> 'password' = '!'
          """), text)
  }
}
