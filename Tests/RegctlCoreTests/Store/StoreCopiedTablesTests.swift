import PostgreSQL
import SQL
import SQLite
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+CopiedTables") struct StoreCopiedTablesTests: CopiedSites {
  @Test func `a view in the place of a table cannot be copied`() throws {
    let site = try Site(on: .postgresql)
    try site.store.execute(
      """
      ALTER TABLE regctl_outbox RENAME TO mails;
      CREATE VIEW regctl_outbox AS SELECT * FROM regctl.mails
      """)
    let changed = RegctlError.store(
      .schemaChanged(detail: "regctl_outbox has no primary key"))
    #expect(throws: changed) { try site.store.copiedTable(Schema.outbox) }
  }

  @Test func `columns of the application keep their values and get types again`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute(
      """
      ALTER TABLE users ADD COLUMN active BOOLEAN NOT NULL DEFAULT 1;
      ALTER TABLE users ADD COLUMN nick VARCHAR(20) DEFAULT 'none';
      ALTER TABLE users ADD COLUMN born DATE;
      ALTER TABLE users ADD COLUMN seen DATETIME;
      ALTER TABLE users ADD COLUMN balance NUMERIC(10, 2);
      ALTER TABLE users ADD COLUMN ratio FLOAT;
      ALTER TABLE users ADD COLUMN logins BIGINT;
      ALTER TABLE users ADD COLUMN picture BLOB;
      ALTER TABLE users ADD COLUMN prefs JSON;
      ALTER TABLE users ADD COLUMN label TEXT DEFAULT (1 + 1)
      """)
    for name in ["ann", "bob"] { try site.register("\(name)@x.org") }
    try site.store.execute(
      """
      UPDATE users SET active = 0, nick = 'Ann ''a''', born = '1999-12-31',
        seen = '2026-11-23 09:00:00.000001', balance = 12.5, ratio = 0.1,
        logins = 9007199254740993, picture = x'00ff', prefs = json_object('a', json_array(1, 'b')), label = ''
      """)
    try prune("bob@x.org", in: site)
    let server = try TemporaryDatabase()
    let report = try move(site, to: DatabaseLocation(server.address))
    #expect(report.changes == [.default(column: "label")])
    let types = try server.connect().rows(
      """
      SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = 'users'::regclass AND attnum > 8 ORDER BY attnum
      """
    ) { $0.text(0) }
    #expect(
      types == [
        "active boolean", "nick character varying(20)", "born date",
        "seen timestamp without time zone", "balance numeric(10,2)", "ratio double precision",
        "logins bigint", "picture bytea", "prefs json", "label text",
      ])
    let inserted = try server.connect().first(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('app@x.org', '!', now(), false, false) RETURNING active, nick, label
      """
    ) { ($0.boolean(0), $0.text(1), $0.isNull(2)) }
    #expect(inserted?.0 == true && inserted?.1 == "none" && inserted?.2 == true)
    try server.connect().run("DELETE FROM users WHERE email = 'app@x.org'")
    let path = "\(site.directory.path)/back.db"
    _ = try MoveStore(to: .file(path), site.configuration(["db": server.address]))
      .perform(from: open(DatabaseLocation(server.address)), at: site.now)
    let (before, after) = (try content(of: site.path), try content(of: path))
    // The number that the insertion took is reserved.
    #expect(after["users"]?.first == before["users"]?.first)
    #expect(after["regctl_archive"] == before["regctl_archive"])
  }

  @Test func `a type that only a server has becomes text, and is said`() throws {
    let site = try Site(on: .postgresql)
    try site.register("ann@x.org")
    try site.store.execute(
      Statement(
        postgreSQL: """
          ALTER TABLE users ADD COLUMN tags TEXT[] DEFAULT ARRAY['a'], ADD COLUMN home INET
          """))
    let path = "\(site.directory.path)/copy.db"
    let report = try move(site, to: .file(path))
    #expect(report.changes == [.default(column: "tags"), .type(column: "home", "inet")])
    #expect(try open(.file(path)).first("SELECT tags FROM users") { $0.text(0) } == "{a}")
  }

  @Test func `a column that is unique remains so`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute(
      """
      ALTER TABLE users ADD COLUMN name TEXT; CREATE UNIQUE INDEX one_name ON users (name);
      ALTER TABLE users ADD COLUMN city TEXT; CREATE UNIQUE INDEX pair ON users (city, name)
      """)
    let server = try TemporaryDatabase()
    _ = try move(site, to: DatabaseLocation(server.address))
    let unique = try server.connect().rows(
      """
      SELECT pg_get_constraintdef(oid) FROM pg_constraint
      WHERE conrelid = 'users'::regclass AND contype = 'u' ORDER BY 1
      """
    ) { $0.text(0) }
    #expect(unique == ["UNIQUE (city, name)", "UNIQUE (email)", "UNIQUE (name)"])
  }

  @Test func `the application's other tables are named`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute(
      "CREATE TABLE posts (id INTEGER PRIMARY KEY); CREATE TABLE alembic_version (v)")
    let server = try TemporaryDatabase()
    let report = try move(site, to: DatabaseLocation(server.address))
    #expect(report.furtherTables == ["alembic_version", "posts"])
  }

  @Test func `names of an application go with its accounts`() throws {
    let mapping = try mapping("user", "password=password_hash confirmed=confirmed_on admin=none")
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/app.db"
    let database = try SQLiteDatabase(path: path, access: .create, busyTimeout: .zero)
    try database.execute(
      """
      CREATE TABLE user (ID INTEGER PRIMARY KEY, email TEXT UNIQUE NOT NULL, password_hash TEXT,
        registered_on TIMESTAMP, confirmed_on TIMESTAMP, city TEXT);
      INSERT INTO user VALUES (1, 'ann@x.org', 'h', '2026-01-01 00:00:00.000000', NULL, 'A');
      INSERT INTO user VALUES (2, 'bob@x.org', 'h', '2026-01-01 00:00:00.000000',
        '2026-01-02 00:00:00.000000', 'B')
      """)
    _ = try Store.migrate(
      .file(path), mapping: mapping, uniqueEmail: false, dryRun: false, busyTimeout: .zero,
      at: Site.start, by: Site.actor)
    let source = try Store.open(.file(path), mapping: mapping, for: .writing, busyTimeout: .zero)
    _ = try source.transaction { () throws(RegctlError) in
      let run = try source.beginPruneRun(cutoff: Site.start, at: Site.start, by: Site.actor)
      return try source.archive([AccountID(rawValue: 1)], run: run, at: Site.start)
    }
    let server = try TemporaryDatabase()
    let settings = [
      "users_table": "user",
      "users_columns": "password=password_hash confirmed=confirmed_on admin=none",
    ]
    let move = try MoveStore(
      to: DatabaseLocation(server.address),
      ConfigurationLoader.load(settings.merging(["db": path]) { $1 }))
    _ = try move.perform(from: source, at: Site.start)
    let store = try Store.open(
      DatabaseLocation(server.address), mapping: mapping, for: .writing, busyTimeout: .zero)
    #expect(try store.account("bob@x.org").isConfirmed)
    let reversal = try PruneReversal(of: 1, email: nil, at: Site.start, by: Site.actor)
    _ = try reversal.next(atMost: 1, in: store)
    let city = try server.connect().first(#"SELECT city FROM "user" WHERE id = 1"#) { $0.text(0) }
    #expect(city == "A")
    let back = "\(directory.path)/back.db"
    _ = try MoveStore(
      to: .file(back), ConfigurationLoader.load(settings.merging(["db": server.address]) { $1 })
    ).perform(from: store, at: Site.start)
    let copy = try Store.open(.file(back), mapping: mapping, for: .reading, busyTimeout: .zero)
    #expect(try copy.accountCount() == 2)
  }
}
