import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+ApplicationColumns", .only(.sqlite, "its columns have any values"))
struct StoreApplicationColumnsTests {
  private let site: Site

  /// An application's table with columns of its own, one of them with a name that needs quotes.
  init() throws {
    site = try Site(
      adopting: """
        ALTER TABLE users ADD COLUMN theme VARCHAR;
        ALTER TABLE users ADD COLUMN "last ""seen' at" DATETIME;
        ALTER TABLE users ADD COLUMN initial AS (substr(email, 1, 1));
        INSERT INTO users (id, email, password, registered_on, admin, confirmed, theme,
          "last ""seen' at")
        VALUES (1, 'ann@example.org', '!', '2026-01-01', 0, 0, 'dark', 12.5),
          (2, 'bob@example.org', '!', '2026-01-01', 0, 1, 'light', NULL),
          (3, 'eve@example.org', '!', '2026-01-01', 0, 0, NULL, x'00ff')
        """)
  }

  private static let ids = (1...3).map { AccountID(rawValue: $0) }
  private static let numbers = Value.integers([1, 2, 3])

  private static let further: Statement = """
    SELECT account_id || ' ' || name || ' ' || quote(value) FROM regctl_archive_further
    ORDER BY account_id, name
    """

  private func rows(_ statement: Statement) throws -> [String] {
    try site.store.rows(statement) { $0.text(0) }
  }

  // MARK: Columns

  @Test func `the application's own columns are found, but for generated ones`() throws {
    #expect(try site.store.furtherColumns() == ["theme", "last \"seen' at"])
    #expect(try Site().store.furtherColumns() == ["password_reset_token"])
  }

  @Test func `a column of regctl's in another spelling is not the application's`() throws {
    try site.store.execute(
      "ALTER TABLE users DROP COLUMN initial; ALTER TABLE users RENAME COLUMN admin TO Admin")
    #expect(try site.store.furtherColumns() == ["theme", "last \"seen' at"])
  }

  @Test func `the values of accounts that may be pruned are archived as they are`() throws {
    #expect(try site.store.archive(Self.numbers, in: 4) == 2)
    #expect(
      try rows(Self.further) == [
        "1 last \"seen' at 12.5", "1 theme 'dark'", "3 last \"seen' at X'00FF'", "3 theme NULL",
      ])
    #expect(try rows("SELECT DISTINCT CAST(run AS TEXT) FROM regctl_archive_further") == ["4"])
  }

  @Test func `accounts that are not named are not archived`() throws {
    #expect(try site.store.archive(.integers([2, 3]), in: 1) == 1)
    #expect(
      try rows("SELECT DISTINCT CAST(account_id AS TEXT) FROM regctl_archive_further") == ["3"])
  }

  // MARK: Restoring

  private static let values: Statement = """
    SELECT id || ' ' || email || ' ' || quote(theme) || ' ' || quote("last ""seen' at") FROM users
    WHERE confirmed = 0 ORDER BY id
    """

  /// Prunes Ann and Eve.
  private func archive() throws {
    let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
    let unconfirmed = [Self.ids[0], Self.ids[2]]
    #expect(try site.store.archive(unconfirmed, run: run, at: site.now) == 2)
    try site.freeReservedNumbers()
  }

  @Test func `a restored account has the values that it had`() throws {
    let before = try rows(Self.values)
    try archive()
    #expect(try rows(Self.values) == [])
    for id in [1, 3] {
      #expect(
        try site.store.insertArchived(AccountID(rawValue: Int64(id)), of: 1, keepingNumber: true)
          == Int64(id))
    }
    #expect(try rows(Self.values) == before)
  }

  @Test func `a restored account may have another number`() throws {
    try archive()
    #expect(
      try site.store.insertArchived(AccountID(rawValue: 3), of: 1, keepingNumber: false) == 3)
    #expect(
      try site.store.insertArchived(AccountID(rawValue: 1), of: 1, keepingNumber: false) == 4)
    #expect(
      try rows(Self.values)
        == ["3 eve@example.org NULL X'00FF'", "4 ann@example.org 'dark' 12.5"])
  }

  @Test func `a column that the application has dropped since is left out`() throws {
    try archive()
    try site.store.execute("ALTER TABLE main.users DROP COLUMN theme")
    _ = try site.store.insertArchived(AccountID(rawValue: 1), of: 1, keepingNumber: true)
    #expect(
      try rows("SELECT email || quote(\"last \"\"seen' at\") FROM users WHERE id = 1")
        == ["ann@example.org12.5"])
  }

  @Test func `a column that the application has added since has its default`() throws {
    try archive()
    try site.store.execute("ALTER TABLE main.users ADD COLUMN score INTEGER NOT NULL DEFAULT 7")
    _ = try site.store.insertArchived(AccountID(rawValue: 1), of: 1, keepingNumber: true)
    #expect(try rows("SELECT theme || score FROM users WHERE id = 1") == ["dark7"])
  }

  // MARK: References

  @Test func `accounts are found that tables of the application refer to`() throws {
    #expect(try site.store.referenced(Self.ids) == [])
    try site.store.execute(
      """
      CREATE TABLE "my posts" (id INTEGER PRIMARY KEY, "the author" REFERENCES USERS);
      CREATE TABLE votes (voter VARCHAR REFERENCES users (email));
      CREATE TABLE others (id INTEGER REFERENCES "my posts" (id));
      INSERT INTO "my posts" VALUES (1, 3), (2, 3), (3, NULL);
      INSERT INTO votes VALUES ('bob@example.org');
      INSERT INTO others VALUES (1)
      """)
    #expect(try Set(site.store.referenced(Self.ids)) == Set(Self.ids[1...]))
    #expect(try site.store.referenced([Self.ids[0]]) == [])
    #expect(try site.store.referenced([Self.ids[2]]) == [Self.ids[2]])
  }
}

