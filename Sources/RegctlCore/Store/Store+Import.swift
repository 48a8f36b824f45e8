internal import Base
internal import SQL

extension Store {
  /// The result of importing an account.
  enum ImportDecision: Equatable {
    case imported(AccountID)
    /// Already registered, and identical in everything that the file specifies.
    case unchanged
    /// The address belongs to an account that differs.
    case registered(email: String)
    case numberTaken(AccountID, by: String)
    /// The domain of the address is locked.
    case locked(email: String)
    /// A line of `deny_domains_file` denies the address.
    case denied(email: String, DeniedDomain)
    /// A column of the application's own needs a value that the file does not specify.
    case columnMissing(String)
    /// A constraint forbids the account with its values of the application's own columns.
    case constraint(String)
  }

  /// Inserts an account of a file into a database in a file; call it in a transaction.
  ///
  /// Where an index keeps addresses unique regardless of case, the insertion itself detects that an
  /// address is taken, but for the other spelling of a domain.
  func add(
    _ account: ImportedAccount, _ columns: ApplicationColumns, addressesAreUnique: Bool,
    at now: Instant
  ) throws(RegctlError) -> ImportDecision {
    let missing = columns.missing(in: account)
    let isEnough = addressesAreUnique && !AddressSpellings.areSeveral(for: account.email)
    let mayBeFree = isEnough ? true : try accounts(withAddress: account.email).isEmpty
    if mayBeFree, missing == nil, let id = try insert(account, columns, at: now, ignoring: true) {
      if let language = account.language { try add(language, of: id, account.email) }
      return .imported(id)
    }
    if let decision = try importDecision(of: account, columns) { return decision }
    if let missing { return .columnMissing(missing) }
    do throws(RegctlError) {
      // Neither address nor ID conflicts, so the table's own error is reported.
      guard let id = try insert(account, columns, at: now, ignoring: false) else {
        throw ignoredChange(of: mapping.table)
      }
      if let language = account.language { try add(language, of: id, account.email) }
      return .imported(id)
    } catch .store(.constraint(let detail)) where !account.columns.isEmpty {
      return .constraint(detail)
    }
  }

  /// The conflict that prevents an import, or `unchanged`; `nil` when the account can be added.
  func importDecision(
    of account: ImportedAccount, _ columns: ApplicationColumns
  ) throws(RegctlError) -> ImportDecision? {
    let dates = try accountDates()
    let ids = try dates.areUTC ? [] : accounts(withAddress: account.email).map(\.id)
    let records = try dateRecords(of: ids)
    var namesakes: [(email: String, id: AccountID, isSame: Bool)] = []
    for spelling in try AddressSpellings(of: account.email).all {
      namesakes += try rows(
        Statement(
          sqlite: """
            SELECT email, id,
              CASE WHEN password IN (SELECT hash FROM regctl_no_password) THEN '!'
                ELSE password END,
              registered_on, admin, confirmed, confirmed_on
            FROM users WHERE email = $1 COLLATE NOCASE
            """,
          postgreSQL: """
            SELECT email, id,
              CASE WHEN password IN (SELECT hash FROM regctl_no_password) THEN '!'
                ELSE password END,
              registered_on, admin, confirmed, confirmed_on
            FROM users WHERE lower(email COLLATE "C") = lower(CAST($1 AS TEXT) COLLATE "C")
            """), .text(spelling)
      ) { row in
        (
          email: row.text(0), id: row.account(1),
          isSame: account.isSame(as: row, dates, records, datesAreText: keepsTextOfDates)
        )
      }
    }
    for namesake in namesakes where namesake.isSame {
      guard try holds(account.columns, of: namesake.id, columns) else { continue }
      if try holds(account.language, of: namesake.id) { return .unchanged }
    }
    if let namesake = namesakes.first { return .registered(email: namesake.email) }
    if let id = account.id, let holder = try holder(of: id) {
      return .numberTaken(id, by: holder)
    }
    return nil
  }

  /// Whether a date is stored as the text that is given, and not as a time.
  private var keepsTextOfDates: Bool {
    switch location {
    case .file: true
    case .server: false
    }
  }

  /// Whether an account has these values in the application's own columns.
  private func holds(
    _ contents: [ImportedAccount.ColumnContent], of id: AccountID, _ columns: ApplicationColumns
  ) throws(RegctlError) -> Bool {
    if contents.isEmpty { return true }
    var isFound = false
    switch location {
    case .file:
      try forEach(
        columns.statement(.comparison, of: contents),
        [.integer(id.rawValue)] + contents.map(\.value.stored)
      ) { _ in isFound = true }
    case .server:
      try forEach(
        columns.typedComparison(of: contents),
        [.text(columns.document(of: contents)), .integer(id.rawValue)]
      ) { _ in isFound = true }
    }
    return isFound
  }

