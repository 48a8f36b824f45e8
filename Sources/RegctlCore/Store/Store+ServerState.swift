internal import Base
internal import PostgreSQL
internal import SQL

/// What `doctor` asks a server.
extension Store {
  /// The state of the server, or `nil` for a file.
  ///
  /// The schema may be missing, and rights to read it. Of several hosts, the one that takes changes is
  /// asked if there is one.
  package static func serverState(
    _ configuration: Configuration, clock: () -> Instant
  ) throws(RegctlError) -> ServerState? {
    guard case .server(let address) = configuration.db else { return nil }
    let store: Store
    var isOneOfSeveral = false
    do throws(RegctlError) {
      store = try openServer(
        address, configuration.users, for: .writing, busyTimeout: configuration.busyTimeout)
    } catch .store(.unreachable) {
      store = try openServer(
        address, configuration.users, for: .reading, busyTimeout: configuration.busyTimeout)
      isOneOfSeveral = true
    }
    try store.naming { () throws(DatabaseError) in try store.database.refuseChanges() }
    var state = try store.serverState(clock: clock)
    state.isOneOfSeveral = isOneOfSeveral
    return state
  }

  /// Whether a pooler stands between regctl and the server, as `db` or `db_deliver` names it; `nil`
  /// without an address.
  package static func isPooled(
    _ location: DatabaseLocation?, for access: Access, in configuration: Configuration
  ) throws(RegctlError) -> Bool? {
    guard case .server(let address) = location else { return nil }
    let store = try openServer(
      address, configuration.users, for: access, busyTimeout: configuration.busyTimeout)
    return try store.naming { () throws(DatabaseError) in try store.server.isPooled() }
  }

  private func serverState(clock: () -> Instant) throws(RegctlError) -> ServerState {
    let version = serverVersion
    let settings = try first(
      Statement(
        postgreSQL: """
          SELECT pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(),
            pg_catalog.current_setting('synchronous_standby_names') <> '',
            pg_catalog.current_setting('synchronous_commit'),
            pg_catalog.current_setting('server_encoding'), r.rolname, r.rolsuper,
            coalesce((SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = 'regctl' AND c.relname = 'regctl_audit'), FALSE),
            pg_catalog.current_setting('fsync') = 'off',
            pg_catalog.current_setting('full_page_writes') = 'off'
          FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER
          """)
    ) { row in
      var state = ServerState(
        product: "PostgreSQL \(row.text(0).prefix { $0 != " " })",
        supportEnd: Self.endOfSupport(ofMajorVersion: version / 10_000), name: location.text,
        role: ServerState.Role(name: row.text(5)))
      state.isStandby = row.boolean(1)
      state.replication.isRequired = row.boolean(2)
      state.replication.commitLevel = row.text(3)
      state.encoding = row.text(4)
      state.role.isSuperuser = row.boolean(6)
      state.role.ownsAudit = row.boolean(7)
      if row.boolean(8) { state.unsafeSettings.append("fsync") }
      if row.boolean(9) { state.unsafeSettings.append("full_page_writes") }
      return state
    }
    guard var state = settings else { throw .store(.corrupt(detail: "pg_roles")) }
    state.clockLead = try clockLead(clock)
    try addStandbys(to: &state.replication)
    try addRights(to: &state.role)
    state.changedCollations = try changedCollations(hasOwn: version >= 150_000)
    do throws(RegctlError) {
      state.lateSequence = try lateSequence()
    } catch .store(.forbidden) {
      // The table is among the rights that are missed.
    }
    return state
  }

  /// The end of the last day on which a version is supported; `nil` for one that is newer than this
  /// version of regctl. See <https://www.postgresql.org/support/versioning/>.
  static func endOfSupport(ofMajorVersion version: Int) -> Instant? {
    let last: (year: Int, month: Int, day: Int)
    switch version {
    case ...13: last = (2025, 11, 13)
    case 14: last = (2026, 11, 12)
    case 15: last = (2027, 11, 11)
    case 16: last = (2028, 11, 9)
    case 17: last = (2029, 11, 8)
    case 18: last = (2030, 11, 14)
    default: return nil
    }
    return CivilDate.days(year: last.year, month: last.month, day: last.day)
      .map { Instant(seconds: Int64($0 + 1) * 86_400) }
  }

