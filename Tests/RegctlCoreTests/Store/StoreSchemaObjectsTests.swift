import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+SchemaObjects") struct StoreSchemaObjectsTests {
  private let site: Site

  init() throws { site = try Site() }

  @discardableResult
  private func migrate(dryRun: Bool = false, uniqueEmail: Bool = false) throws -> MigrationReport {
    try Store.migrate(
      site.location, uniqueEmail: uniqueEmail, dryRun: dryRun, busyTimeout: .zero, at: site.now,
      by: Site.actor)
  }

  /// What other programs do to the schema, and what is then missing.
  private static let damages: [(sql: Statement, missing: String)] = [
    (
      Statement(
        sqlite: "DROP TRIGGER regctl_users_deleted",
        postgreSQL: #"DROP TRIGGER "regctl_users_deleted" ON users"#),
      "trigger regctl_users_deleted"
    ),
    (#"DROP INDEX "regctl_users_unconfirmed""#, "index regctl_users_unconfirmed"),
    (#"DROP INDEX "regctl_users_email""#, "index regctl_users_email"),
    ("DROP INDEX regctl_outbox_due", "index regctl_outbox_due"),
    ("DROP TABLE regctl_campaigns", "table regctl_campaigns"),
    (
      """
      DROP INDEX "regctl_users_email"; CREATE UNIQUE INDEX "regctl_users_email" ON users (email)
      """, "index regctl_users_email"
    ),
    (
      """
      DROP INDEX "regctl_users_unconfirmed";
      CREATE INDEX "regctl_users_unconfirmed" ON users (registered_on, id)
      """, "index regctl_users_unconfirmed"
    ),
    (
      Statement(
        sqlite: """
          DROP TRIGGER regctl_users_deleted;
          CREATE TRIGGER regctl_users_deleted AFTER DELETE ON users BEGIN SELECT 1; END
          """,
        postgreSQL: """
          CREATE OR REPLACE FUNCTION regctl_users_deleted() RETURNS trigger LANGUAGE plpgsql
          SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN NULL; END $$
          """), "trigger regctl_users_deleted"
    ),
  ]

  /// What else can happen on a server.
  private static let damagesOnServer: [(sql: Statement, missing: String)] = [
    (
      #"ALTER TABLE users DISABLE TRIGGER "regctl_users_deleted""#,
      "trigger regctl_users_deleted"
    ),
    (
      #"ALTER TABLE users ENABLE REPLICA TRIGGER "regctl_users_deleted""#,
      "trigger regctl_users_deleted"
    ),
    ("ALTER FUNCTION regctl_users_deleted SECURITY INVOKER", "trigger regctl_users_deleted"),
    ("ALTER FUNCTION regctl_users_deleted RESET search_path", "trigger regctl_users_deleted"),
    ("DROP TABLE regctl_turn", "table regctl_turn"),
    (
      """
      UPDATE pg_index SET indisvalid = FALSE
      WHERE indexrelid = CAST('regctl_users_email' AS regclass)
      """, "index regctl_users_email"
    ),
    (
      """
      DROP INDEX regctl_outbox_due;
      CREATE INDEX "regctl_outbox_due" ON regctl_outbox (next_attempt_at, id)
      WHERE state = 'sent'
      """, "index regctl_outbox_due"
    ),
    (
      """
      DROP INDEX "regctl_users_email";
      CREATE TABLE other (email TEXT);
      CREATE UNIQUE INDEX "regctl_users_email" ON other (lower(email COLLATE "C"))
      """, "index regctl_users_email"
    ),
  ]

  @Test(arguments: damages.indices)
  func `a missing or changed object is named, and restored as it was`(_ index: Int) throws {
    try testRestoration(after: Self.damages[index].sql, of: Self.damages[index].missing)
  }

  @Test(
    .only(.postgresql, "what SQLite does not have"), arguments: damagesOnServer.indices)
  func `an object that has no effect is named, and restored as it was`(_ index: Int) throws {
    let (sql, missing) = Self.damagesOnServer[index]
    try testRestoration(after: sql, of: missing)
  }

  private func testRestoration(after damage: Statement, of missing: String) throws {
    let before = try site.store.database.definitions().filter { !$0.hasPrefix("other ") }
    try site.store.execute(damage)
    #expect(throws: RegctlError.store(.objectsMissing([missing]))) {
      try site.open(for: .writing)
    }
    for access: Store.Access in [.reading, .strictlyReadOnly] {
      #expect(try site.open(for: access).objectFinding() == .objectsMissing([missing]))
    }
    let planned = try migrate(dryRun: true)
    #expect(planned.steps.count == 1)
    #expect(try migrate().steps == planned.steps)
    let after = try site.store.database.definitions().filter { !$0.hasPrefix("other ") }
    #expect(after == before)
    #expect(try migrate().isUpToDate)
    #expect(try site.open(for: .writing).objectFinding() == nil)
  }

  @Test(.only(.postgresql, "SQLite keeps no other options of an index"))
  func `what an administrator tunes is no change`() throws {
    try site.store.execute(
      """
      ALTER INDEX "regctl_users_email" SET (fillfactor = 70);
      REINDEX INDEX "regctl_users_unconfirmed";
      ALTER TABLE users ENABLE ALWAYS TRIGGER "regctl_users_deleted";
      ALTER TABLE users ALTER email TYPE TEXT
      """)
    #expect(try migrate().isUpToDate)
    #expect(try site.open(for: .writing).objectFinding() == nil)
  }

  @Test(.only(.postgresql, "SQLite has no search path"))
  func `a search path with the schema, as of a role of its name, is no change`() throws {
    var sql = SQLText("ALTER DATABASE ")
    sql.append(name: try #require(site.database).name)
    sql.append(" SET search_path = regctl, public")
    try site.store.database.step(sql, []) { _ in true }
    #expect(try site.open(for: .writing).objectFinding() == nil)
    #expect(try migrate().isUpToDate)
  }

  @Test func `when only the trigger survives, everything is restored`() throws {
    try site.register("ann@example.org")
    let tables = site.store.schemaObjects.filter { $0.kind == .table }
    for table in tables {
      var sql = SQLText("DROP TABLE ")
      if site.database != nil {
        sql.append(name: "regctl")
        sql.append(".")
      }
      sql.append(name: table.name)
      try site.store.forEach(sql, []) { _ in }
    }
    let error = RegctlError.store(
      .schemaMissing(path: site.location.text, table: "users", hasUsers: true))
    #expect(throws: error) { try site.open(for: .reading) }
    let report = try migrate()
    #expect(report.from == nil)
    #expect(tables.allSatisfy { report.steps.contains($0.summary) })
    try site.open(for: .writing).delete(AccountID(rawValue: 1), at: site.now)
  }

  @Test(.only(.sqlite, "no release had version 2 on a server"))
  func `an index on lower(email) of version 2 is replaced and keeps its uniqueness`() throws {
    try site.store.execute(
      """
      DROP INDEX regctl_users_email;
      CREATE UNIQUE INDEX regctl_users_email ON users (lower(email));
      DROP INDEX regctl_archive_email;
      CREATE INDEX regctl_archive_email ON regctl_archive (lower(email));
      UPDATE regctl_schema SET version = 2
      """)
    #expect(try site.open(for: .writing).account(AccountID(rawValue: 1)) == nil)
    let report = try migrate()
    #expect(report.from == 2)
    #expect(
      report.steps == ["index regctl_archive_email", Schema.uniqueEmail.summary])
    #expect(try site.open(for: .writing).emailIndex() == .unique)
  }

  @Test func `duplicates that came meanwhile get an index that is not unique`() throws {
    try site.register("ann@example.org")
    try site.store.execute(
      """
      DROP INDEX "regctl_users_email";
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('ANN@example.org', '!', '2026-01-01', FALSE, FALSE)
      """)
    #expect(try migrate().duplicates == ["ANN@example.org, ann@example.org"])
    #expect(try site.open(for: .writing).emailIndex() == .plain)
  }

  @Test func `an adopted table without a unique index gets none`() throws {
    let site = try Site(adopting: "DROP TABLE IF EXISTS other")
    try site.store.execute(#"DROP INDEX "regctl_users_email""#)
    let report = try Store.migrate(
      site.location, uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: site.now,
      by: Site.actor)
    #expect(report.steps == [Schema.plainEmail.summary])
  }

  @Test func `a view with the name of a table is named, and not dropped`() throws {
    try site.store.execute(
      Statement(
        sqlite: """
          ALTER TABLE regctl_campaigns RENAME TO others;
          CREATE VIEW regctl_campaigns AS SELECT * FROM others
          """,
        postgreSQL: """
          ALTER TABLE regctl_campaigns RENAME TO others;
          CREATE VIEW regctl_campaigns AS SELECT * FROM regctl.others
          """))
    #expect(throws: RegctlError.store(.foreignObject("table regctl_campaigns"))) { try migrate() }
  }

  @Test(.only(.sqlite, "the plan is in words of SQLite"))
  func `addresses are looked up in an index`() throws {
    let statements: [Statement] = [
      "EXPLAIN QUERY PLAN SELECT id FROM users WHERE email = 'a' COLLATE NOCASE",
      "EXPLAIN QUERY PLAN SELECT run FROM regctl_archive WHERE email = 'a' COLLATE NOCASE",
    ]
    for statement in statements {
      let plan = try site.store.rows(statement) { $0.text(3) }.joined()
      #expect(plan.contains("_email (email=?)"), "\(plan)")
    }
  }

  @Test(.only(.sqlite, "concerns a collation of SQLite"))
  func `equal without case is equal in lower case, for every ASCII character`() throws {
    let count = try site.store.first(
      """
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 255)
      SELECT count(*) FROM n a, n b
      WHERE ('x' || char(a.i) = 'x' || char(b.i) COLLATE NOCASE)
        <> (lower('x' || char(a.i)) = lower('x' || char(b.i)))
      """
    ) { $0.integer(0) }
    #expect(count == 0)
  }

  @Test func `Alembic is recognised by its table`() throws {
    #expect(try site.store.alembicFinding() == nil)
    #expect(try !migrate().usesAlembic)
    try site.store.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    #expect(try site.store.alembicFinding() == .alembic)
    #expect(try migrate().usesAlembic)
  }
}
