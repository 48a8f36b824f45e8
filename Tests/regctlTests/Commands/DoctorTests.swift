import Glibc
import RegctlCore
import SQL
import System
import TestSupport
import Testing

@testable import regctl

@Suite("Doctor") struct DoctorTests {
  @Test(arguments: [
    ("doctor x", UsageError.Fault.unexpectedOperand("x")),
    (
      "doctor --fields advise",
      .invalidValue(
        option: "--fields", value: "advise",
        expected: .fields(["check", "result", "detail", "advice"], suggestion: "advice"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// How it ends when nothing is wrong with the database: the server of the tests does without
  /// fsync, and their clock stands still.
  private let usualExit = TestEngine.choose(sqlite: ExitCode.ok, postgresql: .refused)

  /// The checks of a server, which `DoctorOnServerTests` looks at.
  private static func isOfServer(_ row: some StringProtocol) -> Bool {
    [
      "server", "replication", "durability", "privileges", "collation", "numbers",
      "server clock",
    ].contains {
      row.hasPrefix("\($0)\t")
    }
  }

  @Test func `a terminal shows the check that runs`() throws {
    let lines = try World().progress(of: "doctor", endingWith: usualExit)
    for check in ["database", "rows", "audit", "mail server"] {
      #expect(lines.contains("doctor: \(check)"))
    }
  }

  @Test func `every check is listed`() throws {
    let world = try World()
    let permissions = TestEngine.choose(
      sqlite: "permissions\tok\tthe database is not accessible to others\t\n", postgresql: "")
    let printed = world.printed("doctor --format tsv", endingWith: usualExit)
    #expect(
      printed.split(separator: "\n").filter { !Self.isOfServer($0) }.map { "\($0)\n" }.joined()
        == """
        check\tresult\tdetail\tadvice
        configuration\tok\t6 settings differ from the built-in ones\t
        database\tok\t\(try world.databaseName) is intact and has the current schema\t
        users table\tok\tmatches the application\t
        schema\tok\tall tables, indexes and triggers are there\t
        rows\tok\tall values are valid\t
        \(permissions)addresses\tok\teach has one spelling\t
        passwords\tok\tall are known hashes or unset\t
        dates\tok\tnone is missing or invalid\t
        time zone\tok\tthe dates are in UTC\t
        clock\tok\tno record is dated in the future\t
        audit\tok\tall entries are unchanged\t
        outbox\tok\tno mail has been due for an hour\t
        refusals\tok\tevery mail of the last day was accepted\t
        keys\tok\t1 key in \(world.directory)/secret.key\t
        mail\tok\tby maildir, templates built-in\t
        mail server\tok\tnone is needed\t

        """)
  }

  @Test func `redirected mail is named, and is no failure`() throws {
    let world = try World(settings: "mail_redirect_all = tester@app.example")
    #expect(
      world.printed("doctor --format tsv", endingWith: usualExit).contains(
        """
        redirection\tok\tevery mail goes to tester@app.example, not to its own recipient\t\
        remove mail_redirect_all where users wait for their mail

        """))
  }

  /// The checks that fail, with what they find and advise.
  private func failures(in world: World) -> [String] {
    world.printed("doctor --format tsv --no-header", endingWith: .refused)
      .split(separator: "\n").filter { !Self.isOfServer($0) }
      .map { String($0.replacing("\t", with: "|")) }.filter { $0.contains("|failed|") }
  }

  @Test(.only(.sqlite, "the mode of a file is what fails"))
  func `the text format is a table, and failed checks are counted`() throws {
    let world = try World()
    chmod(world.database, 0o644)
    let table = world.printed("doctor --fields check,result,advice", endingWith: .refused)
    #expect(table.hasPrefix("CHECK          RESULT  ADVICE\nconfiguration  ok      -\n"))
    #expect(table.contains("\npermissions    failed  chmod o= \(world.database)\n"))
    #expect(world.errorOutput.text == "regctl: error: doctor: 1 of 17 failed\n")
  }

  @Test func `denied domains are counted`() throws {
    let world = try World(settings: "deny_domains_file = denied")
    let path = "\(world.directory)/denied"
    world.environment["REGCTL_DENY_DOMAINS_FILE"] = path
    try FileSystem.create(path, content: Array("a.example\nb.example\n".utf8))
    let printed = world.printed("doctor --format tsv", endingWith: usualExit)
    #expect(printed.contains("\ndenied domains\tok\t2 domains in \(path)\t\n"))
    try FileSystem.create("\(world.directory)/other", content: Array("a\n".utf8))
    world.environment["REGCTL_DENY_DOMAINS_FILE"] = "\(world.directory)/other"
    #expect(
      failures(in: world) == [
        "denied domains|failed|\(world.directory)/other line 1: not a domain|"
          + "write one domain a line, such as mailinator.com, or a comment after #"
      ])
  }

  @Test func `the object contains each check`() throws {
    let world = try World()
    world.register("ann")
    try world.execute("UPDATE users SET password = 'secret'")
    #expect(
      world.printed("doctor --json", endingWith: .refused).contains(
        """
        {"check":"passwords","result":"failed","detail":"1 account (ann@example.org) with a \
        password that is not a known hash","advice":"they cannot log in: regctl set-password \
        ann@example.org"}
        """))
  }

  @Test func `an overdue mail is reported`() throws {
    let world = try World()
    world.register("ann", queuesMail: true)
    world.now = world.now + .seconds(3601)
    #expect(
      failures(in: world)
        == [
          "outbox|failed|1 mail has been due since 2026-11-23 09:00 UTC|"
            + "run regctl deliver every minute, from cron or by its timer"
        ])
  }

