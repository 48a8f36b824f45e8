internal import SQL

extension Store {
  /// Creates a new database with regctl's schema, completely or not at all.
  package static func create(
    _ location: DatabaseLocation, journalMode: JournalMode, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    switch location {
    case .file(let path): try createFile(path, journalMode: journalMode, at: now, by: actor)
    case .server(let address): try createOnServer(address, at: now, by: actor)
    }
  }

  /// Creates the table of the original application and regctl's objects in an empty database.
  func installSchema(at now: Instant, by actor: Actor) throws(RegctlError) {
    try transaction { () throws(RegctlError) in
      if case .server = location { try execute("CREATE SCHEMA regctl") }
      try execute(Schema.users)
      for object in schemaObjects + [Schema.uniqueEmail] { try execute(object.sql) }
      try recordVersion(at: now)
      try record(AuditEntry(act: .createDatabase, at: now, actor: actor))
    }
  }

  /// The objects that the engine's schema has, without the index of addresses.
  var schemaObjects: [SchemaObject] {
    switch location {
    case .file: Schema.objects
    case .server: Schema.objects.filter { $0.sql.postgreSQL != nil }
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
  ///
  /// Objects that other programs removed or replaced are restored, and if accounts may have been
  /// deleted meanwhile, their history is separated from later accounts.
  package static func migrate(
    _ location: DatabaseLocation, mapping: UsersMapping = .original, uniqueEmail: Bool,
    dryRun: Bool, busyTimeout: Duration, zone: DatabaseZone? = nil, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> MigrationReport {
    let store = try openUnchecked(
      location, mapping: mapping, for: dryRun ? .strictlyReadOnly : .writing,
      busyTimeout: busyTimeout)
    store.zone = zone
    guard !dryRun else {
      let plan = try store.migrationPlan(uniqueEmail: uniqueEmail)
      return store.report(plan, isDryRun: true)
    }
    return try store.transaction { () throws(RegctlError) in
      let plan = try store.migrationPlan(uniqueEmail: uniqueEmail)
      guard !plan.isUpToDate else { return store.report(plan, isDryRun: false) }
      try store.create(plan.objects)
      if plan.bareMarkers > 0 {
        store.passwordScheme = try store.usualScheme() ?? .bcrypt
        try store.replaceBareMarkers()
      }
      if plan.losesDeletions { try store.separateHistory(at: now) }
      if plan.from != Schema.version { try store.recordVersion(at: now) }
      try store.record(AuditEntry(act: .migrateDatabase, at: now, actor: actor))
      return store.report(plan, isDryRun: false)
    }
  }

  /// Creates objects without the view, which may have the name of the table.
  private func create(_ objects: [SchemaObject]) throws(RegctlError) {
    if !mapping.isOriginal { try execute(Statement(sqlite: "DROP VIEW temp.users")) }
    for object in objects { try execute(object.sql) }
    if !mapping.isOriginal { try makeView() }
  }

  private struct MigrationPlan {
    let from: Int64?
    let objects: [SchemaObject]

    /// Whether accounts may have been deleted without the trigger, while tables of regctl existed.
    let losesDeletions: Bool
    let duplicates: [String]
    let usesAlembic: Bool
    let hasUnknownZone: Bool

    /// The accounts whose password is `!`, at which logins of the application fail.
    let bareMarkers: Int

    var isUpToDate: Bool { objects.isEmpty && bareMarkers == 0 && from == Schema.version }
  }

  private func report(_ plan: MigrationPlan, isDryRun: Bool) -> MigrationReport {
    MigrationReport(
      path: location.text, from: plan.from, to: Schema.version,
      steps: plan.objects.map(\.summary), isUpToDate: plan.isUpToDate, isDryRun: isDryRun,
      duplicates: plan.duplicates, usesAlembic: plan.usesAlembic,
      hasUnknownZone: plan.hasUnknownZone, replacedPasswords: plan.bareMarkers)
  }

  private func migrationPlan(uniqueEmail: Bool) throws(RegctlError) -> MigrationPlan {
    let from = try schemaVersion()
    if let from, from > Schema.version {
      throw .store(.schemaTooNew(found: from, supported: Schema.version))
    }
    try requireUsersTable(makingEmailUnique: uniqueEmail)
    let duplicates = try duplicateAddresses()
    if uniqueEmail, !duplicates.isEmpty { throw .store(.duplicateAddresses(duplicates)) }
    let found = try foundObjects()
    let keepsUnique = try keepsAddressesUnique(found)
    let isUnique = uniqueEmail || duplicates.isEmpty && keepsUnique
    let wanted = Schema.objects + [isUnique ? Schema.uniqueEmail : Schema.plainEmail]
    let objects = wanted.filter { !found.hold($0, naming: mapping.names) }
    if let foreign = objects.first(where: { found.areInTheWay(of: $0) }) {
      throw .store(.foreignObject(foreign.description))
    }
    return MigrationPlan(
      from: from, objects: objects,
      losesDeletions: found.hasTables && objects.contains { $0.kind == .trigger },
      duplicates: duplicates, usesAlembic: try usesAlembic(),
      hasUnknownZone: zone == nil ? try !wasCreatedByRegctl() : false,
      bareMarkers: try bareMarkerCount(hasArchive: found.names.contains("regctl_archive")))
  }

  /// Whether the index of addresses is unique, or was unique in a database that regctl created.
  private func keepsAddressesUnique(_ found: FoundObjects) throws(RegctlError) -> Bool {
    switch try emailIndex() {
    case .unique: return true
    case .plain: return false
    case .none:
      guard found.names.contains("regctl_audit") else { return false }
      return try wasCreatedByRegctl()
    }
  }

  /// Throws if the `users` table does not have the structure of the original application's.
  private func requireUsersTable(makingEmailUnique: Bool) throws(RegctlError) {
    guard let users = try UsersTable(in: self) else {
      try proposeMapping()
      throw .store(.schemaMissing(path: location.text, table: mapping.table, hasUsers: false))
    }
    let isUnique = try emailIndex() == .unique
    let faults = users.faults(makingEmailUnique: makingEmailUnique || isUnique)
    if faults.contains(where: \.isMissingColumn) { try proposeMapping() }
    if !faults.isEmpty { throw .store(.foreignUsersTable(path: location.text, faults: faults)) }
  }

  enum EmailIndex { case none, plain, unique }

  func emailIndex() throws(RegctlError) -> EmailIndex {
    let isUnique = try first(
      Statement(
        sqlite: """
          SELECT "unique" FROM pragma_index_list($1, 'main') WHERE name = 'regctl_users_email'
          """), .text(mapping.table)
    ) { $0.integer(0) == 1 }
    return isUnique.map { $0 ? .unique : .plain } ?? .none
  }

  /// Groups of addresses that differ only in ASCII case, each joined by commas.
  package func duplicateAddresses() throws(RegctlError) -> [String] {
    try rows(
      Statement(
        sqlite: """
          SELECT group_concat(email, ', ') FROM users
          GROUP BY email COLLATE NOCASE HAVING count(*) > 1
          ORDER BY email COLLATE NOCASE LIMIT 100
          """)
    ) { $0.text(0) }
  }
}
