internal import SQL

/// What the dates in the table of accounts mean.
extension Store {
  /// The reader of the dates: in the configured zone, or in UTC where regctl created the database.
  func accountDates() throws(RegctlError) -> AccountDates {
    if let knownAccountDates { return knownAccountDates }
    var zone = zone
    if zone == nil, try wasCreatedByRegctl() { zone = .utc }
    let dates = AccountDates(in: zone)
    knownAccountDates = dates
    return dates
  }

  /// The name of the zone of dates in the table of accounts; `nil` when it is not known.
  package func accountZoneName() throws(RegctlError) -> String? { try accountDates().zone?.name }

  // MARK: Comparing

  /// The date before all others on a server.
  private static let infinitePast = Value.text("-infinity")

  /// The date after all others on a server.
  private static let infiniteFuture = Value.text("infinity")

  /// The value to bind for a position in a list of dates.
  func bound(_ place: ListPlace) -> Value {
    switch location {
    case .file: place.value
    case .server where place == .beginning: Self.infinitePast
    case .server where place == .end: Self.infiniteFuture
    case .server: place.value
    }
  }

  /// The value to bind for a text that dates are compared with; an empty text precedes all dates.
  func bound(_ text: String) -> Value {
    switch location {
    case .file: .text(text)
    // PostgreSQL has no year 0, and no date is an empty text.
    case .server:
      text.isEmpty || text.utf8.starts(with: "0000-".utf8) ? Self.infinitePast : .text(text)
    }
  }

  // MARK: Records

  /// Whether regctl created the database, according to its first audit entry; otherwise it adopted
  /// the database of an application.
  func wasCreatedByRegctl() throws(RegctlError) -> Bool {
    do throws(RegctlError) {
      return try first(
        "SELECT 1 FROM regctl_audit WHERE id = 1 AND act = $1",
        .text(AuditEntry.Act.createDatabase.rawValue)
      ) { _ in true } ?? false
    } catch .store(.schemaChanged) {
      // Another program removed the audit.
      return false
    }
  }

  /// The acts that confirm an account.
  private static let confirmations = [AuditEntry.Act.confirmByToken, .confirmByOperator]

  /// What regctl recorded of the dates of some accounts; nothing where all dates are UTC.
  func dateRecords(of ids: [AccountID]) throws(RegctlError) -> DateRecords {
    var records = try registrationRecords(of: ids)
    if try accountDates().areUTC { return records }
    try forEachRecord(
      Statement(
        sqlite: """
          SELECT a.account_id, a.at FROM json_each($1) w CROSS JOIN regctl_audit a
          WHERE a.account_id = w.value AND a.act IN ($2, $3)
          """,
        postgreSQL: """
          SELECT account_id, at FROM regctl_audit
          WHERE account_id = ANY ($1) AND act IN ($2, $3)
          """), [.integers(ids.map(\.rawValue))] + Self.confirmations.map { .text($0.rawValue) }
    ) { records.addConfirmation(of: $0, at: $1) }
    return records
  }

  /// What regctl recorded of the registrations of some accounts; nothing where all dates are UTC.
  func registrationRecords(of ids: [AccountID]) throws(RegctlError) -> DateRecords {
    var records = DateRecords()
    if try accountDates().areUTC { return records }
    try forEachRecord(
      Statement(
        sqlite: """
          SELECT a.account_id, a.registered_at FROM json_each($1) w CROSS JOIN regctl_accounts a
          WHERE a.account_id = w.value AND a.registered_at IS NOT NULL
          """,
        postgreSQL: """
          SELECT account_id, registered_at FROM regctl_accounts
          WHERE account_id = ANY ($1) AND registered_at IS NOT NULL
          """), [.integers(ids.map(\.rawValue))]
    ) { records.addRegistration(of: $0, at: $1) }
    return records
  }

  /// What regctl recorded of the dates of all accounts; nothing where all dates are UTC.
  func allDateRecords() throws(RegctlError) -> DateRecords {
    var records = DateRecords()
    if try accountDates().areUTC { return records }
    try forEachRecord(
      "SELECT account_id, registered_at FROM regctl_accounts WHERE registered_at IS NOT NULL", []
    ) { records.addRegistration(of: $0, at: $1) }
    try forEachRecord(
      "SELECT account_id, at FROM regctl_audit WHERE account_id > 0 AND act IN ($1, $2)",
      Self.confirmations.map { .text($0.rawValue) }
    ) { records.addConfirmation(of: $0, at: $1) }
    return records
  }

  /// Calls a body with each account and second that a query finds; with none if another program
  /// removed the table.
  private func forEachRecord(
    _ statement: Statement, _ values: [Value], body: (AccountID, Int64) -> Void
  ) throws(RegctlError) {
    do throws(RegctlError) {
      try forEach(statement, values) { row in body(row.account(0), row.instant(1).seconds) }
    } catch .store(.schemaChanged) {
      return
    }
  }
}