  @Test func `the time zone of dates is known, or advice says to set it`() throws {
    let world = try World()
    try world.execute(
      "INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01 00:00:00', FALSE, FALSE, NULL, NULL)"
    )
    func zone() -> String? {
      let count = world.output.text.count
      // The change of the audit is a failure.
      _ = world.run("doctor --format tsv --no-header")
      return world.output.text.dropFirst(count).split(separator: "\n")
        .first { $0.hasPrefix("time zone\t") }.map(String.init)
    }
    #expect(zone() == "time zone\tok\tthe dates are in UTC\t")
    try world.execute("UPDATE regctl_audit SET act = 'migrate-db'")
    #expect(
      zone()?.hasPrefix(
        "time zone\tok\tthe application registered 1 account, in local time\tset db_timezone")
        == true)
    try world.execute("DELETE FROM users")
    #expect(zone() == "time zone\tok\tno date is in local time\t")
  }

  @Test func `a missing trigger is named, and the checks that need it are skipped`() throws {
    let world = try World()
    try world.execute(
      Statement(
        sqlite: "DROP TRIGGER regctl_users_deleted",
        postgreSQL: #"DROP TRIGGER "regctl_users_deleted" ON users"#))
    #expect(
      failures(in: world)
        == [
          "schema|failed|another program removed or changed trigger regctl_users_deleted|"
            + "regctl migrate-db"
        ])
  }

  @Test func `a missing table of accounts is named`() throws {
    let world = try World()
    try world.execute("DROP TABLE users")
    #expect(
      failures(in: world)
        == [
          "users table|failed|there is no table named users|"
            + "create the table with the application, then regctl migrate-db"
        ])
  }

  @Test func `the line for Alembic is advice, and no failure`() throws {
    let world = try World()
    try world.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    let printed = world.printed("doctor --format tsv --no-header", endingWith: usualExit)
    let lines = printed.split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix("migrations\tok\t") })
    #expect(
      line.hasSuffix(
        #"include_object=lambda item, name, *rest: not (name or "").startswith("regctl_")"#))
  }

  @Test func `accounts of an application without mails are advice, until a setting answers`() throws
  {
    let world = try World()
    try world.execute(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('ann@example.org', '$2b$04$abcdefghijklmnopqrstuuLnqI1P4rdqGwkF6wU1Gk6TU4u4xAzVS',
        '2026-01-01', FALSE, FALSE)
      """)
    func line(_ options: String = "") -> String? {
      world.printed("doctor --format tsv --no-header\(options)", endingWith: usualExit)
        .split(separator: "\n").first { $0.hasPrefix("mail source\t") }.map(String.init)
    }
    let found = try #require(line())
    #expect(found.hasPrefix("mail source\tok\tthe application registered 1 unconfirmed account "))
    world.environment["REGCTL_APPLICATION_MAILS"] = "no"
    #expect(line() == nil)
  }

  @Test(.only(.sqlite, "a file is removed"))
  func `without a database its other checks are skipped, and mail is still checked`()
    throws
  {
    let world = try World()
    unlink(world.database)
    #expect(
      world.printed("doctor --format tsv --no-header --fields check", endingWith: .refused)
        == "configuration\ndatabase\nkeys\nmail\nmail server\n")
    #expect(try !world.exists("regctl.db"))
  }

  @Test func `with a wrong configuration nothing else is checked`() throws {
    let world = try World(hasDatabase: false, settings: "bcrypt_csot = 5")
    let failures = failures(in: world)
    #expect(failures.count == 1)
    #expect(failures.first?.hasPrefix("configuration|failed|") == true)
    #expect(world.errorOutput.text.hasSuffix("doctor: 1 of 1 failed\n"))
  }

  @Test func `an unreachable server is reported`() throws {
    let world = try World(settings: "mail_server = 127.0.0.1\nmail_security = none")
    // No server listens on this port.
    world.environment["REGCTL_MAIL_PORT"] = "1"
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    let failures = failures(in: world)
    #expect(failures.count == 1)
    #expect(failures.first?.hasPrefix("mail server|failed|") == true)
  }

  @Test func `nothing is changed`() throws {
    let world = try World()
    let before = try world.content()
    #expect(world.run("doctor -q") == usualExit)
    #expect(try world.content() == before)
    #expect(try !world.exists("Maildir"))
  }
}
