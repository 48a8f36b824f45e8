internal import SQL

/// The database of accounts, mail and audit entries; SQL is written only here.
///
/// A store is used by one thread. Every commit is durable when it returns.
package final class Store {
  let database: any Database

  /// The location as given.
  package let location: DatabaseLocation

  /// The location without symbolic links, so that a database always has the same lock and journal.
  let resolvedLocation: DatabaseLocation

  /// Whether the table of accounts is there, so that each transaction looks for reserved numbers.
  var hidesReservedNumbers = false

  /// Whether the schema has locks.
  var hasLocks = true

  /// The scheme of the hashes of accounts without a password.
  package var passwordScheme = PasswordPolicy.Scheme.bcrypt

  /// The zone of the dates in the table of accounts, as configured.
  var zone: DatabaseZone? { didSet { knownAccountDates = nil } }

  /// The reader of these dates, once it was needed.
  var knownAccountDates: AccountDates?

  /// Whether the body of each transaction runs an additional first time that is rolled back: tests
  /// thus find a body that changes more than the database.
  var runsBodiesTwice = false

  /// Runs the body the first time, and takes back what no transaction takes back: the numbers that a
  /// server's sequences gave.
  var aroundFirstRun: (_ run: () -> Void) -> Void = { run in run() }

  /// Whether there is a table of attempts; before schema 4 there is none.
  var keepsAttempts = true

  /// Whether there are tables for the figures of what was purged; before schema 6 there are none.
  var keepsFigures = true

  /// Whether there is a table of bounces that can be read; before schema 7 there is none.
  var keepsBounces = true

  /// Whether there is a table of languages; before schema 7 there is none.
  var keepsLanguages = true

  /// Whether there is a table of moments; before schema 7 there is none.
  var keepsMoments = true

  /// What the rows of the audit have. A transaction that migrates them ends with the newest form.
  var auditForm = AuditForm.committed {
    didSet { database.names = database.names.adding(auditForm.columns) }
  }

  /// What the application calls its table of accounts.
  package let mapping: UsersMapping

  /// A store for an open database.
  init(
    _ database: any Database, at location: DatabaseLocation, resolved: DatabaseLocation,
    mapping: UsersMapping = .original
  ) {
    self.database = database
    self.location = location
    self.mapping = mapping
    resolvedLocation = resolved
    database.names =
      switch location {
      case .file: mapping.names
      case .server: mapping.namesOnServer
      }
  }

  /// The access with which a database is opened.
  package enum Access: Sendable {
    /// Changes no byte, neither of the database nor of an existing log.
    case strictlyReadOnly
    /// Changes no row; may clean up a log that another process left behind.
    case reading
    case writing
  }

  /// Opens a database that has the current schema.
  ///
  /// A reader with write permission completes an interrupted change. `zone` is that of the dates in
  /// the table of accounts, if it is configured.
  package static func open(
    _ location: DatabaseLocation, mapping: UsersMapping = .original, for access: Access,
    busyTimeout: Duration, zone: DatabaseZone? = nil
  ) throws(RegctlError) -> Store {
    let store = try openCompleted(location, mapping, for: access, busyTimeout: busyTimeout)
    store.zone = zone
    return store
  }

  private static func openCompleted(
    _ location: DatabaseLocation, _ mapping: UsersMapping, for access: Access,
    busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    do throws(RegctlError) {
      return try openChecked(location, mapping, for: access, busyTimeout: busyTimeout)
    } catch .store(.readOnly(let refusal))
      where refusal.cause == .interruptedChange && access == .reading
      && location.isWritable
    {
      return try openChecked(
        location, mapping, for: access, completing: true, busyTimeout: busyTimeout)
    }
  }

  private static func openChecked(
    _ location: DatabaseLocation, _ mapping: UsersMapping, for access: Access,
    completing: Bool = false, busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    let store = try connect(
      location, mapping, for: access, completing: completing, busyTimeout: busyTimeout)
    guard let version = try store.schemaVersion() else {
      throw try .store(
        .schemaMissing(
          path: location.text, table: mapping.table, hasUsers: store.hasTable(mapping.table)))
    }
    guard version <= Schema.version else {
      throw .store(.schemaTooNew(found: version, supported: Schema.version))
    }
    // A server gives no number again.
    if case .file = location { try store.hideReservedNumbers() }
    store.hasLocks = version >= Schema.locks.firstVersion
    if version < AuditForm.firstCommittedVersion { store.auditForm = .plain }
    try store.requireObjects(of: version, for: access)
    try store.limit(to: access)
    return store
  }

  /// Opens a database with any schema.
  static func openUnchecked(
    _ location: DatabaseLocation, mapping: UsersMapping = .original, for access: Access,
    busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    let store = try connect(
      location, mapping, for: access, completing: false, busyTimeout: busyTimeout)
    if case .file = location, !mapping.isOriginal, try store.hasTable(mapping.table) {
      try store.makeView()
    }
    try store.limit(to: access)
    return store
  }

  /// Refuses every change from now on, temporary ones included, unless the access is for writing.
  private func limit(to access: Access) throws(RegctlError) {
    if access == .writing { return }
    try naming { () throws(DatabaseError) in try database.refuseChanges() }
  }

  /// Opens a database, so that it completes an interrupted change if `completing` is set.
  private static func connect(
    _ location: DatabaseLocation, _ mapping: UsersMapping, for access: Access, completing: Bool,
    busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    switch location {
    case .file(let path):
      try openFile(
        path, mapping, for: access, completing: completing, busyTimeout: busyTimeout)
    case .server(let address):
      try openServer(address, mapping, for: access, busyTimeout: busyTimeout)
    }
  }

  /// Takes the right to deliver, or throws that another process has it.
  func deliveryRight() throws(RegctlError) -> DeliveryRight {
    switch resolvedLocation {
    case .file(let path): .file(try DeliveryLock(beside: path))
    case .server: try sessionRight()
    }
  }

  /// Takes the right to deliver so that nothing is delivered meanwhile, or throws that another process
  /// has it.
  func excludeDelivery() throws(RegctlError) -> DeliveryRight {
    do throws(RegctlError) {
      return try deliveryRight()
    } catch .delivery(.running(let lock)) {
      throw .delivery(.inUse(lock: lock))
    }
  }

  /// Throws if the right to deliver was lost; call it in the transaction of each claim.
  func requireDeliveryRight() throws(RegctlError) {
    switch resolvedLocation {
    // The kernel keeps a lock as long as the process has the file.
    case .file: break
    case .server: try requireSessionRight()
    }
  }

  /// The version of regctl's schema, or `nil` when it is not installed.
  func schemaVersion() throws(RegctlError) -> Int64? {
    do throws(RegctlError) {
      return try first("SELECT max(version) FROM regctl_schema") { $0.optionalInteger(0) } ?? nil
    } catch .store(.schemaChanged) {
      // Checked only now, because the table nearly always exists.
      if try hasTable("regctl_schema") { throw .store(.corrupt(detail: "regctl_schema")) }
      return nil
    }
  }

  /// Whether there is a table or view: of regctl's in its own schema, another on the search path.
  func hasTable(_ name: String) throws(RegctlError) -> Bool {
    try first(
      Statement(
        sqlite: """
          SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower($1)
          """,
        postgreSQL: """
          SELECT 1 FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
            AND oid = pg_catalog.to_regclass(
              CASE WHEN pg_catalog.starts_with($1, 'regctl_') THEN 'regctl.' ELSE '' END
                || pg_catalog.quote_ident($1))
          """), .text(name)
    ) { _ in true } ?? false
  }

  /// Enlarges the page cache for work on many accounts, whose indexes fit no smaller cache.
  func enlargeCache() throws(RegctlError) {
    try naming { () throws(DatabaseError) in try database.enlargeCache() }
  }

  /// Whether those who wait to write may do so in the order in which they came.
  var queuesWriters: Bool {
    switch location {
    case .file: false
    case .server: true
    }
  }

  /// A number that changes when another process has written.
  func writesOfOthers() throws(RegctlError) -> Int64 {
    try naming { () throws(DatabaseError) in try database.writesOfOthers() }
  }

  /// Runs database calls and translates their errors.
  @discardableResult
  func naming<Result>(
    _ body: () throws(DatabaseError) -> Result
  ) throws(RegctlError) -> Result {
    do throws(DatabaseError) {
      return try body()
    } catch {
      throw .store(named(error))
    }
  }

  /// The error, with details that only the store knows.
  func named(_ error: DatabaseError) -> StoreError {
    switch error {
    case .notADatabase: .notADatabase(path: location.text)
    case .ignored(let table): .ignored(table: table, triggers: triggers(of: table))
    case .readOnly(let cause, let detail): .readOnly(named(ReadOnlyRefusal(cause, detail)))
    // The database itself is already open, so this is a file beside it.
    case .cannotOpen(let detail) where !resolvedLocation.isWritable:
      .readOnly(named(ReadOnlyRefusal(.log, detail: detail)))
    default: StoreError(error)
    }
  }

  private func named(_ refusal: ReadOnlyRefusal) -> ReadOnlyRefusal {
    var refusal = refusal
    refusal.path = location.text
    refusal.owner = resolvedLocation.user
    return refusal
  }

  /// The error of a table that accepted a change without making it.
  func ignoredChange(of table: String) -> RegctlError { .store(named(.ignored(table: table))) }

  /// The triggers of a table that do not belong to regctl and may skip a change of a row: on
  /// PostgreSQL those that run before it (bits 0 and 1 of `tgtype`, pg_trigger.h).
  private func triggers(of table: String) -> [String] {
    // If this fails, the error is reported without the names.
    let names = try? rows(
      Statement(
        sqlite: """
          SELECT name FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = $1
          ORDER BY name
          """,
        postgreSQL: """
          SELECT tgname FROM pg_catalog.pg_trigger
          WHERE tgrelid = pg_catalog.to_regclass(
              CASE WHEN pg_catalog.starts_with($1, 'regctl_') THEN 'regctl.' ELSE '' END
                || pg_catalog.quote_ident($1))
            AND tgtype & 3 = 3 AND tgenabled <> 'D' AND NOT tgisinternal
          ORDER BY tgname
          """), .text(table)
    ) { $0.text(0) }
    return (names ?? []).filter { !$0.utf8.starts(with: "regctl_".utf8) }
  }
}
