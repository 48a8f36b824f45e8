internal import Base
internal import SQL

extension Store {
  /// The account with an address, ignoring ASCII case and the spelling of its domain.
  package func account(_ email: String) throws(RegctlError) -> Account {
    if let account = try accountIfAny(email) { return account }
    let run = try pruneRun(of: email)
    if let deletion = try deletion(of: email) {
      // The later of the two.
      guard let run, let prunedAt = try pruneRuns().first(where: { $0.number == run })?.at,
        prunedAt > deletion.at
      else { throw .account(.deleted(deletion)) }
    }
    if let run { throw .account(.pruned(email: email, run: run)) }
    throw .account(.notFound(email))
  }

  /// The account with an address, or `nil` when there is none.
  ///
  /// An exact match wins; without one, several accounts that differ in spelling are an error.
  package func accountIfAny(_ email: String) throws(RegctlError) -> Account? {
    let matches = try accounts(withAddress: email)
    if matches.count <= 1 { return matches.first }
    guard let exact = matches.first(where: { $0.email.utf8.elementsEqual(email.utf8) }) else {
      throw .account(.ambiguous(email, count: matches.count))
    }
    return exact
  }

  /// All accounts with an address, ignoring ASCII case and the spelling of its domain.
  func accounts(withAddress email: String) throws(RegctlError) -> [Account] {
    var accounts: [Account] = []
    for spelling in try spellings(of: email) {
      accounts += try self.accounts(withSpelling: spelling)
    }
    return accounts
  }

  /// The spellings of an address that may be stored.
  func spellings(of email: String) throws(RegctlError) -> [String] {
    canHold(email) ? try AddressSpellings(of: email).all : []
  }

  /// Whether the database may hold a text: on a server none contains a NUL byte, and it is an error
  /// to ask for one.
  private func canHold(_ text: String) -> Bool {
    switch location {
    case .file: true
    case .server: !text.utf8.contains(0)
    }
  }

  /// All accounts with an address in one spelling of its domain, ignoring ASCII case.
  func accounts(withSpelling email: String) throws(RegctlError) -> [Account] {
    try readAccounts(
      Statement(
        sqlite: """
          SELECT id, email, admin, confirmed, registered_on, confirmed_on FROM users
          WHERE email = $1 COLLATE NOCASE
          """,
        postgreSQL: """
          SELECT id, email, admin, confirmed, registered_on, confirmed_on FROM users
          WHERE lower(email COLLATE "C") = lower($1 COLLATE "C")
          """), .text(email))
  }

  /// The account data that a token needs.
  struct TokenBearer {
    let id: AccountID
    let email: String

    /// Tokens issued before this second are revoked.
    let notBefore: Int64
  }

  /// Finds the accounts for tokens by address or number, with an error for each address that has none.
  ///
  /// One statement looks up all exact addresses, which takes half the time of a statement for each.
  /// The stored address is used, not the requested one: a column may ignore case.
  func tokenBearers(
    _ emails: [String]
  ) throws(RegctlError) -> [Result<TokenBearer, AccountError>] {
    var found: [TokenBearer?] = Array(repeating: nil, count: emails.count)
    try forEach(
      Statement(
        sqlite: """
          SELECT w.key, u.id, u.email, a.not_before FROM json_each($1) w
          CROSS JOIN users u LEFT JOIN regctl_accounts a ON a.account_id = u.id
          WHERE u.email = w.value
          """,
        postgreSQL: """
          SELECT w.key - 1, u.id, u.email, a.not_before
          FROM unnest(CAST($1 AS TEXT[])) WITH ORDINALITY AS w (value, key)
          JOIN users u ON lower(u.email COLLATE "C") = lower(w.value COLLATE "C")
            AND u.email = w.value
          LEFT JOIN regctl_accounts a ON a.account_id = u.id
          """), .texts(emails.map { canHold($0) ? $0 : "" })
    ) { row in
      guard canHold(emails[row.count(0)]) else { return }
      found[row.count(0)] = TokenBearer(
        id: row.account(1), email: row.text(2),
        notBefore: row.optionalInstant(3)?.seconds ?? 0)
    }
    var bearers: [Result<TokenBearer, AccountError>] = []
    bearers.reserveCapacity(emails.count)
    for (email, bearer) in zip(emails, found) {
      if let bearer {
        bearers.append(.success(bearer))
        continue
      }
      do throws(RegctlError) {
        let account = try account(named: email)
        bearers.append(
          .success(
            TokenBearer(
              id: account.id, email: account.email,
              notBefore: try sideRecord(of: account.id).notBefore ?? 0)))
      } catch .account(let error) {
        bearers.append(.failure(error))
      }
    }
    return bearers
  }

  /// The account with an ID.
  package func account(_ id: AccountID) throws(RegctlError) -> Account? {
    try readAccounts(
      """
      SELECT id, email, admin, confirmed, registered_on, confirmed_on FROM users WHERE id = $1
      """, .integer(id.rawValue)
    ).first
  }

