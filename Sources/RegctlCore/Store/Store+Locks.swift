internal import SQL

/// Locks of accounts and domains, and the passwords that are withheld meanwhile.
///
/// Before schema 4 there are no such tables and no locks.
extension Store {
  /// Throws where locks cannot be stored.
  func requireLocks() throws(RegctlError) {
    if !hasLocks { throw .store(.objectsMissing([Schema.locks.description])) }
  }

  // MARK: Looking

  /// The lock of an account, or else that of its domain; `nil` when it is not locked.
  package func lock(of account: Account) throws(RegctlError) -> Lock? {
    if let lock = try lock(of: account.id) { return lock }
    return try lock(ofDomainOf: account.email)
  }

  /// The lock of the domain of an address.
  package func lock(ofDomainOf email: String) throws(RegctlError) -> Lock? {
    // An address beyond ASCII needs libidn2, which is loaded only where a domain is locked.
    guard hasLocks, try hasLockedDomains() else { return nil }
    return try lock(of: AddressDomain(of: email))
  }

  /// The lock of one account alone.
  func lock(of id: AccountID) throws(RegctlError) -> Lock? {
    guard hasLocks else { return nil }
    return try first(
      "SELECT domain, at, actor, reason FROM regctl_locks WHERE account_id = $1 LIMIT 1",
      .integer(id.rawValue), transform: Lock.init(row:))
  }

  /// The lock of a domain.
  func lock(of domain: AddressDomain) throws(RegctlError) -> Lock? {
    guard hasLocks else { return nil }
    return try first(
      """
      SELECT domain, at, actor, reason FROM regctl_locks
      WHERE account_id IS NULL AND domain = $1 LIMIT 1
      """, .text(domain.name), transform: Lock.init(row:))
  }

  /// Throws if an account is locked.
  func requireUnlocked(_ account: Account) throws(RegctlError) {
    guard account.isLocked, let lock = try lock(of: account) else { return }
    throw .account(.locked(account.email, lock))
  }

  /// Throws if the domain of an address is locked.
  func requireUnlockedDomain(of email: String) throws(RegctlError) {
    if let lock = try lock(ofDomainOf: email) { throw .account(.locked(email, lock)) }
  }

  private func hasLockedDomains() throws(RegctlError) -> Bool {
    try first("SELECT 1 FROM regctl_locks WHERE account_id IS NULL LIMIT 1") { _ in true } ?? false
  }

  /// The locked domains.
  func lockedDomains() throws(RegctlError) -> Set<AddressDomain> {
    guard hasLocks else { return [] }
    return Set(
      try rows("SELECT domain FROM regctl_locks WHERE account_id IS NULL") {
        AddressDomain(name: $0.text(0))
      })
  }

  /// Those among some accounts that are locked, themselves or by their domain.
  func locked(
    among accounts: [(id: AccountID, email: String)]
  ) throws(RegctlError) -> Set<AccountID> {
    guard hasLocks, !accounts.isEmpty else { return [] }
    var locked: Set<AccountID> = []
    var domains: Set<AddressDomain> = []
    try forEach(
      Statement(
        sqlite: """
          SELECT account_id, domain FROM regctl_locks
          WHERE account_id IN (SELECT value FROM json_each($1))
          UNION ALL
          SELECT account_id, domain FROM regctl_locks WHERE account_id IS NULL
          """,
        postgreSQL: """
          SELECT account_id, domain FROM regctl_locks WHERE account_id = ANY ($1)
          UNION ALL
          SELECT account_id, domain FROM regctl_locks WHERE account_id IS NULL
          """), .integers(accounts.map(\.id.rawValue))
    ) { row in
      if let id = row.optionalInteger(0) {
        locked.insert(AccountID(rawValue: id))
      } else {
        domains.insert(AddressDomain(name: row.text(1)))
      }
    }
    if domains.isEmpty { return locked }
    for account in accounts where try domains.contains(AddressDomain(of: account.email)) {
      locked.insert(account.id)
    }
    return locked
  }

  // MARK: Changing

  /// Locks an account, in the transaction that found it open.
  func addLock(
    on account: Account, reason: String, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    try addLock(
      .integer(account.id.rawValue), .text(account.email), .null, reason: reason, at: now,
      by: actor)
  }

  /// Locks a domain, in the transaction that found it open.
  func addLock(
    on domain: AddressDomain, reason: String, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    try addLock(.null, .null, .text(domain.name), reason: reason, at: now, by: actor)
  }

  private func addLock(
    _ id: Value, _ email: Value, _ domain: Value, reason: String, at now: Instant,
    by actor: Actor
  ) throws(RegctlError) {
    try changeOne(
      of: "regctl_locks",
      """
      INSERT INTO regctl_locks (account_id, email, domain, at, actor, uid, reason)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      """, id, email, domain, .integer(now.seconds), .text(actor.name),
      .integer(Int64(actor.uid)), .text(reason))
  }

