import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+ApplicationColumns") struct StoreApplicationColumnsTests {
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
    try site.store.archiveFurtherColumns(of: Self.numbers, run: 4)
    #expect(
      try rows(Self.further) == [
        "1 last \"seen' at 12.5", "1 theme 'dark'", "3 last \"seen' at X'00FF'", "3 theme NULL",
      ])
    #expect(try rows("SELECT DISTINCT CAST(run AS TEXT) FROM regctl_archive_further") == ["4"])
  }

  @Test func `accounts that are not named are not archived`() throws {
    try site.store.archiveFurtherColumns(of: .integers([2, 3]), run: 1)
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
    #expect(try site.store.archive(Self.ids, run: run, at: site.now) == 2)
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