@Suite("Store+ApplicationColumns on a server", .only(.postgresql, "its columns have types"))
struct StoreTypedColumnsTests {
  private let site: Site

  /// The application's table with columns of its own.
  init() throws {
    site = try Site()
    try site.store.execute(
      Statement(
        postgreSQL: """
          CREATE DOMAIN points AS INTEGER CHECK (value >= 0);
          CREATE TYPE mood AS ENUM ('glad', 'sad');
          ALTER TABLE users ADD COLUMN theme VARCHAR(10), ADD COLUMN "last ""seen' at" TIMESTAMP,
            ADD COLUMN initial TEXT GENERATED ALWAYS AS (left(email, 1)) STORED,
            ADD COLUMN gone INTEGER;
          ALTER TABLE users DROP COLUMN gone
          """))
    for name in ["ann", "bob", "eve"] { try site.register("\(name)@example.org") }
    try site.confirmByHand("bob@example.org")
    try site.store.execute(
      Statement(
        postgreSQL: """
          UPDATE users SET theme = 'dark', "last ""seen' at" = '2026-11-23 09:00:00.5' WHERE id = 1
          """))
  }

  private static let ids = (1...3).map { AccountID(rawValue: $0) }

  private func rows(_ statement: Statement) throws -> [String] {
    try site.store.rows(statement) { $0.text(0) }
  }

  // MARK: Columns

  @Test func `the application's own columns are found, but for generated and dropped ones`() throws
  {
    let names = ["password_reset_token", "theme", "last \"seen' at"]
    #expect(try site.store.furtherColumns() == names)
    #expect(try site.store.applicationColumns().all.map(\.name) == Array(names[1...]))
  }

  @Test func `a table of the same name elsewhere does not count`() throws {
    try site.store.execute(
      Statement(
        postgreSQL: """
          CREATE SCHEMA other;
          CREATE TABLE other.users (id INTEGER, colour TEXT)
          """))
    #expect(try site.store.furtherColumns().count == 3)
  }

  @Test func `a column needs a value unless it may be null or has one by itself`() throws {
    try site.store.execute(
      Statement(
        postgreSQL: """
          DELETE FROM users;
          ALTER TABLE users ADD COLUMN a TEXT NOT NULL, ADD COLUMN b TEXT NOT NULL DEFAULT 'b',
            ADD COLUMN c INTEGER GENERATED ALWAYS AS IDENTITY
          """))
    let columns = try site.store.applicationColumns().all.suffix(3)
    #expect(columns.map(\.isNullable) == [false, false, false])
    #expect(columns.map(\.hasDefault) == [false, true, true])
  }

  // MARK: Restoring

  private static let values = Statement(
    postgreSQL: """
      SELECT concat_ws(' ', id, email, theme, "last ""seen' at", initial) FROM users
      WHERE NOT confirmed ORDER BY id
      """)

  /// Prunes Ann and Eve.
  private func archive() throws {
    let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
    let unconfirmed = [Self.ids[0], Self.ids[2]]
    #expect(try site.store.archive(unconfirmed, run: run, at: site.now) == 2)
  }