  /// By how much the server's clock is ahead.
  private func clockLead(_ clock: () -> Instant) throws(RegctlError) -> Duration {
    let before = clock()
    let there = try first(
      Statement(
        postgreSQL: """
          SELECT CAST(extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000 AS bigint)
          """)
    ) { Instant(microseconds: $0.integer(0)) }
    let after = clock()
    guard let there else { return .zero }
    if there > after { return there - after }
    return there < before ? there - before : .zero
  }

  /// Who only takes a copy of the files, or some tables, or begins, is no standby. A user without the
  /// rights of `pg_monitor` sees how many there are, and nothing else.
  private func addStandbys(to replication: inout ServerState.Replication) throws(RegctlError) {
    let found = try first(
      Statement(
        postgreSQL: """
          SELECT count(*), count(*) FILTER (WHERE r.sync_state IN ('sync', 'quorum')),
            count(*) FILTER (WHERE r.sync_state IS NULL) > 0
          FROM pg_catalog.pg_stat_replication r
          WHERE (r.state IS NULL OR r.state NOT IN ('backup', 'startup')) AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_replication_slots s
            WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
          """)
    ) { (standbys: $0.count(0), synchronous: $0.boolean(2) ? nil : $0.count(1)) }
    guard let found else { return }
    replication.standbys = found.standbys
    replication.synchronous = found.synchronous
  }

  /// The collations that order an index and have other rules than when they were made. A database
  /// has a version of its own since PostgreSQL 15.
  private func changedCollations(hasOwn: Bool) throws(RegctlError) -> [String] {
    let own =
      try !hasOwn
      ? []
      : rows(
        Statement(
          postgreSQL: """
            SELECT 'default' FROM pg_catalog.pg_database
            WHERE datname = pg_catalog.current_database()
              AND datcollversion <> pg_catalog.pg_database_collation_actual_version(oid)
            """)
      ) { $0.text(0) }
    return try own
      + rows(
        Statement(
          postgreSQL: """
            SELECT c.collname FROM pg_catalog.pg_collation c
            WHERE c.collversion <> pg_catalog.pg_collation_actual_version(c.oid)
              AND EXISTS (
                SELECT FROM pg_catalog.pg_index i WHERE c.oid = ANY (i.indcollation))
            ORDER BY c.collname
            """)
      ) { $0.text(0) }
  }
}

/// The rights of the user and of others.
extension Store {
  private func addRights(to role: inout ServerState.Role) throws(RegctlError) {
    role.intruders = try intruders()
    role.missing = try unusableSchemas()
    // Without them, nothing else is found.
    guard role.missing.isEmpty else { return }
    let writing = try wantedRights(for: .writing)
    let missing = try self.missing(writing)
    let changes = writing.count(where: \.isOwnChange)
    role.isReader = changes > 0 && missing.count(where: \.isOwnChange) == changes
    role.missing = try (role.isReader ? self.missing(wantedRights(for: .reading)) : missing)
      .map { right in
        ServerState.MissingRight(
          privilege: right.privilege.text, object: right.name, column: right.column)
      }
  }

  /// The schemas of regctl and of the application that the user may not use.
  private func unusableSchemas() throws(RegctlError) -> [ServerState.MissingRight] {
    try rows(
      Statement(
        postgreSQL: """
          SELECT n.nspname FROM pg_catalog.pg_namespace n
          WHERE NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND (n.nspname = 'regctl'
            OR pg_catalog.to_regclass(pg_catalog.quote_ident($1)) IS NULL AND EXISTS (
              SELECT FROM pg_catalog.pg_class c
              WHERE c.relnamespace = n.oid AND c.relname = $2 AND c.relkind IN ('r', 'p')))
          ORDER BY n.nspname
          """), .text(mapping.table), .text(mapping.table)
    ) { row in
      ServerState.MissingRight(
        privilege: TableRights.Privilege.usage.text, object: "schema \(row.text(0))", column: nil)
    }
  }