  /// The accounts with some IDs.
  func accounts(_ ids: [AccountID]) throws(RegctlError) -> [Account] {
    try readAccounts(
      Statement(
        sqlite: """
          SELECT id, email, admin, confirmed, registered_on, confirmed_on FROM users
          WHERE id IN (SELECT value FROM json_each($1))
          """,
        postgreSQL: """
          SELECT id, email, admin, confirmed, registered_on, confirmed_on FROM users
          WHERE id = ANY ($1)
          """), .integers(ids.map(\.rawValue)))
  }

  /// The accounts that a query finds with the columns of `AccountRow`.
  private func readAccounts(
    _ statement: Statement, _ values: Value...
  ) throws(RegctlError) -> [Account] {
    try accounts(of: rows(statement, values, transform: AccountRow.init(row:)))
  }

  private func accounts(of rows: [AccountRow]) throws(RegctlError) -> [Account] {
    if rows.isEmpty { return [] }
    let dates = try accountDates()
    let records = try dateRecords(of: rows.map(\.id))
    var accounts = rows.map { $0.account(dates, records) }
    let locked = try locked(among: accounts.map { ($0.id, $0.email) })
    if locked.isEmpty { return accounts }
    for index in accounts.indices { accounts[index].isLocked = locked.contains(accounts[index].id) }
    return accounts
  }

  /// All administrators.
  func allAdministrators() throws(RegctlError) -> [Account] {
    try require(.admin)
    return try readAccounts(
      "SELECT id, email, admin, confirmed, registered_on, confirmed_on FROM users WHERE admin = TRUE"
    )
  }

  /// The account with an ID that was written in the same transaction.
  ///
  /// If it is missing, or not as it was written, a trigger interfered, and that is an error.
  func writtenAccount(_ id: AccountID) throws(RegctlError) -> Account {
    guard let account = try account(id) else { throw ignoredChange(of: mapping.table) }
    return account
  }

  /// Inserts a new, unconfirmed account; call it in the transaction that found its address free.
  func add(
    _ address: EmailAddress, _ hash: PasswordHash, at now: Instant
  ) throws(RegctlError) -> Account {
    let date = Value.text(try accountDates().text(of: now))
    return try add(
      UsersRow(
        email: .text(address.text), password: .text(storedText(of: hash)), registeredOn: date,
        admin: .boolean(false), confirmed: .boolean(false), confirmedOn: .null), at: now)
  }

  /// Inserts a new, confirmed administrator; call it in the transaction that found its address free.
  func addAdministrator(
    _ address: EmailAddress, _ hash: PasswordHash, at now: Instant
  ) throws(RegctlError) -> Account {
    let date = Value.text(try accountDates().text(of: now))
    return try add(
      UsersRow(
        email: .text(address.text), password: .text(storedText(of: hash)), registeredOn: date,
        admin: .boolean(true), confirmed: .boolean(true), confirmedOn: date), at: now)
  }

  private func add(_ row: UsersRow, at now: Instant) throws(RegctlError) -> Account {
    let number = try insert(row)
    try changeOne(
      of: "regctl_accounts",
      """
      INSERT INTO regctl_accounts (account_id, registered_at, not_before) VALUES ($1, $2, NULL)
      ON CONFLICT (account_id) DO UPDATE
      SET registered_at = excluded.registered_at, not_before = NULL
      """, .integer(number), .integer(now.seconds))
    try releaseNumbers()
    return try writtenAccount(AccountID(rawValue: number))
  }

  /// Confirms an account that was found unconfirmed in the same transaction.
  func confirm(_ id: AccountID, at now: Instant) throws(RegctlError) {
    let date = Value.text(try accountDates().text(of: now))
    let number = Value.integer(id.rawValue)
    switch mapping.confirmation {
    case .flagAndDate:
      try changeOne(
        of: mapping.table,
        """
        UPDATE {table} SET {confirmed} = TRUE, {confirmed_on} = $1
        WHERE {id} = $2 AND {confirmed} = FALSE
        """, date, number)
    case .flag:
      try changeOne(
        of: mapping.table,
        "UPDATE {table} SET {confirmed} = TRUE WHERE {id} = $1 AND {confirmed} = FALSE", number
      )
    case .date:
      try changeOne(
        of: mapping.table,
        """
        UPDATE {table} SET {confirmed_on} = $1 WHERE {id} = $2 AND {confirmed_on} IS NULL
        """, date, number)
    }
    guard try writtenAccount(id).isConfirmed else { throw ignoredChange(of: mapping.table) }
  }

