internal import SQL
internal import System

extension Store {
  /// Creates a new database, completely or not at all.
  ///
  /// It is created under a temporary name and linked to the final one, so that a kill or a power
  /// failure leaves either nothing or a complete database.
  package static func create(
    _ path: String, journalMode: JournalMode, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    guard try fileAccess(FileSystem.isFree(path)) else { throw .store(.exists(path: path)) }
    try fileAccess(FileSystem.makeDirectories(FileSystem.directory(of: path)))
    try publish(path) { temporary throws(RegctlError) in
      try build(temporary, journalMode: journalMode, at: now, by: actor)
    }
  }

  /// Creates a database under a temporary name, and gives it its final name when it is complete.
  private static func publish(
    _ path: String, making make: (_ temporary: String) throws(RegctlError) -> Void
  ) throws(RegctlError) {
    let directory = try fileAccess(Directory(of: path))
    let temporary = Directory.temporaryName(for: path)
    // Created here, because SQLite does not report why it cannot create a file. It stays open until
    // it has its final name, so that a file put in its place meanwhile is detected.
    let file = try fileAccess(directory.create(temporary, shownAs: path))
    do throws(RegctlError) {
      try make(directory.path(of: temporary))
      try fileAccess(directory.publish(file, from: temporary, as: FileSystem.name(of: path)))
    } catch {
      for suffix in ["", "-wal", "-shm", "-journal"] { directory.remove(temporary + suffix) }
      if case .file(let failure) = error, failure.isExisting, failure.path == path {
        throw .store(.exists(path: path))
      }
      throw error
    }
  }

  private static func build(
    _ path: String, journalMode: JournalMode, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    let store = try Store.creating(path)
    try store.execute(Statement(sqlite: "PRAGMA synchronous=EXTRA"))
    try store.transaction { () throws(RegctlError) in
      try store.execute(Schema.users)
      for migration in Schema.migrations {
        for step in migration.steps { try store.execute(step.sql) }
      }
      try store.execute(Schema.uniqueEmail.sql)
      try store.recordVersion(at: now)
      try store.record(AuditEntry(act: .createDatabase, at: now, actor: actor))
    }
    guard journalMode == .wal else { return }
    // Last, so that every page is in the file by then: pages left in a log when the connection
    // closes would be lost with it, without an error.
    let mode = try store.first(Statement(sqlite: "PRAGMA journal_mode=WAL")) { $0.text(0) }
    guard mode == "wal" else { throw .store(.inputOutput(detail: "journal mode \(mode ?? "")")) }
  }

  /// Copies a consistent snapshot of the database to a new file, completely or not at all, and
  /// verifies the copy: a copy of a damaged database is an error.
  package func backUp(to path: String) throws(RegctlError) {
    guard try fileAccess(FileSystem.isFree(path)) else { throw .store(.exists(path: path)) }
    guard try fileAccess(FileSystem.status(of: FileSystem.directory(of: path))) != nil else {
      throw .file(FileError(operation: "create", path: path, code: FileError.missing))
    }
    try Self.publish(path) { temporary throws(RegctlError) in
      try naming { () throws(DatabaseError) in try database.backUp(to: temporary) }
    }
  }

  /// The first problem found in the database's pages and indexes, or `nil`.
  package func firstFault() throws(RegctlError) -> String? {
    try naming { () throws(DatabaseError) in try database.firstFault() }
  }

  private func recordVersion(at now: Instant) throws(RegctlError) {
    try changeOne(
      of: "regctl_schema",
      "INSERT INTO regctl_schema (version, applied_at) VALUES ($1, $2)",
      .integer(Schema.version), .integer(now.seconds))
  }

  /// Migrates a database to the current schema in one transaction, adding only regctl's objects.
  package static func migrate(
    _ path: String, uniqueEmail: Bool, dryRun: Bool, busyTimeout: Duration, at now: Instant,
    by actor: Actor
  ) throws(RegctlError) -> MigrationReport {
    let store = try openUnchecked(
      path, for: dryRun ? .strictlyReadOnly : .writing, busyTimeout: busyTimeout)
    guard !dryRun else {
      let plan = try store.migrationPlan(uniqueEmail: uniqueEmail)
      return store.report(plan, isDryRun: true)
    }
    return try store.transaction { () throws(RegctlError) in
      let plan = try store.migrationPlan(uniqueEmail: uniqueEmail)
      guard !plan.steps.isEmpty else { return store.report(plan, isDryRun: false) }
      for step in plan.steps { try store.execute(step.sql) }
      if plan.from != Schema.version { try store.recordVersion(at: now) }
      try store.record(AuditEntry(act: .migrateDatabase, at: now, actor: actor))
      return store.report(plan, isDryRun: false)
    }
  }

  private struct MigrationPlan {
    let from: Int64?
    let steps: [Schema.Step]
    let duplicates: [String]
  }

  private func report(_ plan: MigrationPlan, isDryRun: Bool) -> MigrationReport {
    MigrationReport(
      path: path, from: plan.from, to: Schema.version, steps: plan.steps.map(\.summary),
      isDryRun: isDryRun, duplicates: plan.duplicates)
  }

  private func migrationPlan(uniqueEmail: Bool) throws(RegctlError) -> MigrationPlan {
    let from = try schemaVersion()
    if let from, from > Schema.version {
      throw .store(.schemaTooNew(found: from, supported: Schema.version))
    }
    try requireUsersTable(makingEmailUnique: uniqueEmail)
    let duplicates = try duplicateAddresses()
    if uniqueEmail, !duplicates.isEmpty { throw .store(.duplicateAddresses(duplicates)) }
    var steps = Schema.migrations.filter { $0.version > from ?? 0 }.flatMap(\.steps)
    let index = try emailIndex()
    if uniqueEmail, index != .unique {
      if index == .plain {
        steps.append(
          Schema.Step(
            summary: "drop index regctl_users_email, which was not unique",
            sql: "DROP INDEX regctl_users_email"))
      }
      steps.append(Schema.uniqueEmail)
    } else if index == .none {
      steps.append(Schema.plainEmail)
    }
    return MigrationPlan(from: from, steps: steps, duplicates: duplicates)
  }

  /// Throws if the `users` table does not have the structure of the original application's.
  private func requireUsersTable(makingEmailUnique: Bool) throws(RegctlError) {
    guard let users = try UsersTable(in: self) else {
      throw .store(.schemaMissing(path: path, hasUsers: false))
    }
    let isUnique = try emailIndex() == .unique
    let faults = users.faults(makingEmailUnique: makingEmailUnique || isUnique)
    if !faults.isEmpty { throw .store(.foreignUsersTable(path: path, faults: faults)) }
  }

  enum EmailIndex { case none, plain, unique }

  func emailIndex() throws(RegctlError) -> EmailIndex {
    let isUnique = try first(
      Statement(
        sqlite: """
          SELECT "unique" FROM pragma_index_list('users') WHERE name = 'regctl_users_email'
          """)
    ) { $0.integer(0) == 1 }
    return isUnique.map { $0 ? .unique : .plain } ?? .none
  }

  /// Groups of addresses that differ only in ASCII case, each joined by commas.
  package func duplicateAddresses() throws(RegctlError) -> [String] {
    try rows(
      Statement(
        sqlite: """
          SELECT group_concat(email, ', ') FROM users
          GROUP BY lower(email) HAVING count(*) > 1 ORDER BY lower(email) LIMIT 100
          """)
    ) { $0.text(0) }
  }
}
