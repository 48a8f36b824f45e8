import RegctlCore
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import regctl

@Suite("MigrateDB", .only(.sqlite, "applications' files are adopted; see test_schema_on_server"))
struct MigrateDBTests {
  @Test(arguments: [
    ("migrate-db x.db", UsageError.Fault.unexpectedOperand("x.db")),
    ("migrate-db --grant=", .invalidValue(option: "--grant", value: "", expected: .text)),
    ("migrate-db --dry-run=yes", .unexpectedValue(option: "--dry-run")),
    ("migrate-db --uniqe-email", .unknownOption("--uniqe-email", suggestion: "--unique-email")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world whose database is an application's, with Ann and a table of its own.
  private func world() throws -> World {
    let world = try World(hasDatabase: false)
    let database = try SQLiteDatabase(path: world.database, access: .create, busyTimeout: .zero)
    try database.execute(
      """
      CREATE TABLE users (
        id INTEGER NOT NULL, email VARCHAR NOT NULL, password VARCHAR NOT NULL,
        registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL, confirmed BOOLEAN NOT NULL,
        confirmed_on DATETIME, theme VARCHAR, PRIMARY KEY (id), UNIQUE (email));
      INSERT INTO users VALUES (1, 'ann@example.org', 'x', '2026-01-01', 0, 0, NULL, 'dark');
      CREATE TABLE posts (id INTEGER PRIMARY KEY)
      """)
    return world
  }

  private static let foreignSchema: Statement = """
    SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'regctl%' ORDER BY name
    """

  @Test func `an application's database is adopted without changing its tables`() throws {
    let world = try world()
    let schema = try world.rows(Self.foreignSchema)
    let lines = world.printed("migrate-db").split(separator: "\n")
    #expect(lines.dropLast().allSatisfy { $0.hasPrefix("Added ") })
    #expect(lines.contains("Added table regctl_outbox: mail to be sent."))
    #expect(lines.last == "Brought \(world.database) to schema 7.")
    #expect(try world.rows(Self.foreignSchema) == schema)
    #expect(try world.rows("SELECT email || ' ' || theme FROM users") == ["ann@example.org dark"])
    #expect(try world.rows("PRAGMA journal_mode") == ["delete"])
    #expect(world.printed("list-unconfirmed --count") == "1\n")
  }

  @Test func `adoption asks whether the application mails, unless that is set`() throws {
    let note = "set application_mails = yes"
    let world = try world()
    #expect(world.run("migrate-db --dry-run") == .ok)
    #expect(world.errorOutput.text.contains(note))
  }

  @Test func `a dry run reports the same and changes nothing`() throws {
    let world = try world()
    let before = try world.content()
    let lines = world.printed("migrate-db --dry-run").split(separator: "\n")
    #expect(lines.dropLast().allSatisfy { $0.hasPrefix("Would add ") })
    #expect(lines.last == "Would bring \(world.database) to schema 7.")
    #expect(try world.content() == before)
    let done = world.printed("migrate-db").split(separator: "\n")
    #expect(done.map { $0.replacing("Added", with: "Would add") }.dropLast() == lines.dropLast())
  }

  @Test func `a current database needs nothing`() throws {
    let world = try World()
    #expect(world.printed("migrate-db") == "\(world.database) is up to date (schema 7).\n")
    #expect(
      world.printed("migrate-db -n --format tsv") == """
        result\tpath\tdry_run\tfrom\tto\tsteps\treplaced_passwords\tchanged_audit_entry\t\
        duplicates\tgrants\tsettings
        up_to_date\t\(world.database)\ttrue\t7\t7\t[]\t0\t\t[]\t[]\t[]

        """)
  }

  @Test func `the rights of a role are printed so that they can be pasted`() throws {
    let database = try TemporaryDatabase()
    try Store.create(
      DatabaseLocation(database.address), journalMode: .wal, at: Instant(seconds: 0),
      by: Actor(name: "tester", uid: 1000))
    let world = try World(hasDatabase: false)
    let printed = world.printed("migrate-db -n --grant postgres --db \(database.address)")
    #expect(printed.contains("\nGRANT UPDATE ON regctl.regctl_turn TO \"postgres\";\n"))
    #expect(world.run("migrate-db --grant nobodys --db \(database.address)") == .refused)
    #expect(world.errorOutput.text.contains("no such role: 'nobodys'"))
  }

  @Test(.only(.sqlite, "concerns files")) func `a file has no roles`() throws {
    let world = try World()
    _ = try world.refusal(of: "migrate-db --grant-read regctl", endingWith: .usage)
  }

  @Test func `what another program removed is restored, and the line for Alembic printed`() throws {
    let world = try World()
    try world.execute(
      """
      DROP INDEX regctl_outbox_due;
      CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)
      """)
    #expect(world.printed("migrate-db").hasPrefix("Added index regctl_outbox_due.\n"))
    #expect(world.errorOutput.text.contains("the application uses Alembic: in migrations/env.py"))
  }

  @Test func `the password ! of an older version is replaced, and counted before`() throws {
    let world = try world()
    try world.execute("UPDATE users SET password = '!'")
    #expect(
      world.printed("migrate-db -n").contains(
        "\nWould replace the password ! of 1 account by a hash.\n"))
    #expect(
      world.printed("migrate-db").contains("\nReplaced the password ! of 1 account by a hash.\n"))
    #expect(try world.rows("SELECT length(password) FROM users") == ["60"])
    #expect(world.printed("export").contains(#""password":"!""#))
    #expect(world.printed("migrate-db").contains("is up to date"))
  }

