import PostgreSQL
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import RegctlCore

/// Each test has a file and a database on a server, in runs for either engine.
@Suite("StoreCopy") struct StoreCopyTests {
  /// Accounts with mails in several states, a pruned and a deleted one, and an open change of address.
  private func populated(_ engine: TestEngine) throws -> Site {
    let site = try Site(on: engine)
    for name in ["ann", "bob", "cy", "dee"] { try site.register("\(name)@x.org") }
    try site.createAdministrator("root@x.org")
    try site.confirmByHand("cy@x.org")
    try site.requestEmailChange("cy@x.org", to: "cyn@x.org")
    try site.store.finish(
      MailID(rawValue: 1), as: .sent, reply: "250 2.0.0 \u{e4}\"\\\n\u{1f600}", at: site.now)
    try site.store.finish(MailID(rawValue: 2), as: .failed, reply: "550 5.1.1", at: site.now)
    _ = try site.token("dee@x.org")
    try prune("ann@x.org", in: site)
    return site
  }

  @discardableResult
  private func prune(_ email: String, in site: Site) throws -> Int64 {
    let store = site.store
    let id = try store.account(email).id
    return try store.transaction { () throws(RegctlError) in
      let run = try store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      _ = try store.archive([id], run: run, at: site.now)
      return run
    }
  }

  private func move(_ site: Site, to location: DatabaseLocation) throws -> CopyReport {
    let move = try MoveStore(to: location, site.configuration())
    return try move.perform(from: site.store, at: site.now)
  }

  private func open(_ location: DatabaseLocation) throws -> Store {
    try Store.open(location, for: .writing, busyTimeout: .zero)
  }

  /// All rows of a file, by table.
  private func content(of path: String) throws -> [String: [[Value]]] {
    let database = try SQLiteDatabase(path: path, access: .readOnly, busyTimeout: .zero)
    let tables = try database.rows(
      """
      SELECT s.name, (SELECT count(*) FROM pragma_table_info(s.name)) FROM sqlite_schema s
      WHERE s.type = 'table'
      """
    ) { (name: $0.text(0), columns: Int32($0.count(1))) }
    var content: [String: [[Value]]] = [:]
    for table in tables {
      var sql = SQLText("SELECT * FROM ")
      sql.append(name: table.name)
      var rows: [[Value]] = []
      try database.step(sql, []) { row in
        var values: [Value] = []
        for column in 0..<table.columns { values.append(row.value(column)) }
        rows.append(values)
        return true
      }
      content[table.name] = rows.sorted { $0.lexicographicallyPrecedes($1) }
    }
    return content
  }

  // MARK: There and back

  @Test func `a file that went to a server and back is the same table by table`() throws {
    let site = try populated(.sqlite)
    let server = try TemporaryDatabase()
    let there = try move(site, to: DatabaseLocation(server.address))
    #expect(there.accounts == 4 && there.archived == 1 && there.changes == [])
    let path = "\(site.directory.path)/back.db"
    let configuration = try site.configuration(["db": server.address])
    let back = try MoveStore(to: .file(path), configuration)
      .perform(from: open(DatabaseLocation(server.address)), at: site.now)
    #expect(back == there)
    let (before, after) = (try content(of: site.path), try content(of: path))
    #expect(before.count == after.count && before["regctl_outbox"]?.count == 6)
    for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
  }

  @Test func `the audit of a server is whole in a file and has the same hash`() throws {
    let site = try populated(.postgresql)
    let path = "\(site.directory.path)/copy.db"
    try site.store.backUp(to: path, at: site.now)
    let copy = try open(.file(path))
    #expect(try copy.verifyAudit(including: nil) == site.store.verifyAudit(including: nil))
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
    #expect(try copy.firstFault() == nil)
  }

  @Test func `a copy of a server has the state of its moment`() throws {
    let site = try populated(.postgresql)
    let path = "\(site.directory.path)/copy.db"
    try site.store.backUp(to: path, at: site.now)
    try site.register("late@x.org")
    #expect(try open(.file(path)).accountCount() == 4)
  }

  @Test(arguments: [TestEngine.sqlite, .postgresql])
  func `a pruned account comes back after a move`(_ engine: TestEngine) throws {
    let site = try populated(engine)
    let server = engine == .sqlite ? try TemporaryDatabase() : nil
    let location =
      try server.map { try DatabaseLocation($0.address) }
      ?? .file("\(site.directory.path)/moved.db")
    _ = try move(site, to: location)
    let reversals = [
      (store: site.store, name: "before"), (store: try open(location), name: "after"),
    ]
    var accounts: [Account] = []
    for (store, _) in reversals {
      let reversal = try PruneReversal(of: 1, email: nil, at: site.now, by: Site.actor)
      let restored = try #require(try reversal.next(atMost: 9, in: store))
      #expect(restored.map(\.email) == ["ann@x.org"])
      accounts.append(try store.account("ann@x.org"))
    }
    #expect(accounts[0] == accounts[1])
  }

