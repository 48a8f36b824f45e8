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

  /// Whether something is in the place of a new database: a file, or tables on a server.
  static func isTaken(
    _ location: DatabaseLocation, busyTimeout: Duration
  ) throws(RegctlError) -> Bool {
    switch location {
    case .file: try location.isTaken()
    case .server(let address):
      try openServer(address, for: .writing, busyTimeout: busyTimeout).isTaken()
    }
  }

  /// Creates the table of the original application and regctl's objects in an empty database.
  func installSchema(at now: Instant, by actor: Actor) throws(RegctlError) {
    try transaction { () throws(RegctlError) in
      try execute(Schema.users)
      for object in schemaObjects + [Schema.uniqueEmail] { try execute(object.sql) }
      try recordVersion(at: now)
      try record(AuditEntry(act: .createDatabase, at: now, actor: actor))
    }
  }

  /// The first problem found in the database's pages and indexes, or `nil`.
  package func firstFault(
    reporting report: CopyProgress.Report? = nil
  ) throws(RegctlError) -> String? {
    if let report {
      observeWork { report(.checking) }
      report(.checking)
    }
    return try naming { () throws(DatabaseError) in try database.firstFault() }
  }

  /// Calls a function again and again from now on while there is work on the database, as far as the
  /// engine can.
  package func observeWork(_ body: @escaping () -> Void) { database.observeWork(body) }

  private func recordVersion(at now: Instant) throws(RegctlError) {
    try changeOne(
      of: "regctl_schema",
      "INSERT INTO regctl_schema (version, applied_at) VALUES ($1, $2)",
      .integer(Schema.version), .integer(now.seconds))
  }

  /// Migrates a database to the current schema in one transaction, adding only regctl's objects.
  ///
  /// Objects that other programs removed or replaced are restored, and if accounts may have been
  /// deleted meanwhile, their history is separated from later accounts. Then roles of the server get
  /// the rights that they need.
  package static func migrate(
    _ location: DatabaseLocation, mapping: UsersMapping = .original, uniqueEmail: Bool,
    grants: [Grant] = [], dryRun: Bool, busyTimeout: Duration, zone: DatabaseZone? = nil,
    at now: Instant, by actor: Actor
  ) throws(RegctlError) -> MigrationReport {
    let store = try openUnchecked(
      location, mapping: mapping, for: dryRun ? .strictlyReadOnly : .writing,
      busyTimeout: busyTimeout)
    store.zone = zone
    guard !dryRun else {
      let plan = try store.migrationPlan(uniqueEmail: uniqueEmail)
      return store.report(
        plan, isDryRun: true, grants: try store.texts(of: grants),
        changedAuditEntry: plan.rewritesAudit ? try store.changeOfPlainAudit() : nil)
    }
    switch location {
    case .file: break
    case .server:
      // A plan that changes nothing needs no lock on the application's table.
      let plan = try store.migrationPlan(uniqueEmail: uniqueEmail)
      if plan.isUpToDate, grants.isEmpty { return store.report(plan, isDryRun: false) }
      if plan.isUpToDate { break }
      return try store.lockingTables(within: busyTimeout) { () throws(RegctlError) in
        try store.migrate(uniqueEmail: uniqueEmail, grants, at: now, by: actor)
      }
    }
    return try store.migrate(uniqueEmail: uniqueEmail, grants, at: now, by: actor)
  }

  private func migrate(
    uniqueEmail: Bool, _ grants: [Grant], at now: Instant, by actor: Actor
  ) throws(RegctlError) -> MigrationReport {
    try transaction { () throws(RegctlError) in
      let plan = try migrationPlan(uniqueEmail: uniqueEmail)
      guard !plan.isUpToDate || !grants.isEmpty else { return report(plan, isDryRun: false) }
      if plan.renewsOutbox { try renewOutbox() }
      try create(plan.objects)
      if plan.bareMarkers > 0 {
        passwordScheme = try usualScheme() ?? .bcrypt
        try replaceBareMarkers()
      }
      let rewriting = plan.rewritesAudit ? try rewriteAudit() : nil
      if plan.losesDeletions { try separateHistory(at: now) }
      if plan.from != Schema.version { try recordVersion(at: now) }
      let given = try give(grants)
      try record(
        AuditEntry(
          act: .migrateDatabase, at: now, actor: actor,
          detail: Self.detail(of: rewriting, grants)))
      return report(
        plan, isDryRun: false, grants: given, changedAuditEntry: rewriting?.changed)
    }
  }

  /// What the audit says about itself, and about rights that were given.
  private static func detail(of rewriting: AuditRewriting?, _ grants: [Grant]) -> String? {
    let words =
      (rewriting.map { [$0.detail] } ?? [])
      + grants.map { grant in
        switch grant.access {
        case .writing: "grant to \(grant.role)"
        case .reading: "grant reading to \(grant.role)"
        }
      }
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }

  /// Creates objects without the view, which may have the name of the table.
  private func create(_ objects: [SchemaObject]) throws(RegctlError) {
    guard case .file = location, !mapping.isOriginal else {
      for object in objects { try execute(object.sql) }
      return
    }
    try execute(Statement(sqlite: "DROP VIEW temp.users"))
    for object in objects { try execute(object.sql) }
    try makeView()
  }

  /// The summary of the step that rewrites the audit.
  private static let auditColumns =
    "columns of table regctl_audit, so that a person can be erased from it"

  /// The summary of the step that renews the outbox.
  private static let outboxStates =
    "states of table regctl_outbox, so that mails can be held and can have bounced"

  private struct MigrationPlan {
    let from: Int64?
    let objects: [SchemaObject]

    /// Whether the audit has the form of schema 4 or earlier.
    let rewritesAudit: Bool

    /// Whether the outbox has the states of schema 6 or earlier.
    let renewsOutbox: Bool

    /// Whether accounts may have been deleted without the trigger, while tables of regctl existed.
    let losesDeletions: Bool
    let duplicates: [String]
    let usesAlembic: Bool
    let hasUnknownZone: Bool

    /// The accounts whose password is `!`, at which logins of the application fail.
    let bareMarkers: Int

    var isUpToDate: Bool {
      objects.isEmpty && !rewritesAudit && !renewsOutbox && bareMarkers == 0
        && from == Schema.version
    }
  }

  private func report(
    _ plan: MigrationPlan, isDryRun: Bool, grants: [String] = [],
    changedAuditEntry: Int64? = nil
  ) -> MigrationReport {
    MigrationReport(
      path: location.text, from: plan.from, to: Schema.version,
      steps: plan.objects.map(\.summary) + (plan.rewritesAudit ? [Self.auditColumns] : [])
        + (plan.renewsOutbox ? [Self.outboxStates] : []),
      isUpToDate: plan.isUpToDate, isDryRun: isDryRun,
      duplicates: plan.duplicates, usesAlembic: plan.usesAlembic,
      hasUnknownZone: plan.hasUnknownZone, grants: grants,
      changedAuditEntry: changedAuditEntry, replacedPasswords: plan.bareMarkers)
  }

  private func migrationPlan(uniqueEmail: Bool) throws(RegctlError) -> MigrationPlan {
    // A failed statement would end a transaction on a server.
    let from = try hasTable("regctl_schema") ? schemaVersion() : nil
    if let from, from > Schema.version {
      throw .store(.schemaTooNew(found: from, supported: Schema.version))
    }
    try requireUsersTable(makingEmailUnique: uniqueEmail)
    let duplicates = try duplicateAddresses()
    if uniqueEmail, !duplicates.isEmpty { throw .store(.duplicateAddresses(duplicates)) }
    let found = try foundObjects()
    let keepsUnique = try keepsAddressesUnique(found)
    let isUnique = uniqueEmail || duplicates.isEmpty && keepsUnique
    let wanted = schemaObjects + [isUnique ? Schema.uniqueEmail : Schema.plainEmail]
    let renewsOutbox = found.names.contains(Schema.outbox.name) ? try !canHoldMail() : false
    let lost = renewsOutbox ? lostWithOutbox : []
    let objects = wanted.filter { lost.contains($0.name) || !found.hold($0) }
    if let foreign = objects.first(where: { found.areInTheWay(of: $0) }) {
      throw .store(.foreignObject(foreign.description))
    }
    try requireRights(toCreate: objects)
    return MigrationPlan(
      from: from, objects: objects,
      rewritesAudit: found.names.contains(Schema.audit.name) ? try !hasCommitments() : false,
      renewsOutbox: renewsOutbox,
      losesDeletions: found.hasTables && objects.contains { $0.kind == .trigger },
      duplicates: duplicates, usesAlembic: try usesAlembic(),
      hasUnknownZone: zone == nil ? try !wasCreatedByRegctl(found) : false,
      bareMarkers: try bareMarkerCount(hasArchive: found.names.contains("regctl_archive")))
  }

  private func wasCreatedByRegctl(_ found: FoundObjects) throws(RegctlError) -> Bool {
    try found.names.contains("regctl_audit") ? wasCreatedByRegctl() : false
  }

  /// Whether the index of addresses is unique, or was unique in a database that regctl created.
  private func keepsAddressesUnique(_ found: FoundObjects) throws(RegctlError) -> Bool {
    switch try emailIndex() {
    case .unique: return true
    case .plain: return false
    case .none: return try wasCreatedByRegctl(found)
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
          """,
        postgreSQL: """
          SELECT i.indisunique FROM pg_catalog.pg_index i
          JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
          WHERE i.indrelid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
            AND c.relname = 'regctl_users_email'
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
          """,
        postgreSQL: """
          SELECT string_agg(email, ', ' ORDER BY email COLLATE "C") FROM users
          GROUP BY lower(email COLLATE "C") HAVING count(*) > 1
          ORDER BY lower(email COLLATE "C") LIMIT 100
          """)
    ) { $0.text(0) }
  }
}