  /// Whether regctl recorded this language for an account; a line without one says nothing of it.
  private func holds(_ language: MailLanguage?, of id: AccountID) throws(RegctlError) -> Bool {
    guard let language else { return true }
    return try recordedLanguages(of: [id])[id] == language
  }

  /// Inserts an account; `nil` when a constraint of the table forbids it and `ignoring` is set.
  private func insert(
    _ account: ImportedAccount, _ columns: ApplicationColumns, at now: Instant, ignoring: Bool
  ) throws(RegctlError) -> AccountID? {
    let values =
      try row(of: account, at: now).values(in: mapping) + account.columns.map(\.value.stored)
    do throws(RegctlError) {
      // SQLite opens a temporary table for each statement with RETURNING: 200,000 insertions took
      // 1.9 s of CPU time with it and 1.3 s without (SQLite 3.40.1, 2026-11-28).
      if ignoring, let id = account.id {
        let statement = columns.statement(.insertionOfFreeNumber, of: account.columns)
        return try forEach(statement, values) == 0 ? nil : id
      }
      var id: AccountID?
      try forEach(
        columns.statement(ignoring ? .insertionIfFree : .insertion, of: account.columns), values
      ) { id = AccountID(rawValue: $0.integer(0)) }
      return id
    } catch .store(.constraint) where ignoring {
      return nil
    }
  }

  /// The row of an account in a file.
  func row(of account: ImportedAccount, at now: Instant) throws(RegctlError) -> UsersRow {
    let dates = try accountDates()
    let password = try storedText(of: account.passwordHash)
    if account.isAdmin { try require(.admin) }
    let registeredOn = account.registeredOn ?? .moment(now)
    let confirmedOn = confirmation(of: account, registeredOn: registeredOn)
    return UsersRow(
      id: Value(account.id?.rawValue), email: .text(account.email),
      password: .text(password),
      registeredOn: .text(dates.text(of: registeredOn)),
      admin: .boolean(account.isAdmin), confirmed: .boolean(account.isConfirmed),
      confirmedOn: Value(confirmedOn.map(dates.text(of:))))
  }

  /// The date of confirmation to write: where there is nothing else, a confirmed account has one.
  private func confirmation(
    of account: ImportedAccount, registeredOn: ImportedDate
  ) -> ImportedDate? {
    guard account.isConfirmed, account.confirmedOn == nil, mapping.confirmation == .date else {
      return account.confirmedOn
    }
    return registeredOn
  }

  /// Throws if accounts that were written in the same transaction are missing.
  func requireAccounts(_ ids: [AccountID]) throws(RegctlError) {
    let count = try first(
      Statement(
        sqlite: "SELECT count(*) FROM users WHERE id IN (SELECT value FROM json_each($1))",
        postgreSQL: "SELECT count(*) FROM users WHERE id = ANY ($1)"),
      .integers(ids.map(\.rawValue))
    ) { $0.count(0) }
    if count != ids.count { throw ignoredChange(of: mapping.table) }
  }
}

extension ImportedAccount {
  /// Whether a row equals everything that the file specifies, from column 0 on: email, id,
  /// password, dates and flags.
  fileprivate func isSame(
    as row: borrowing Row, _ dates: AccountDates, _ records: DateRecords, datesAreText: Bool
  ) -> Bool {
    func holds(_ column: Int32, _ text: String?) -> Bool {
      row.optionalText(column).map { Array($0.utf8) } == text.map { Array($0.utf8) }
    }
    func holds(_ column: Int32, _ date: ImportedDate?, _ records: [Int64]) -> Bool {
      switch (row.optionalText(column), date) {
      case (nil, nil): true
      case (let text?, .stored(let given)) where datesAreText: text.utf8.elementsEqual(given.utf8)
      case (let text?, .stored(let given)): Timestamp(text) == Timestamp(given)
      case (let text?, .moment(let moment)): dates.matches(text, moment, records: records)
      default: false
      }
    }
    let id = row.account(1)
    return holds(0, email) && (self.id == nil || id == self.id)
      && row.optionalText(2).map { PasswordHash(stored: $0).plainText } == passwordHash.text
      && (registeredOn == nil || holds(3, registeredOn, records.registrations(of: id)))
      && row.integer(4) == (isAdmin ? 1 : 0) && row.integer(5) == (isConfirmed ? 1 : 0)
      && holds(6, confirmedOn, records.confirmations(of: id))
  }
}