  @Test(arguments: [TestEngine.sqlite, .postgresql])
  func `the next account and mail have numbers that none had before`(_ engine: TestEngine) throws {
    let site = try populated(engine)
    let newest = try site.register("new@x.org")
    try prune("new@x.org", in: site)
    let server = engine == .sqlite ? try TemporaryDatabase() : nil
    let location =
      try server.map { try DatabaseLocation($0.address) }
      ?? .file("\(site.directory.path)/moved.db")
    _ = try move(site, to: location)
    let store = try open(location)
    #expect(try store.accountCount() == 4)
    let mails = try #require(try store.first("SELECT max(id) FROM regctl_outbox") { $0.integer(0) })
    let next = try Register.perform(
      EmailAddress("next@x.org"), .unusable, queuesMail: true, messageDomain: "app.example",
      in: store, at: site.now, by: Site.actor)
    #expect(next.account.id.rawValue == newest.id.rawValue + 1)
    #expect(try store.first("SELECT max(id) FROM regctl_outbox") { $0.integer(0) } == mails + 1)
    let run = try store.transaction { () throws(RegctlError) in
      try store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
    }
    #expect(run == 3)
  }

  // MARK: The application's own columns

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

  @Test func `a hash that is stored as a blob is text on a server`() throws {
    let site = try Site(on: .sqlite)
    try site.register("ann@x.org")
    try site.store.execute("UPDATE users SET password = CAST('$2b$04$abc' AS BLOB)")
    let server = try TemporaryDatabase()
    _ = try move(site, to: DatabaseLocation(server.address))
    #expect(try server.connect().first("SELECT password FROM users") { $0.text(0) } == "$2b$04$abc")
  }