  private func restore(_ id: Int64, keepingNumber: Bool = true) throws -> Int64 {
    try site.store.insertArchived(
      AccountID(rawValue: id), of: 1, keepingNumber: keepingNumber)
  }

  @Test func `a restored account has the values that it had`() throws {
    let before = try rows(Self.values)
    try archive()
    #expect(try rows(Self.values) == [])
    for id in [1, 3] as [Int64] { #expect(try restore(id) == id) }
    #expect(try rows(Self.values) == before)
  }

  @Test func `a restored account may have another number`() throws {
    try archive()
    #expect(try restore(1, keepingNumber: false) == 4)
    #expect(try rows(Self.values) == ["4 ann@example.org dark 2026-11-23 09:00:00.5 a"])
  }

  @Test func `a column that the application has dropped since is left out`() throws {
    try archive()
    try site.store.execute("ALTER TABLE users DROP COLUMN theme")
    #expect(try restore(1) == 1)
    #expect(
      try rows("SELECT CAST(\"last \"\"seen' at\" AS TEXT) FROM users WHERE id = 1")
        == ["2026-11-23 09:00:00.5"])
  }

  @Test func `a column that the application has added since has its default`() throws {
    try archive()
    try site.store.execute("ALTER TABLE users ADD COLUMN score INTEGER NOT NULL DEFAULT 7")
    #expect(try restore(1) == 1)
    #expect(try rows("SELECT theme || score FROM users WHERE id = 1") == ["dark7"])
  }

  @Test func `a column that the application has made a number of since is read as one`() throws {
    try site.store.execute("UPDATE users SET theme = '12' WHERE id = 1")
    try archive()
    try site.store.execute(
      Statement(
        postgreSQL: "ALTER TABLE users ALTER theme TYPE INTEGER USING CAST(theme AS INTEGER)")
    )
    #expect(try restore(1) == 1)
    #expect(try site.store.rows("SELECT theme FROM users WHERE id = 1") { $0.integer(0) } == [12])
  }

  // MARK: References

  @Test func `accounts are found that tables of the application refer to`() throws {
    #expect(try site.store.referenced(Self.ids) == [])
    try site.store.execute(
      Statement(
        postgreSQL: """
          CREATE SCHEMA "my blog";
          CREATE TABLE "my blog"."my posts" (
            id INTEGER PRIMARY KEY, "the author" INTEGER REFERENCES users);
          CREATE TABLE votes (voter VARCHAR REFERENCES users (email)) PARTITION BY HASH (voter);
          CREATE TABLE votes_0 PARTITION OF votes FOR VALUES WITH (MODULUS 2, REMAINDER 0);
          CREATE TABLE votes_1 PARTITION OF votes FOR VALUES WITH (MODULUS 2, REMAINDER 1);
          CREATE TABLE others (id INTEGER REFERENCES "my blog"."my posts" (id));
          INSERT INTO "my blog"."my posts" VALUES (1, 3), (2, 3), (3, NULL);
          INSERT INTO votes VALUES ('bob@example.org');
          INSERT INTO others VALUES (1)
          """))
    #expect(try Set(site.store.referenced(Self.ids)) == Set(Self.ids[1...]))
    #expect(try site.store.referenced([Self.ids[0]]) == [])
    #expect(try site.store.referenced([Self.ids[2]]) == [Self.ids[2]])
  }

  // MARK: Exchange

  /// Columns of many types.
  private func addColumns(to site: Site) throws {
    try site.store.execute(
      Statement(
        postgreSQL: """
          CREATE DOMAIN grade AS INTEGER CHECK (value < 7);
          CREATE TYPE colour AS ENUM ('red', 'blue');
          ALTER TABLE users ADD COLUMN flag BOOLEAN, ADD COLUMN big BIGINT, ADD COLUMN small SMALLINT,
            ADD COLUMN ratio DOUBLE PRECISION, ADD COLUMN share REAL,
            ADD COLUMN balance NUMERIC(30, 10), ADD COLUMN born DATE, ADD COLUMN noon TIME,
            ADD COLUMN seen TIMESTAMPTZ, ADD COLUMN uid UUID, ADD COLUMN picture BYTEA,
            ADD COLUMN prefs JSONB, ADD COLUMN raw JSON, ADD COLUMN tags TEXT[],
            ADD COLUMN colour colour, ADD COLUMN grade grade, ADD COLUMN host INET,
            ADD COLUMN held INTERVAL, ADD COLUMN letter CHAR(3), ADD COLUMN note TEXT
          """))
  }

