internal import SQL
internal import SQLite

/// Copies of a whole database in another place.
extension Store {
  /// Runs a body that sees one state of the database and changes nothing.
  ///
  /// With `excludesWriters`, for a store that was opened for writing, other writers wait meanwhile: in
  /// a file all of them, on a server those of regctl.
  func inOneState<Result>(
    excludingWriters excludesWriters: Bool = false, _ body: () throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    try naming { () throws(DatabaseError) in
      switch location {
      case .file where !excludesWriters: try database.execute(Statement(sqlite: "BEGIN"))
      // On a server, a store that refuses changes takes no lock.
      case .file, .server: try database.begin()
      }
    }
    defer { database.rollBack() }
    if case .server = location {
      // A copy may need minutes for an index of the other database.
      try execute(Statement(postgreSQL: "SET LOCAL idle_in_transaction_session_timeout = 600000"))
    }
    return try body()
  }

  /// A store in a file that is being created, for accounts of this store.
  func newFile(_ temporary: String, for path: String) throws(RegctlError) -> Store {
    let database = try Self.openNew(temporary)
    let store = Store(database, at: .file(path), resolved: .file(temporary), mapping: mapping)
    store.passwordScheme = passwordScheme
    try store.naming { () throws(DatabaseError) in
      try database.commitDurably()
      try database.enlargeCache()
    }
    return store
  }

  /// Copies all of another store into this one, which is empty, and verifies the copy; `entry` is
  /// then added to the audit.
  func fill(
    from source: Store, recording entry: AuditEntry? = nil, at now: Instant,
    reporting report: CopyProgress.Report? = nil
  ) throws(RegctlError) -> CopyReport {
    let copied = try transaction { () throws(RegctlError) in
      let copied = try StoreCopy(from: source, to: self, reporting: report).perform(at: now)
      if let entry { try record(entry) }
      return copied
    }
    if case .file = location, let fault = try firstFault(reporting: report) {
      throw .store(.corrupt(detail: fault))
    }
    return copied
  }

  /// Makes a file that was filled use a write-ahead log, as a new database does. Last, so that every
  /// page is in the file by then.
  func useLog() throws(RegctlError) {
    guard let file = database as? SQLiteDatabase else { return }
    try naming { () throws(DatabaseError) in try file.useLog() }
  }

  /// An empty database on a server, whose statements may take long.
  static func openDestination(
    _ address: ServerAddress, _ mapping: UsersMapping, busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    let store = try openServer(
      address, mapping, for: .writing, busyTimeout: busyTimeout,
      silenceTimeout: .seconds(600))
    store.writeWithoutTurn()
    let isTaken = try store.first(
      Statement(
        postgreSQL: """
          SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'regctl'
          """)
    ) { _ in true }
    if isTaken != nil { throw .store(.exists(path: address.name)) }
    return store
  }
}