  @Test func `the application's other tables are named`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute(
      "CREATE TABLE posts (id INTEGER PRIMARY KEY); CREATE TABLE alembic_version (v)")
    let server = try TemporaryDatabase()
    let report = try move(site, to: DatabaseLocation(server.address))
    #expect(report.furtherTables == ["alembic_version", "posts"])
  }

  // MARK: Rows that are not kept

  @Test(
    arguments: [
      (
        "UPDATE users SET password = CAST(x'ff' AS TEXT)", "users", "password",
        CopyRefusal.Reason.malformedText
      ),
      (
        "UPDATE regctl_outbox SET last_reply = 'a' || char(0)", "regctl_outbox", "last_reply",
        .zeroByte
      ),
      (
        "UPDATE users SET registered_on = '2026-11-23 09:00:00+02:00'", "users", "registered_on",
        .date("2026-11-23 09:00:00+02:00")
      ),
      (
        "UPDATE users SET registered_on = 'today'", "users", "registered_on", .date("today")
      ),
      ("UPDATE users SET admin = 2", "users", "admin", .type(found: "the integer 2")),
    ] as [(StaticString, String, String, CopyRefusal.Reason)])
  func `a row that a server does not keep is named, and nothing is written`(
    _ change: StaticString, table: String, column: String, reason: CopyRefusal.Reason
  ) throws {
    let site = try Site(on: .sqlite)
    try site.register("ann@x.org")
    try site.store.execute(Statement(sqlite: change))
    let server = try TemporaryDatabase()
    let error = try refusal { _ = try move(site, to: DatabaseLocation(server.address)) }
    #expect(
      error
        == .store(
          .notCopied(CopyRefusal(table: table, row: "1", column: column, reason: reason))))
    #expect(try isEmpty(server))
  }

  private func isEmpty(_ server: TemporaryDatabase) throws -> Bool {
    try server.connect().first(
      """
      SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('public', 'regctl')
      """
    ) { $0.integer(0) } == 0
  }

  @Test func `of many rows the one that the table rejects is named`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute("ALTER TABLE users ADD COLUMN visits INTEGER")
    for number in 1...20 { try site.register("ann\(number)@x.org") }
    try site.store.execute("UPDATE users SET visits = 3000000000 WHERE id = 13")
    let server = try TemporaryDatabase()
    let error = try refusal { _ = try move(site, to: DatabaseLocation(server.address)) }
    #expect(
      error
        == .store(
          .notCopied(
            CopyRefusal(
              table: "users", row: "13",
              reason: .rejected(detail: "a number is out of the range of its column")))))
    #expect(try isEmpty(server))
  }

  @Test func `a date that SQLite cannot tell from others is refused`() throws {
    let site = try Site(on: .postgresql)
    try site.register("ann@x.org")
    try site.store.execute("UPDATE users SET registered_on = 'infinity'")
    let path = "\(site.directory.path)/copy.db"
    let error = try refusal { try site.store.backUp(to: path, at: site.now) }
    #expect(
      error
        == .store(
          .notCopied(
            CopyRefusal(
              table: "users", row: "1", column: "registered_on", reason: .date("infinity")))))
    #expect(
      try FileSystem.names(in: site.directory.path).filter { $0.hasPrefix("copy") } == [])
  }

  // MARK: Destinations

  /// A database in which the application has made its empty table.
  private func prepared(_ rest: Statement? = nil) throws -> TemporaryDatabase {
    let server = try TemporaryDatabase()
    let connection = try server.connect()
    try connection.execute(Schema.users)
    if let rest { try connection.execute(rest) }
    return server
  }

  @Test func `the application's empty table is filled`() throws {
    let site = try populated(.sqlite)
    let server = try prepared("ALTER TABLE users ADD COLUMN extra TEXT DEFAULT 'x'")
    _ = try move(site, to: DatabaseLocation(server.address))
    let rows = try server.connect().rows("SELECT email, extra FROM users ORDER BY id") {
      $0.text(0) + $0.text(1)
    }
    #expect(rows == ["bob@x.orgx", "cy@x.orgx", "dee@x.orgx", "root@x.orgx"])
    #expect(try open(DatabaseLocation(server.address)).objectFinding() == nil)
  }

  @Test func `a destination with accounts, or with a schema of regctl, is refused`() throws {
    let site = try populated(.sqlite)
    let taken = try prepared(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('app@x.org', '!', now(), false, false)
      """)
    for server in [taken, try #require(Site(on: .postgresql).database)] {
      let location = try DatabaseLocation(server.address)
      let before = try server.contentHash()
      #expect(throws: RegctlError.store(.exists(path: location.text))) {
        _ = try move(site, to: location)
      }
      #expect(try server.contentHash() == before)
    }
  }

  @Test func `an application's table without a column of the source is refused`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute("ALTER TABLE users ADD COLUMN nick TEXT")
    let server = try prepared()
    let location = try DatabaseLocation(server.address)
    #expect(
      throws: RegctlError.store(
        .foreignUsersTable(path: location.text, faults: [.missingColumn("nick")]))
    ) { _ = try move(site, to: location) }
  }

  @Test func `what a trigger of the application changes is noticed`() throws {
    let site = try Site(on: .sqlite)
    try site.register("Ann@x.org")
    let server = try prepared(
      """
      CREATE FUNCTION lowered() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.email = lower(NEW.email); RETURN NEW; END $$;
      CREATE TRIGGER lowered BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION lowered()
      """)
    #expect(
      throws: RegctlError.store(
        .notCopied(CopyRefusal(table: "users", row: "1", column: "email", reason: .differs)))
    ) { _ = try move(site, to: DatabaseLocation(server.address)) }
  }

  @Test func `an existing file is not replaced`() throws {
    let site = try Site(on: .postgresql)
    let path = try site.directory.write("file", "mine")
    #expect(throws: RegctlError.store(.exists(path: path))) { _ = try move(site, to: .file(path)) }
    #expect(try FileSystem.read(path, atMost: 10) == Array("mine".utf8))
  }

  @Test func `two files are not moved but copied`() throws {
    let site = try Site(on: .sqlite)
    #expect(throws: RegctlError.store(.bothFiles(site.path, "other.db"))) {
      _ = try move(site, to: .file("other.db"))
    }
  }

  @Test func `an older schema is not copied`() throws {
    let site = try Site(on: .sqlite)
    try site.store.execute("UPDATE regctl_schema SET version = 2")
    let server = try TemporaryDatabase()
    #expect(throws: RegctlError.store(.schemaOutdated(path: site.path))) {
      _ = try move(site, to: DatabaseLocation(server.address))
    }
    #expect(try isEmpty(server))
  }

  @Test func `others cannot write to the source while it is copied`() throws {
    for engine in [TestEngine.sqlite, .postgresql] {
      let site = try populated(engine)
      let other = try site.open(for: .writing)
      let error = try refusal {
        try site.store.inOneState(excludingWriters: true) { () throws(RegctlError) in
          _ = try Confirm.byOperator(
            "dee@x.org", reason: "called", in: other, at: site.now, by: Site.actor)
        }
      }
      #expect(error == .store(.busy))
      #expect(try other.accountCount() == 4)
    }
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

  private func mapping(_ table: String, _ columns: String) throws -> UsersMapping {
    try ConfigurationLoader.load(["users_table": table, "users_columns": columns]).users
  }
}