  /// Reverts the confirmation of an account that was found confirmed in the same transaction.
  func unconfirm(_ id: AccountID) throws(RegctlError) {
    let number = Value.integer(id.rawValue)
    switch mapping.confirmation {
    case .flagAndDate:
      try changeOne(
        of: mapping.table,
        """
        UPDATE {table} SET {confirmed} = FALSE, {confirmed_on} = NULL
        WHERE {id} = $1 AND {confirmed} <> FALSE
        """, number)
    case .flag:
      try changeOne(
        of: mapping.table,
        "UPDATE {table} SET {confirmed} = FALSE WHERE {id} = $1 AND {confirmed} <> FALSE",
        number)
    case .date:
      try changeOne(
        of: mapping.table,
        """
        UPDATE {table} SET {confirmed_on} = NULL
        WHERE {id} = $1 AND {confirmed_on} IS NOT NULL
        """, number)
    }
    guard try !writtenAccount(id).isConfirmed else { throw ignoredChange(of: mapping.table) }
  }

  /// Deletes an account; a trigger cancels its mails and separates its history from later accounts.
  func delete(_ id: AccountID, at now: Instant) throws(RegctlError) {
    let reservation = try prepareReservation()
    try changeOne(
      of: mapping.table, "DELETE FROM {table} WHERE {id} = $1", .integer(id.rawValue))
    try reserve(reservation, at: now)
  }

  /// Grants or revokes administrator rights of an account.
  func setAdministrator(_ id: AccountID, _ isAdmin: Bool) throws(RegctlError) {
    try require(.admin)
    try changeOne(
      of: mapping.table, "UPDATE {table} SET {admin} = $1 WHERE {id} = $2",
      .boolean(isAdmin), .integer(id.rawValue))
    guard try writtenAccount(id).isAdmin == isAdmin else { throw ignoredChange(of: mapping.table) }
  }

  /// Whether there is an administrator other than this account.
  func hasAdministrator(besides id: AccountID) throws(RegctlError) -> Bool {
    try first(
      "SELECT 1 FROM users WHERE admin = TRUE AND id <> $1 LIMIT 1", .integer(id.rawValue)
    ) { _ in true } ?? false
  }

  /// The data that regctl itself stores about an account.
  func sideRecord(of id: AccountID) throws(RegctlError) -> AccountSideRecord {
    try first(
      "SELECT account_id, registered_at, not_before FROM regctl_accounts WHERE account_id = $1",
      .integer(id.rawValue), transform: AccountSideRecord.init(row:))
      ?? AccountSideRecord(registeredAt: nil, notBefore: nil)
  }

  /// The data that regctl itself stores about accounts, as far as there is any.
  func sideRecords(
    of ids: [AccountID]
  ) throws(RegctlError) -> [AccountID: AccountSideRecord] {
    var records: [AccountID: AccountSideRecord] = [:]
    try forEach(
      Statement(
        sqlite: """
          SELECT account_id, registered_at, not_before FROM regctl_accounts
          WHERE account_id IN (SELECT value FROM json_each($1))
          """,
        postgreSQL: """
          SELECT account_id, registered_at, not_before FROM regctl_accounts
          WHERE account_id = ANY ($1)
          """), .integers(ids.map(\.rawValue))
    ) { records[$0.account(0)] = AccountSideRecord(row: $0) }
    return records
  }

  /// The latest second in which regctl deleted or pruned an account with an address, ignoring ASCII
  /// case and the spelling of its domain; `nil` when it did not, or restored the account.
  func lastDeletion(of email: String) throws(RegctlError) -> Int64? {
    try spellings(of: email).map { spelling throws(RegctlError) in
      try first(
        Statement(
          sqlite: """
            SELECT max(at) FROM (
              SELECT at FROM regctl_audit
              WHERE act = 'delete' AND email = $1 COLLATE NOCASE AND account_id < 0
              UNION ALL
              SELECT p.at FROM regctl_archive a JOIN regctl_prunes p ON p.run = a.run
              WHERE a.email = $1 COLLATE NOCASE)
            """,
          postgreSQL: """
            SELECT max(at) FROM (
              SELECT at FROM regctl_audit
              WHERE act = 'delete' AND lower(email COLLATE "C") = lower($1 COLLATE "C")
                AND account_id < 0
              UNION ALL
              SELECT p.at FROM regctl_archive a JOIN regctl_prunes p ON p.run = a.run
              WHERE lower(a.email COLLATE "C") = lower($1 COLLATE "C")) deletions
            """), .text(spelling)
      ) { $0.optionalInteger(0) } ?? nil
    }.compactMap { $0 }.max()
  }

  /// The registration date of an account as the table holds it.
  func storedRegistration(of id: AccountID) throws(RegctlError) -> String? {
    try first("SELECT registered_on FROM users WHERE id = $1", .integer(id.rawValue)) {
      $0.optionalText(0)
    } ?? nil
  }
}

extension AccountSideRecord {
  /// A record from the columns account_id, registered_at, not_before.
  init(row: borrowing Row) {
    self.init(
      registeredAt: row.optionalInstant(1)?.seconds, notBefore: row.optionalInstant(2)?.seconds)
  }
}
