internal import Glibc
internal import PostgreSQL
internal import SQL

/// Changes of the schema on a server, while an application works.
extension Store {
  /// Runs a body whose transactions begin with a lock of the application's table against changes,
  /// and again while a transaction of the application has changed the table, until the time has
  /// passed.
  ///
  /// Whatever needs the table waits behind a transaction that waits for this lock, also if it could
  /// otherwise run at once. So this waits 200 ms at a time. The lock is there before the snapshot, so
  /// that two migrations do not do the same.
  func lockingTables<Result>(
    within timeout: Duration, _ body: () throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    guard let database = database as? PostgreSQLDatabase else { return try body() }
    let usual = database.writersLock
    defer { database.writersLock = usual }
    database.writersLock =
      try hasTable(Schema.turn.name)
      ? """
      LOCK TABLE regctl_turn IN EXCLUSIVE MODE; SET LOCAL lock_timeout = 200;
      LOCK TABLE {users} IN SHARE ROW EXCLUSIVE MODE
      """
      : "SET LOCAL lock_timeout = 200; LOCK TABLE {users} IN SHARE ROW EXCLUSIVE MODE"
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
      do throws(RegctlError) {
        return try body()
      } catch .store(.busy) {
        // What waited behind this transaction runs now.
        var nap = timespec(tv_sec: 0, tv_nsec: 200_000_000)
        unsafe nanosleep(&nap, nil)
      }
    }
    return try body()
  }

  /// Whether the database has a table of accounts or a schema of regctl's name, so that there is no
  /// place for new ones.
  func isTaken() throws(RegctlError) -> Bool {
    try first(
      Statement(
        postgreSQL: """
          SELECT pg_catalog.to_regclass('users') IS NOT NULL
            OR EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'regctl')
          """)
    ) { $0.boolean(0) } ?? false
  }

  /// Throws if the user may not create objects: their table, schema or database is not the user's.
  func requireRights(toCreate objects: [SchemaObject]) throws(RegctlError) {
    guard case .server = location, !objects.isEmpty else { return }
    let denial = try first(
      Statement(
        postgreSQL: """
          SELECT CASE
            WHEN NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
              THEN 'must be owner of table ' || c.relname
            WHEN NOT pg_catalog.has_schema_privilege(c.relnamespace, 'CREATE')
              THEN 'permission denied for schema '
                || CAST(c.relnamespace AS pg_catalog.regnamespace)
            WHEN n.oid IS NULL AND NOT pg_catalog.has_database_privilege(
                pg_catalog.current_database(), 'CREATE')
              THEN 'permission denied for database ' || pg_catalog.current_database()
            WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'CREATE')
              THEN 'permission denied for schema regctl'
          END
          FROM pg_catalog.pg_class c
          LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'regctl'
          WHERE c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
          """), .text(mapping.table)
    ) { $0.optionalText(0) }
    if let denial = denial ?? nil { throw .store(.forbidden(detail: denial)) }
  }
}
