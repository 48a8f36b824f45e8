import PostgreSQL
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Grants", .once) struct StoreGrantsTests {
  private let database: TemporaryDatabase
  private let location: DatabaseLocation
  private let role: String

  init() throws {
    database = try TemporaryDatabase()
    location = try DatabaseLocation(database.address)
    try Store.create(location, journalMode: .wal, at: Site.start, by: Site.actor)
    // The name is qualified like a table of regctl, unless it is in quotes.
    role = "regctl_\(UInt64.random(in: .min ... .max))"
    var sql = SQLText("CREATE ROLE ")
    sql.append(name: role)
    sql.append(" LOGIN")
    try database.connect().step(sql, []) { _ in true }
  }

  @discardableResult
  private func migrate(_ grants: Grant..., dryRun: Bool = false) throws -> MigrationReport {
    try Store.migrate(
      location, uniqueEmail: false, grants: grants, dryRun: dryRun, busyTimeout: .zero,
      at: Site.start, by: Site.actor)
  }

  private func connectAsRole() throws -> PostgreSQLDatabase {
    let connection = try database.connect(["user": role])
    connection.names = UsersMapping.original.namesOnServer
    return connection
  }

  private func isDenied(_ statement: Statement) throws -> Bool {
    let connection = try connectAsRole()
    do throws(DatabaseError) {
      try connection.execute(statement)
      return false
    } catch .forbidden {
      return true
    }
  }

  /// The statements of the store that the role may not run, of those that are not for owners only.
  private func deniedStatements(
    atLeast checked: Int = 10, where isWanted: (SourceStatement) -> Bool
  ) throws -> [String] {
    let connection = try connectAsRole()
    // The rights are checked when a plan is explained. An earlier name is left by a failure.
    try connection.execute(
      """
      CREATE FUNCTION pg_temp.explain_statement(statement text) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        count integer;
      BEGIN
        BEGIN
          EXECUTE 'DEALLOCATE explained';
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        EXECUTE 'PREPARE explained AS ' || statement;
        SELECT cardinality(parameter_types) INTO count FROM pg_prepared_statements
        WHERE name = 'explained';
        EXECUTE 'EXPLAIN EXECUTE explained' || CASE WHEN count > 0
          THEN '(NULL' || repeat(', NULL', count - 1) || ')' ELSE '' END;
      END $$
      """)
    var denied: [String] = []
    var allowed = 0
    for statement in SourceStatement.ofStore
    where !statement.isMarked && !Self.isOwners(statement) && isWanted(statement) {
      do throws(DatabaseError) {
        try connection.run(
          "SELECT pg_temp.explain_statement($1)", .text(connection.names.fill(statement.sql)))
        allowed += 1
      } catch .forbidden(let detail) {
        denied.append("\(statement): \(detail)")
      } catch {
        // A statement in words of SQLite, or one that has no plan for NULL.
      }
    }
    #expect(allowed + denied.count >= checked)
    return denied
  }

  /// Whether a statement belongs to the creation or migration of a database, or erases from the audit.
  private static func isOwners(_ statement: SourceStatement) -> Bool {
    ["Store+ForeignHistory.swift", "Store+AuditRewriting.swift", "Store+Erase.swift"]
      .contains(statement.file)
      || statement.words.contains("UPDATE regctl_archive")
      || statement.words.hasPrefix("INSERT INTO regctl_schema")
  }

  // MARK: Writing

  @Test func `a role with the rights of a writer may run every statement`() throws {
    try migrate(Grant(.writing, to: role))
    #expect(try deniedStatements(atLeast: 80) { _ in true } == [])
  }

  @Test func `a role without rights may run none`() throws {
    #expect(try deniedStatements { $0.words.contains("regctl_outbox") }.count > 10)
    let other = try DatabaseLocation(database.address(for: role))
    #expect(throws: RegctlError.store(.forbidden(detail: "permission denied for schema regctl"))) {
      try Store.open(other, for: .reading, busyTimeout: .zero)
    }
  }

  @Test func `a writer opens the database and takes its turn`() throws {
    try migrate(Grant(.writing, to: role))
    let other = try DatabaseLocation(database.address(for: role))
    let store = try Store.open(other, for: .writing, busyTimeout: .zero)
    _ = try store.transaction { () throws(RegctlError) in
      try store.record(AuditEntry(act: .importAccounts, at: Site.start, actor: Site.actor))
    }
    #expect(try store.objectFinding() == nil)
    #expect(try store.usersTableFinding() == nil)
  }

  @Test(
    arguments: [
      "UPDATE regctl_audit SET act = 'import'", "UPDATE regctl_audit SET hash = ''",
      "DELETE FROM regctl_audit", "TRUNCATE regctl_audit", "DELETE FROM regctl_audit_accounts",
      "UPDATE regctl_schema SET version = 1", "DELETE FROM regctl_prunes", "TRUNCATE users",
      "UPDATE users SET id = 7", "UPDATE users SET registered_on = '2026-01-01'",
      "ALTER TABLE users ADD COLUMN further INTEGER", "DROP TABLE users",
      "DROP INDEX \"regctl_users_email\"", "CREATE TABLE regctl_other ()",
      "DROP TRIGGER \"regctl_users_deleted\" ON users", "DROP TABLE regctl_audit",
      "ALTER TABLE users DISABLE TRIGGER ALL", "CREATE INDEX ON users (password)",
    ] as [Statement])
  func `a writer rewrites no audit and changes no schema`(_ statement: Statement) throws {
    try migrate(Grant(.writing, to: role))
    #expect(try isDenied(statement))
  }

  // MARK: Reading

  @Test func `a role with the rights of a reader may run every query and change nothing`() throws {
    try migrate(Grant(.reading, to: role))
    let queries = try deniedStatements { $0.words.hasPrefix("SELECT") }
    #expect(queries.filter { !$0.contains("password_reset_token") } == [])
    let changes = SourceStatement.ofStore.filter { statement in
      !statement.isMarked && !Self.isOwners(statement)
        && statement.words.prefixMatch(of: /INSERT|UPDATE|DELETE/) != nil
    }
    #expect(changes.count > 20)
    #expect(
      try deniedStatements { $0.words.prefixMatch(of: /INSERT|UPDATE|DELETE/) != nil }.count > 20)
    #expect(try isDenied("SELECT password_reset_token FROM users"))
    #expect(try isDenied("BEGIN; LOCK TABLE regctl_turn IN EXCLUSIVE MODE"))
  }

  // MARK: Statements

  @Test func `a dry run names the statements and gives nothing`() throws {
    let planned = try migrate(Grant(.writing, to: role), Grant(.reading, to: role), dryRun: true)
    #expect(planned.isUpToDate)
    #expect(planned.grants.contains("GRANT UPDATE ON regctl.regctl_turn TO \"\(role)\""))
    #expect(try isDenied("SELECT FROM regctl_schema"))
    let given = try migrate(Grant(.writing, to: role), Grant(.reading, to: role))
    #expect(given.grants == planned.grants)
    #expect(try !isDenied("SELECT FROM regctl_schema"))
    let reason = try database.connect().first(
      "SELECT detail FROM regctl_audit ORDER BY id DESC LIMIT 1"
    ) { $0.text(0) }
    #expect(reason == "grant to \(role), grant reading to \(role)")
  }

  @Test func `what everyone has is not granted again`() throws {
    #expect(
      try !migrate(Grant(.reading, to: role), dryRun: true).grants.joined().contains("CONNECT"))
    var sql = SQLText("REVOKE CONNECT ON DATABASE ")
    sql.append(name: database.name)
    sql.append(" FROM PUBLIC")
    try database.connect().step(sql, []) { _ in true }
    try database.connect().execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
    let grants = try migrate(Grant(.reading, to: role)).grants
    #expect(grants.contains("GRANT CONNECT ON DATABASE \"\(database.name)\" TO \"\(role)\""))
    #expect(grants.contains("GRANT USAGE ON SCHEMA \"public\" TO \"\(role)\""))
    _ = try Store.open(
      DatabaseLocation(database.address(for: role)), for: .reading, busyTimeout: .zero)
  }

  @Test func `tables that reference accounts can be read in that column`() throws {
    try database.connect().execute(
      "CREATE TABLE posts (author_id INTEGER REFERENCES users, text TEXT)")
    try migrate(Grant(.writing, to: role))
    #expect(try !isDenied("SELECT author_id FROM posts"))
    #expect(try isDenied("SELECT text FROM posts"))
  }

  @Test func `rights are given together with the schema`() throws {
    let empty = try TemporaryDatabase()
    try Application.makeDatabase(empty.connect(), rows: "CREATE TABLE other ()")
    let report = try Store.migrate(
      DatabaseLocation(empty.address), uniqueEmail: false, grants: [Grant(.writing, to: role)],
      dryRun: false, busyTimeout: .zero, at: Site.start, by: Site.actor)
    #expect(!report.isUpToDate && !report.grants.isEmpty)
    _ = try Store.open(
      DatabaseLocation(empty.address(for: role)), for: .writing, busyTimeout: .zero)
  }

  @Test func `a missing role is an error`() throws {
    #expect(throws: RegctlError.store(.roleMissing("nobody's"))) {
      try migrate(Grant(.writing, to: "nobody's"))
    }
  }

  @Test func `a file has no roles`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/regctl.db"
    try Store.create(.file(path), journalMode: .wal, at: Site.start, by: Site.actor)
    #expect(throws: RegctlError.store(.noRoles(path: path))) {
      try Store.migrate(
        .file(path), uniqueEmail: false, grants: [Grant(.writing, to: "regctl")], dryRun: false,
        busyTimeout: .zero, at: Site.start, by: Site.actor)
    }
  }
}