  @Test func `the object contains the steps and the duplicate addresses`() throws {
    let world = try world()
    try world.execute(
      "INSERT INTO users VALUES (2, 'Ann@example.org', 'x', '2026-01-01', 0, 0, NULL, NULL)")
    world.environment["TZ"] = ":Asia/Tokyo"
    let json = world.printed("migrate-db --json")
    #expect(
      json.hasPrefix(
        """
        {"schema":1,"result":"migrated","path":"\(world.database)","dry_run":false,"from":null,\
        "to":7,"steps":["
        """))
    #expect(
      json.hasSuffix(
        """
        ],"replaced_passwords":0,"changed_audit_entry":null,\
        "duplicates":["Ann@example.org, ann@example.org"],"grants":[],\
        "settings":["db_timezone = Asia/Tokyo"]}

        """))
    #expect(
      world.errorOutput.text.contains(
        """
        regctl: warning: these accounts differ only in case and were not changed: \
        Ann@example.org, ann@example.org
        regctl: the application's dates have no time zone; if it is that of this system, add to \
        regctl.conf: db_timezone = Asia/Tokyo

        """))
  }

  @Test func `the zone of dates is asked for until it is set, and not in an own database`() throws {
    func settings(_ world: World, _ zone: String) -> String {
      world.environment["TZ"] = zone
      return world.printed("migrate-db --json").split(separator: ",").last.map(String.init) ?? ""
    }
    let world = try world()
    let none = "\"settings\":[]}\n"
    #expect(settings(world, "Asia/Tokyo") == "\"settings\":[\"db_timezone = Asia/Tokyo\"]}\n")
    #expect(settings(world, "") == "\"settings\":[\"db_timezone = UTC\"]}\n")
    #expect(settings(world, "JST-9") == none)
    #expect(
      world.errorOutput.text.hasSuffix(
        "; add its zone to regctl.conf, such as: db_timezone = Europe/Berlin\n"))
    let count = world.errorOutput.text.count
    world.environment["REGCTL_DB_TIMEZONE"] = "Europe/Berlin"
    #expect(settings(world, "Asia/Tokyo") == none)
    #expect(world.errorOutput.text.count == count)
    #expect(try settings(World(), "Asia/Tokyo") == none)
  }

  @Test func `addresses with several spellings forbid --unique-email`() throws {
    let world = try world()
    try world.execute(
      "INSERT INTO users VALUES (2, 'Ann@example.org', '!', '2026-01-01', 0, 0, NULL, NULL)")
    #expect(
      try world.refusal(of: "migrate-db --unique-email", endingWith: .refused)
        .contains("Ann@example.org, ann@example.org"))
    #expect(try world.rows("SELECT name FROM sqlite_schema WHERE name LIKE 'regctl%'") == [])
  }

  @Test func `with --unique-email another spelling can no longer be inserted`() throws {
    let world = try world()
    #expect(world.run("migrate-db --unique-email -q") == .ok)
    #expect(throws: DatabaseError.self) {
      try world.execute(
        "INSERT INTO users VALUES (2, 'ANN@example.org', '!', '2026-01-01', 0, 0, NULL, NULL)")
    }
  }

  @Test func `a newer schema is left alone`() throws {
    let world = try World()
    try world.execute("INSERT INTO regctl_schema VALUES (99, 0)")
    #expect(
      try world.refusal(of: "migrate-db", endingWith: .inputOutput)
        .contains("schema 99, newer than the supported schema 7; nothing was changed"))
  }

  @Test func `a missing database is not created`() throws {
    let world = try World(hasDatabase: false)
    #expect(world.printed("migrate-db", endingWith: .noInput) == "")
    #expect(try !world.exists("regctl.db"))
  }

  /// A world whose database is that of an application with other names.
  private func relative() throws -> World {
    let world = try World(hasDatabase: false)
    let database = try SQLiteDatabase(path: world.database, access: .create, busyTimeout: .zero)
    try database.execute(
      """
      CREATE TABLE "user" (
        id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE, password_hash VARCHAR NOT NULL,
        created_at DATETIME NOT NULL, is_admin BOOLEAN NOT NULL, confirmed BOOLEAN NOT NULL,
        confirmed_at DATETIME)
      """)
    return world
  }

  private static let lines = """
    users_table = user; users_columns = password=password_hash registered_on=created_at \
    admin=is_admin confirmed_on=confirmed_at
    """

  @Test func `without a terminal the lines for other names are a hint`() throws {
    let world = try relative()
    #expect(
      try world.refusal(of: "migrate-db", endingWith: .inputOutput)
        == """
        regctl: error: migrate-db: the accounts of '\(world.database)' seem to be in the table user
        hint: add to regctl.conf: \(Self.lines)

        """)
    world.answers = ["y"]
    #expect(world.run("migrate-db --no-input") == .inputOutput)
    #expect(try world.rows("SELECT name FROM sqlite_schema WHERE name LIKE 'regctl%'") == [])
  }

  @Test func `on a terminal the table is adopted if the answer is yes`() throws {
    let world = try relative()
    world.answers = ["n", "y"]
    #expect(world.run("migrate-db") == .refused)
    #expect(world.questions == ["Adopt with \(Self.lines)?"])
    #expect(try world.rows("SELECT name FROM sqlite_schema WHERE name LIKE 'regctl%'") == [])
    let printed = world.printed("migrate-db")
    #expect(printed.hasSuffix("Brought \(world.database) to schema 7.\n"))
    #expect(world.errorOutput.text.contains("regctl: add to regctl.conf: \(Self.lines)\n"))
    for line in Self.lines.split(separator: "; ") {
      let pair = line.split(separator: " = ")
      world.environment["REGCTL_\(pair[0].uppercased())"] = String(pair[1])
    }
    #expect(world.printed("migrate-db") == "\(world.database) is up to date (schema 7).\n")
    #expect(world.run("register ann@example.org --no-password -q") == .ok)
    #expect(try world.rows("SELECT email FROM \"user\"") == ["ann@example.org"])
  }
}