  /// A privilege on an object, or on one of its columns.
  private struct WantedRight {
    let privilege: TableRights.Privilege

    /// The name in SQL, without the schema of regctl.
    let object: String
    let column: String?

    /// The name for messages, once it was found.
    var name = ""

    /// Whether the object is regctl's.
    var isOwn: Bool { object.utf8.starts(with: "regctl_".utf8) }

    /// Whether it is one to change a table of regctl.
    var isOwnChange: Bool { isOwn && privilege != .select }
  }

  private func wantedRights(for access: Grant.Access) throws(RegctlError) -> [WantedRight] {
    try neededRights(for: access).flatMap { rights in
      rights.objects.flatMap { object in
        rights.rights.flatMap { right in
          switch right {
          case .all(let privilege):
            [WantedRight(privilege: privilege, object: object, column: nil)]
          case .columns(let privilege, let names):
            names.map { WantedRight(privilege: privilege, object: object, column: $0) }
          }
        }
      }
    }
  }

  /// The rights that the user does not have on objects that exist.
  private func missing(_ wanted: [WantedRight]) throws(RegctlError) -> [WantedRight] {
    try rows(
      Statement(
        postgreSQL: """
          SELECT w.number, c.relname
          FROM unnest(CAST($1 AS text[]), CAST($2 AS text[]), CAST($3 AS text[]))
            WITH ORDINALITY AS w (object, privilege, field, number)
          JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(w.object)
          LEFT JOIN pg_catalog.pg_attribute a
            ON a.attrelid = c.oid AND a.attname = w.field AND NOT a.attisdropped
          WHERE NOT CASE
            WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, w.privilege)
            WHEN w.field = '' THEN pg_catalog.has_table_privilege(c.oid, w.privilege)
            ELSE pg_catalog.has_column_privilege(c.oid, a.attnum, w.privilege)
          END
          ORDER BY w.number
          """),
      [
        .texts(wanted.map { $0.isOwn ? "regctl.\($0.object)" : $0.object }),
        .texts(wanted.map(\.privilege.text)), .texts(wanted.map { $0.column ?? "" }),
      ]
    ) { row in
      var right = wanted[row.count(0) - 1]
      right.name = row.text(1)
      return right
    }
  }

  /// Roles, other than owners and superusers, that can rewrite the audit; the role of an application,
  /// which changes accounts but does not take turns with regctl, if it has any right on regctl's
  /// tables; and everyone, if everyone has one.
  private func intruders() throws(RegctlError) -> [String] {
    try rows(
      Statement(
        postgreSQL: """
          WITH rights AS (
            SELECT a.grantee, a.privilege_type, CAST('' AS name) AS relname, n.nspowner AS owner
            FROM pg_catalog.pg_namespace n
            CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a WHERE n.nspname = 'regctl'
            UNION ALL
            SELECT a.grantee, a.privilege_type, c.relname, c.relowner FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a WHERE n.nspname = 'regctl')
          SELECT DISTINCT coalesce(r.rolname, 'PUBLIC') FROM rights g
          LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
          WHERE g.grantee <> g.owner AND r.rolsuper IS NOT TRUE AND (
            g.grantee = 0
            OR g.relname IN ('regctl_audit', 'regctl_audit_accounts')
              AND g.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
            OR NOT EXISTS (
                SELECT FROM rights t WHERE t.grantee = g.grantee AND t.relname = 'regctl_turn'
                  AND t.privilege_type = 'UPDATE')
              AND EXISTS (
                SELECT FROM pg_catalog.pg_class u
                CROSS JOIN LATERAL pg_catalog.aclexplode(u.relacl) a
                WHERE u.oid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
                  AND a.grantee = g.grantee AND a.privilege_type = 'INSERT'))
          ORDER BY 1
          """), .text(mapping.table)
    ) { $0.text(0) }
  }
}