  func removeLock(of id: AccountID) throws(RegctlError) {
    try changeOne(
      of: "regctl_locks", "DELETE FROM regctl_locks WHERE account_id = $1", .integer(id.rawValue))
  }

  func removeLock(of domain: AddressDomain) throws(RegctlError) {
    try changeOne(
      of: "regctl_locks", "DELETE FROM regctl_locks WHERE account_id IS NULL AND domain = $1",
      .text(domain.name))
  }

  // MARK: Passwords

  /// Whether the password of an account is withheld.
  func withholdsPassword(of id: AccountID) throws(RegctlError) -> Bool {
    guard hasLocks else { return false }
    return try first(
      "SELECT 1 FROM regctl_locked_passwords WHERE account_id = $1 LIMIT 1",
      .integer(id.rawValue)
    ) { _ in true } ?? false
  }

  /// Keeps the hash of an account beside the table, which gets one that no password has.
  func withholdPassword(of id: AccountID) throws(RegctlError) {
    if try withholdsPassword(of: id) { return }
    let placeholder = Value.text(try storedText(of: .unusable))
    try changeOne(
      of: "regctl_locked_passwords",
      """
      INSERT INTO regctl_locked_passwords (account_id, email, password, placeholder)
      SELECT id, email, password, CAST($1 AS TEXT) FROM users WHERE id = $2
      """, placeholder, .integer(id.rawValue))
    try changeOne(
      of: mapping.table, "UPDATE {table} SET {password} = $1 WHERE {id} = $2", placeholder,
      .integer(id.rawValue))
    _ = try writtenAccount(id)
  }

  /// Gives an account the hash back that was withheld, unless the application has set another
  /// meanwhile.
  func restorePassword(of id: AccountID) throws(RegctlError) {
    let count = try run(
      """
      UPDATE {table} SET {password} = (
        SELECT p.password FROM regctl_locked_passwords p WHERE p.account_id = $1)
      WHERE {id} = $1 AND {password} = (
        SELECT p.placeholder FROM regctl_locked_passwords p WHERE p.account_id = $1)
      """, .integer(id.rawValue))
    // Otherwise the only copy of the hash would be lost.
    if count == 0, try withheldPassword(of: id) != nil { throw ignoredChange(of: mapping.table) }
    _ = try writtenAccount(id)
    try run(
      "DELETE FROM regctl_locked_passwords WHERE account_id = $1", .integer(id.rawValue))
  }

  /// Withholds the password of an account that has come back, or gives it back: its domain may have
  /// been locked or unlocked meanwhile.
  func matchPasswordToLocks(of account: Account) throws(RegctlError) {
    if account.isLocked {
      try withholdPassword(of: account.id)
    } else if try withholdsPassword(of: account.id) {
      try restorePassword(of: account.id)
    }
  }

  /// Replaces the hash of an account that is withheld; returns whether one is.
  func replaceWithheldPassword(
    of id: AccountID, by text: String
  ) throws(RegctlError) -> Bool {
    guard try withholdsPassword(of: id) else { return false }
    try changeOne(
      of: "regctl_locked_passwords",
      "UPDATE regctl_locked_passwords SET password = $1 WHERE account_id = $2", .text(text),
      .integer(id.rawValue))
    // The application may have set another, which is older.
    try changeOne(
      of: mapping.table,
      """
      UPDATE {table} SET {password} = (
        SELECT p.placeholder FROM regctl_locked_passwords p WHERE p.account_id = $1)
      WHERE {id} = $1
      """, .integer(id.rawValue))
    return true
  }

  /// The hash that an account has when it is unlocked; `nil` where none is withheld.
  func withheldPassword(of id: AccountID) throws(RegctlError) -> PasswordHash? {
    guard hasLocks else { return nil }
    return try first(
      """
      SELECT p.password, p.password IN (SELECT hash FROM regctl_no_password)
      FROM regctl_locked_passwords p JOIN users u ON u.id = p.account_id
      WHERE p.account_id = $1 AND u.password = p.placeholder
      """, .integer(id.rawValue)
    ) { $0.boolean(1) ? .unusable : PasswordHash(stored: $0.text(0)) }
  }

  /// Gives the locks of a deleted account back to it, under an address that it had.
  func giveBackLocks(
    of address: String, number old: Value, to restored: Value
  ) throws(RegctlError) {
    guard hasLocks else { return }
    try run(
      """
      UPDATE regctl_locks SET account_id = $1
      WHERE account_id = -CAST($2 AS BIGINT) AND lower(email) = lower($3)
      """, restored, old, .text(address))
    try run(
      """
      UPDATE regctl_locked_passwords SET account_id = $1
      WHERE account_id = -CAST($2 AS BIGINT) AND lower(email) = lower($3)
      """, restored, old, .text(address))
  }
}

extension Lock {
  /// A lock from the columns domain, at, actor, reason.
  init(row: borrowing Row) {
    self.init(
      domain: row.optionalText(0), at: row.instant(1), actor: row.text(2), reason: row.text(3))
  }
}