  /// The accounts of a store, as an import reads them.
  private func exported(_ site: Site) throws -> [[ColumnValue]] {
    let columns = try site.store.applicationColumns()
    let stored = try site.store.storedAccounts(
      after: AccountID(rawValue: 0), limit: 100, with: columns)
    return stored.accounts.map { Array(stored.columnValues[$0.columns]) }
  }

  @Test func `values of every type come back from an import as they were exported`() throws {
    let site = try Site()
    try addColumns(to: site)
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    try site.store.execute(
      Statement(
        postgreSQL: #"""
          UPDATE users SET flag = TRUE, big = 9223372036854775807, small = -5, ratio = '-Infinity',
            share = 0.1, balance = 12345678901234567890.0123456789, born = '2026-02-28',
            noon = '12:34:56.789', seen = '2026-11-23 09:00:00.123456+05:30',
            uid = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', picture = '\x00ff5c',
            prefs = jsonb_build_object('k"', ARRAY[1.50, NULL]), raw = CAST('[1,  "2"]' AS JSON),
            tags = ARRAY['a"b,c', NULL, 'ü'], colour = 'blue', grade = 6, host = '10.0.0.1/8',
            held = '1 mon -3 days 04:05:06.7', letter = 'a', note = E'\\x00 it''s\n"é"'
          WHERE id = 1;
          UPDATE users SET ratio = 'NaN' WHERE id = 2
          """#))
    let text = Statement(postgreSQL: "SELECT CAST(u AS TEXT) FROM users u ORDER BY id")
    let before = try site.store.rows(text) { $0.text(0) }
    let values = try exported(site)
    let columns = try site.store.applicationColumns()
    // Other settings of the database and of the session.
    try site.store.execute(
      Statement(postgreSQL: "SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'"))
    #expect(try exported(site).map { $0.count } == values.map { $0.count })
    let other = try exported(site)
    try site.store.execute(
      Statement(postgreSQL: "RESET timezone; RESET datestyle; DELETE FROM users"))
    for (number, values) in zip(1..., other) {
      var account = ImportedAccount(
        id: AccountID(rawValue: Int64(number)),
        email: number == 1 ? "ann@example.org" : "bob@example.org",
        passwordHash: .unusable, registeredOn: .moment(site.now), isAdmin: false,
        isConfirmed: false,
        confirmedOn: nil)
      account.columns = values.enumerated().map { .init(position: $0.offset, value: $0.element) }
      for expected in [
        Store.ImportDecision.imported(AccountID(rawValue: Int64(number))), .unchanged,
      ] {
        let decisions = try site.store.transaction { () throws(RegctlError) in
          try site.store.add([account], columns, addressesAreUnique: true, at: site.now)
        }
        #expect(decisions == [expected])
      }
    }
    #expect(try exported(site) == values)
    let after = try site.store.rows(text) { $0.text(0) }
    // The hash of an account without a password is another one each time.
    func withoutHash(_ row: String) -> String { row.replacing(/\$[^,]*/, with: "") }
    #expect(after.map(withoutHash) == before.map(withoutHash))
  }

  @Test func `numbers are numbers, and other types text`() throws {
    let site = try Site()
    try addColumns(to: site)
    try site.register("ann@example.org")
    try site.store.execute(
      Statement(
        postgreSQL: #"""
          UPDATE users SET flag = TRUE, big = 5, ratio = 0.5, share = 'NaN', balance = 1.50, born = '2026-02-28',
            seen = '2026-11-23 09:00:00Z', picture = '\x00ff', tags = ARRAY['a'], grade = 6
          """#))
    let columns = try site.store.applicationColumns().all
    let values = Dictionary(
      uniqueKeysWithValues: zip(columns.map(\.name), try #require(exported(site).first)))
    #expect(values["flag"] == .integer(1))
    #expect(values["big"] == .integer(5))
    #expect(values["ratio"] == .real(0.5))
    #expect(values["share"] == .text("NaN"))
    #expect(values["grade"] == .integer(6))
    #expect(values["balance"] == .text("1.5000000000"))
    #expect(values["born"] == .text("2026-02-28"))
    #expect(values["seen"] == .text("2026-11-23T09:00:00+00:00"))
    #expect(values["picture"] == .blob([0, 0xff]))
    #expect(values["tags"] == .text("{a}"))
    #expect(values["note"] == .null)
    #expect(columns.filter(\.isTyped).count == columns.count - 1)
  }
}
