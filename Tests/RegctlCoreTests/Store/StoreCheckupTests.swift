import Glibc
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Checkup") struct StoreCheckupTests {
  private let site: Site

  init() throws {
    site = try Site()
    try site.register("ann@example.org")
    try site.createAdministrator("root@example.org")
  }

  @Test func `a fresh store has no findings`() throws {
    let store = site.store
    #expect(
      try [
        store.damage(), store.schemaFinding(),
        store.usersTableFinding(), store.rowFinding(), store.addressFinding(),
        store.zoneFinding(), store.administratorFinding(), store.clockFinding(at: site.now),
        store.auditFinding(), store.outboxFinding(at: site.now),
      ].compactMap { $0 } == [])
    #expect(try store.permissionFindings() == TestEngine.choose(sqlite: [], postgresql: nil))
    #expect(try store.passwordFindings() == [])
    #expect(try store.dateFindings(at: site.now) == [])
  }

  // MARK: File

  @Test(.only(.sqlite, "a server has no file"), arguments: [0o600, 0o640, 0o660])
  func `a database is not for others`(_ mode: mode_t) throws {
    chmod(site.path, mode)
    #expect(try site.store.permissionFindings() == [])
    for bit: mode_t in [0o004, 0o002] {
      chmod(site.path, mode | bit)
      #expect(
        try site.store.permissionFindings() == [.permissions(path: site.path, UInt32(mode | bit))])
    }
  }

  @Test(.only(.sqlite, "a server has no file"))
  func `a directory in which others can write is found, sticky or not`() throws {
    let path = site.directory.path
    chmod(path, 0o777)
    #expect(
      try site.store.permissionFindings() == [.writableDirectory(path: path, isSticky: false)])
    chmod(path, 0o1777)
    #expect(
      try site.store.permissionFindings() == [.writableDirectory(path: path, isSticky: true)])
    chmod(path, 0o770)
    #expect(try site.store.permissionFindings() == [])
  }

  @Test(.only(.sqlite, "a server's files are not the test's"))
  func `a damaged page is found`() throws {
    try site.store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let file = open(site.path, O_WRONLY)
    // The pages behind the schema's first.
    pwrite(file, [UInt8](repeating: 0xff, count: 4096), 4096, 8 * 4096)
    close(file)
    let store = try Store.open(.file(site.path), for: .strictlyReadOnly, busyTimeout: .zero)
    guard case .damaged = try store.damage() else {
      Issue.record("no damage is found")
      return
    }
  }

  // MARK: Schema

  @Test func `an older schema is found`() throws {
    try site.store.execute("UPDATE regctl_schema SET version = version - 1")
    #expect(
      try site.store.schemaFinding()
        == .oldSchema(found: Schema.version - 1, current: Schema.version))
  }

  @Test func `a users table that has lost a column is found`() throws {
    try site.store.execute("ALTER TABLE users DROP COLUMN confirmed_on")
    guard case .usersTable(let faults) = try site.store.usersTableFinding() else {
      Issue.record("no fault is found")
      return
    }
    #expect(faults.count == 1)
  }

  // MARK: Rows

  @Test(
    arguments: TestEngine.choose(
      sqlite: [
        "UPDATE users SET email = NULL",
        "UPDATE users SET admin = 2",
        "UPDATE regctl_accounts SET registered_at = 'today'",
        "UPDATE regctl_outbox SET state = 'lost'",
        "UPDATE regctl_audit SET at = 'today'",
        "UPDATE regctl_prunes SET pruned = 'all'",
        "UPDATE regctl_email_changes SET new_email = NULL",
      ],
      postgresql: [
        "UPDATE users SET email = NULL",
        "UPDATE users SET admin = NULL",
        "UPDATE regctl_accounts SET registered_at = 9223372036854775807",
        "UPDATE regctl_outbox SET state = 'lost'",
        "UPDATE regctl_audit SET at = NULL",
        "UPDATE regctl_prunes SET pruned = -1",
        "UPDATE regctl_email_changes SET new_email = NULL",
      ]) as [Statement])
  func `a row that no command can read is found`(_ change: Statement) throws {
    try site.confirmByHand("ann@example.org")
    try site.requestEmailChange("ann@example.org", to: "anna@example.org")
    _ = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
    #expect(try site.store.rowFinding() == nil)
    try allowEverything()
    try site.store.execute(change)
    guard case .malformedRows = try site.store.rowFinding() else {
      Issue.record("no row is found")
      return
    }
  }

  /// Makes tables accept what another program wrote before they forbade it.
  private func allowEverything() throws {
    switch TestEngine.current {
    case .sqlite:
      try site.store.execute("PRAGMA ignore_check_constraints = ON")
      try site.store.execute("PRAGMA writable_schema = ON")
      try site.store.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'")
      try site.store.execute("PRAGMA writable_schema = RESET")
    case .postgresql:
      try site.store.execute(
        """
        DO $$
        DECLARE attribute record;
        BEGIN
          ALTER TABLE regctl_outbox DROP CONSTRAINT "regctl_outbox_state_check";
          FOR attribute IN
            SELECT a.attrelid::regclass AS owner, a.attname AS name FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid
            WHERE a.attnotnull AND a.attnum > 0 AND c.relkind = 'r'
              AND c.relnamespace IN ('regctl'::regnamespace, 'public'::regnamespace)
              AND NOT EXISTS (
                SELECT FROM pg_index i
                WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
          LOOP
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', attribute.owner,
              attribute.name);
          END LOOP;
        END $$
        """)
    }
  }

  @Test func `malformed rows are counted, and the first is named`() throws {
    try site.register("bob@example.org")
    try allowEverything()
    try site.store.execute(
      Statement(
        sqlite: "UPDATE users SET confirmed = 'yes' WHERE id > 1",
        postgreSQL: "UPDATE users SET confirmed = NULL WHERE id > 1"))
    guard case .malformedRows(let count, let first) = try site.store.rowFinding() else {
      Issue.record("no row is found")
      return
    }
    #expect(count == 2)
    // A server does not say to which table a column belongs.
    #expect(first.table == TestEngine.choose(sqlite: "users", postgresql: nil))
    #expect(first.column == "confirmed")
  }

  // MARK: Accounts

  @Test func `addresses with several spellings are found`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'Ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (3, 'bob@example.org', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
    guard case .sameAddress(let groups) = try site.store.addressFinding() else {
      Issue.record("no addresses are found")
      return
    }
    // The order of the spellings is not specified.
    #expect(
      groups.map { $0.split(separator: ", ").sorted() }
        == [["Ann@example.org", "ann@example.org"]])
  }

  @Test func `addresses with several spellings of a domain are found`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'ann@bücher.example', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (2, 'Ann@xn--bcher-kva.example', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (3, 'bob@bücher.example', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (4, 'carol@xn--bcher-kva.example', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (5, 'bob@xn--a.example', '!', '2026-01-01', FALSE, FALSE, NULL);
        INSERT INTO users VALUES (6, 'ann@xn--a.example', '!', '2026-01-01', FALSE, FALSE, NULL)
        """)
    #expect(
      try site.store.addressFinding()
        == .sameAddress(["Ann@xn--bcher-kva.example, ann@bücher.example"]))
  }

  /// The end of a hash of `admin`, with the cost 4.
  private static let hash = "$abcdefghijklmnopqrstuuQe66hACgXZ.ImKMvPGdqru0gQrWJ8Ju"

  @Test(arguments: ["$2b$04\(hash)", "$2a$12\(hash)", "$2y$10\(hash)"])
  func `a password that can be checked is no finding`(_ password: String) throws {
    try site.store.run("UPDATE users SET password = $1", .text(password))
    #expect(try site.store.passwordFindings() == [])
  }

  @Test(arguments: [
    "", "secret", "$2x$04\(hash)", "$2b$4\(hash)", "$2b$04\(hash)x", "$2b$04$",
    "$2b$041\(hash.dropFirst())",
  ])
  func `a password that no login can match is found`(_ password: String) throws {
    try site.store.run("UPDATE users SET password = $1 WHERE id = 1", .text(password))
    #expect(
      try site.store.passwordFindings()
        == [.unknownHashes(Finding.Accounts(count: 1, sample: ["ann@example.org"]))])
  }

  @Test(.only(.sqlite, "a server's column of text holds no bytes"))
  func `a hash in bytes is no finding`() throws {
    try site.store.execute(
      """
      UPDATE users SET password =
        CAST('$2b$04$abcdefghijklmnopqrstuuQe66hACgXZ.ImKMvPGdqru0gQrWJ8Ju' AS BLOB)
      """)
    #expect(try site.store.passwordFindings() == [])
  }

  /// What psycopg2 makes of a hash in bytes.
  @Test func `a hash in hexadecimal digits is no finding`() throws {
    let digits = "$2b$04\(Self.hash)".utf8.map { String($0, radix: 16) }.joined()
    try site.store.run("UPDATE users SET password = $1", .text(#"\x"# + digits))
    #expect(try site.store.passwordFindings() == [])
  }

  @Test func `of many values that are no hash, three are named`() throws {
    for name in ["bob", "cy"] { try site.register("\(name)@example.org") }
    try site.store.execute("UPDATE users SET password = '\\x243262' || id")
    #expect(
      try site.store.passwordFindings()
        == [
          .unknownHashes(
            Finding.Accounts(
              count: 4, sample: ["ann@example.org", "root@example.org", "bob@example.org"]))
        ])
  }

  @Test(arguments: [
    ("$2b$04\(hash)", true), ("$2b$04\(hash.dropLast())v", false), ("!", false),
  ])
  func `the tutorial's administrator is found by its password`(
    _ password: String, isFound: Bool
  ) throws {
    try site.createAdministrator("Ad@min.com")
    try site.store.run("UPDATE users SET password = $1", .text(password))
    #expect(
      try site.store.administratorFinding()
        == (isFound ? .sampleAdministrator(email: "Ad@min.com") : nil))
  }

  // MARK: Dates

  @Test(
    arguments: [
      "UPDATE users SET registered_on = '2026-11-24 09:00:00.000001' WHERE id = 1",
      "UPDATE users SET confirmed = TRUE, confirmed_on = '2999-01-01' WHERE id = 1",
    ]
      + TestEngine.choose(
        sqlite: [
          "UPDATE users SET registered_on = 'soon' WHERE id = 1",
          "UPDATE users SET confirmed = TRUE, confirmed_on = 'soon' WHERE id = 1",
        ],
        postgresql: [
          "UPDATE users SET registered_on = '-infinity' WHERE id = 1",
          "UPDATE users SET registered_on = 'infinity' WHERE id = 1",
          "UPDATE users SET registered_on = '0044-03-15 BC' WHERE id = 1",
          "UPDATE users SET confirmed = TRUE, confirmed_on = '-infinity' WHERE id = 1",
          """
          ALTER TABLE users ALTER COLUMN registered_on DROP NOT NULL;
          UPDATE users SET registered_on = NULL WHERE id = 1
          """,
        ]) as [Statement])
  func `an invalid date, or one after tomorrow, is found`(_ change: Statement) throws {
    try site.store.execute(change)
    #expect(
      try site.store.dateFindings(at: site.now)
        == [.impossibleDates(Finding.Accounts(count: 1, sample: ["ann@example.org"]))])
  }

  @Test func `a date of tomorrow may be local time`() throws {
    try site.store.execute("UPDATE users SET registered_on = '2026-11-24 09:00:00.000000'")
    #expect(try site.store.dateFindings(at: site.now) == [])
  }

  @Test func `an account that is confirmed without a date is found`() throws {
    try site.store.execute("UPDATE users SET confirmed = TRUE, confirmed_on = NULL WHERE id = 1")
    #expect(
      try site.store.dateFindings(at: site.now)
        == [.confirmedWithoutDate(Finding.Accounts(count: 1, sample: ["ann@example.org"]))])
  }

  @Test func `accounts of the application need a time zone`() throws {
    let site = try Site(
      adopting:
        "INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL)")
    try site.register("bob@example.org")
    #expect(try site.store.zoneFinding() == .unknownZone(count: 1))
    site.store.zone = try DatabaseZone("Europe/Berlin")
    #expect(try site.store.zoneFinding() == nil)
  }

  @Test func `in a database that regctl created no account needs a time zone`() throws {
    try site.store.execute("DELETE FROM regctl_accounts WHERE account_id = 1")
    #expect(try site.store.zoneFinding() == nil)
  }

  @Test func `accounts of the application without a mail need an answer`() throws {
    func finding() throws -> Finding? { try site.store.mailsFinding(isAnswered: false) }
    #expect(try finding() == nil)
    try site.store.execute("DELETE FROM regctl_accounts; DELETE FROM regctl_outbox")
    let count = try site.store.first(
      "SELECT count(*) FROM users WHERE confirmed = FALSE AND admin = FALSE"
    ) { $0.count(0) }
    #expect(try finding() == .unknownMails(count: #require(count)))
    #expect(try site.store.mailsFinding(isAnswered: true) == nil)
    try site.store.execute("UPDATE users SET confirmed = TRUE")
    #expect(try finding() == nil)
  }

  // MARK: Clock, audit and outbox

  @Test(arguments: [(0, false), (-60, false), (-61, true)])
  func `a record over a minute in the future is reported`(
    _ seconds: Int64, isFound: Bool
  ) throws {
    let now = site.now + .seconds(seconds)
    #expect(
      try site.store.clockFinding(at: now) == (isFound ? .clockBehind(newest: site.now) : nil))
  }

  @Test func `a mail from the future is found`() throws {
    let future = site.now + .seconds(3600)
    _ = try site.store.enqueue(
      .confirm, to: site.store.account("ann@example.org"), at: future, due: future,
      messageDomain: "app.example")
    #expect(try site.store.clockFinding(at: site.now) == .clockBehind(newest: future))
  }

  @Test func `a mail from the future is found behind one that was queued since`() throws {
    let future = site.now + .seconds(86_400)
    for moment in [future, site.now] {
      _ = try site.store.enqueue(
        .confirm, to: site.store.account("ann@example.org"), at: moment, due: moment,
        messageDomain: "app.example")
    }
    #expect(try site.store.clockFinding(at: site.now) == .clockBehind(newest: future))
  }

  @Test func `an audit entry that was changed is found`() throws {
    try site.store.execute("UPDATE regctl_audit SET actor = 'eve' WHERE id = 2")
    #expect(try site.store.auditFinding() == .auditChanged(number: 2))
  }

  @Test(arguments: [(3600, false), (3601, true)])
  func `a mail that has been due for an hour is found`(_ seconds: Int64, isFound: Bool) throws {
    #expect(
      try site.store.outboxFinding(at: site.now + .seconds(seconds))
        == (isFound ? .mailStuck(count: 1, since: site.now) : nil))
  }

  @Test func `a sent mail is not overdue`() throws {
    try site.store.execute("UPDATE regctl_outbox SET state = 'sent'")
    #expect(try site.store.outboxFinding(at: site.now + .seconds(86_400)) == nil)
  }
}
