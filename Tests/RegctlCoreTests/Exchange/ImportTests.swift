import Glibc
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Import") struct ImportTests {
  private let site: Site

  init() throws { site = try Site() }

  private struct Outcome: Equatable {
    var imported = 0
    var unchanged = 0
    var faults: [ImportError.Fault] = []
  }

  private func run(
    _ text: String, renaming: [String] = [], denied: DeniedDomains? = nil,
    allowsUTF8: Bool = false, isDryRun: Bool = false, into other: Site? = nil
  ) throws -> Outcome {
    let site = other ?? self.site
    let path = try site.directory.write("accounts", text)
    defer { unlink(path) }
    let work = try Import(
      AccountFile(path: path), named: "accounts", into: site.store,
      columns: site.store.applicationColumns(),
      renamings: renaming.compactMap(AccountKeys.Renaming.init), denied: denied,
      allowsUTF8: allowsUTF8, isDryRun: isDryRun, at: site.now, by: Site.actor)
    var outcome = Outcome()
    while let batch = try work.nextBatch() {
      outcome.imported += batch.imported
      outcome.unchanged += batch.unchanged
      outcome.faults += batch.refusals.map(\.error.fault)
    }
    return outcome
  }

  /// Addresses that are alike to Unicode, and belong to different accounts.
  private static let alike = [
    "\u{e9}@x.org", "e\u{301}@x.org", "k@x.org", "\u{212a}@x.org", "\u{17f}@x.org", "s@x.org",
    "\u{c9}@x.org", "\u{df}@x.org", "ss@x.org",
  ]

  @Test(arguments: [false, true])
  func `local parts beyond ASCII are imported byte by byte where they are allowed`(
    _ isDryRun: Bool
  ) throws {
    let text = Self.alike.map { #"{"email":"\#($0)"}"# }.joined(separator: "\n")
    #expect(
      try run(text, allowsUTF8: true, isDryRun: isDryRun) == Outcome(imported: Self.alike.count))
    if isDryRun { return }
    #expect(try emails(site).map { Array($0.utf8) } == Self.alike.map { Array($0.utf8) })
    #expect(try run(text, allowsUTF8: true) == Outcome(unchanged: Self.alike.count))
    let refused = try run(#"{"email":"\#u{e9}2@x.org"}"#)
    #expect(
      refused.faults == [.address(AddressError(text: "\u{e9}2@x.org", fault: .notASCII))])
  }

  @Test func `such an account is found by its bytes, ignoring ASCII case`() throws {
    let text = Self.alike.map { #"{"email":"\#($0)"}"# }.joined(separator: "\n")
    _ = try run(text, allowsUTF8: true)
    for email in Self.alike {
      let found = try site.store.account(email).email
      #expect(found.utf8.elementsEqual(email.utf8), "\(email)")
    }
    #expect(try site.store.account("K@X.ORG").email == "k@x.org")
    #expect(try site.store.accountIfAny("\u{c5}@x.org") == nil)
    #expect(try site.store.addressFinding() == nil)
  }

  @Test(arguments: [false, true])
  func `a denied address is refused unless its account is there`(_ isDryRun: Bool) throws {
    try site.directory.write("denied", "spam.example\nbücher.example\n")
    let path = "\(site.directory.path)/denied"
    let denied = try DeniedDomains(
      site.configuration(["deny_domains_file": path]), uid: geteuid())
    #expect(try run(#"{"email":"ann@spam.example"}"#) == Outcome(imported: 1))
    let text = """
      {"email":"ann@spam.example"}
      {"email":"bob@mail.SPAM.example"}
      {"email":"carol@example.org"}
      {"email":"dora@xn--bcher-kva.example"}
      {"email":"bob@mail.SPAM.example"}
      """
    let spam = DeniedDomain(name: "spam.example", path: path, line: 1)
    let books = DeniedDomain(name: "xn--bcher-kva.example", path: path, line: 2)
    #expect(
      try run(text, denied: denied, isDryRun: isDryRun)
        == Outcome(
          imported: 1, unchanged: 1,
          faults: [
            .denied(email: "bob@mail.SPAM.example", spam),
            .denied(email: "dora@xn--bcher-kva.example", books),
            .denied(email: "bob@mail.SPAM.example", spam),
          ]))
    #expect(
      try emails(site)
        == (isDryRun ? ["ann@spam.example"] : ["ann@spam.example", "carol@example.org"]))
  }

  private func emails(_ site: Site) throws -> [String] {
    let stored = try site.store.storedAccounts(after: AccountID(rawValue: 0), limit: 100_000)
    return stored.accounts.map { account in
      String(decoding: stored.text[account.email ?? 0..<0], as: UTF8.self)
    }
  }

  @Test(arguments: [false, true])
  func `the other spelling of a domain is the same account`(_ isDryRun: Bool) throws {
    try site.register("ann@bücher.example")
    let lines = """
      email
      ann@xn--bcher-kva.example
      bob@xn--bcher-kva.example
      bob@bücher.example
      eve@my_host.example
      eve@xn--a.example

      """
    #expect(
      try run(lines, isDryRun: isDryRun)
        == Outcome(
          imported: 3,
          faults: [
            .registered(email: "ann@bücher.example"),
            .registered(email: "bob@xn--bcher-kva.example"),
          ]))
  }

  @Test func `accounts are written as in the file and recorded in the audit`() throws {
    #expect(
      try run("email,registered_on,confirmed_on\nann@example.org,2020-01-01,2020-01-02\n").imported
        == 1)
    let account = try site.store.account("ann@example.org")
    #expect(account.isConfirmed && !account.isAdmin)
    #expect(account.registeredOn == .moment(try #require(Instant(parsing: "2020-01-01"))))
    let entries = try site.store.auditEntries(ofAccount: "ann@example.org").map(\.entry)
    #expect(entries.map(\.act) == [.importAccounts])
    #expect(entries.map(\.detail) == ["accounts"])
    #expect(try site.store.mails(of: account.id).isEmpty)
  }

  // MARK: Languages

  private static let languages = """
    {"email":"ann@x.org","language":"de"}
    {"email":"bob@x.org","language":"pt_BR","id":7}
    {"email":"eve@x.org"}
    {"email":"Mia@bücher.example","language":"fr"}

    """

  /// The addresses and languages that regctl recorded.
  private func recorded(_ site: Site) throws -> [String] {
    try site.store.rows(
      "SELECT account_id, email, language FROM regctl_languages ORDER BY account_id"
    ) { "\($0.integer(0)) \($0.text(1)) \($0.text(2))" }
  }

  @Test(arguments: [false, true])
  func `an account gets its language, and the same again is unchanged`(_ isDryRun: Bool) throws {
    let repeated = #"{"email":"ann@x.org","language":"DE"}"# + "\n"
    #expect(
      try run(Self.languages + repeated, isDryRun: isDryRun) == Outcome(imported: 4, unchanged: 1))
    #expect(
      try recorded(site)
        == (isDryRun ? [] : ["1 ann@x.org de", "7 bob@x.org pt-BR", "9 Mia@bücher.example fr"]))
    if isDryRun { return }
    #expect(try run(Self.languages) == Outcome(unchanged: 4))
    #expect(try recorded(site).count == 3)
  }

  @Test(arguments: [false, true])
  func `the language of an existing account is not changed`(_ isDryRun: Bool) throws {
    let german = try MailLanguage("de")
    let ann = try site.invite("ann@x.org", in: german)
    try site.register("bob@x.org")
    let text = """
      {"email":"ann@x.org"}
      {"email":"ann@x.org","language":"de"}
      {"email":"ann@x.org","language":"fr"}
      {"email":"bob@x.org","language":"fr"}

      """
    #expect(
      try run(text, isDryRun: isDryRun)
        == Outcome(
          unchanged: 2,
          faults: [.registered(email: "ann@x.org"), .registered(email: "bob@x.org")]))
    #expect(try recorded(site) == ["\(ann.id.rawValue) ann@x.org de"])
  }

  @Test func `a column can be the language`() throws {
    #expect(
      try run("email,locale\nann@x.org,pt_BR\n", renaming: ["locale=language"])
        == Outcome(imported: 1))
    #expect(try recorded(site) == ["1 ann@x.org pt-BR"])
  }

  @Test func `a column of the application's own with the name has precedence`() throws {
    try site.store.execute("ALTER TABLE users ADD COLUMN language TEXT")
    #expect(try run(#"{"email":"ann@x.org","language":"german"}"#) == Outcome(imported: 1))
    #expect(try recorded(site) == [])
    #expect(try site.store.first("SELECT language FROM users") { $0.text(0) } == "german")
    #expect(
      try run(#"{"email":"ann@x.org","language":"de"}"#)
        == Outcome(faults: [.registered(email: "ann@x.org")]))
  }

  @Test(arguments: [false, true])
  func `a schema without languages takes no account with one`(_ isDryRun: Bool) throws {
    site.store.keepsLanguages = false
    let missing = RegctlError.store(.objectsMissing([Schema.languages.description]))
    #expect(throws: missing) {
      _ = try run(#"{"email":"ann@x.org","language":"de"}"#, isDryRun: isDryRun)
    }
    #expect(try emails(site) == [])
    #expect(try run(#"{"email":"ann@x.org"}"#, isDryRun: isDryRun) == Outcome(imported: 1))
  }

  // MARK: Columns of the application's own

  /// A database whose table has three more columns.
  private func siteWithColumns() throws -> Site {
    let site = try Site()
    try site.store.execute(
      Statement(
        sqlite: """
          ALTER TABLE users ADD COLUMN nick TEXT COLLATE NOCASE;
          ALTER TABLE users ADD COLUMN locale TEXT NOT NULL DEFAULT 'en';
          ALTER TABLE users ADD COLUMN score INTEGER;
          CREATE UNIQUE INDEX users_nick ON users (nick);
          """,
        postgreSQL: """
          CREATE COLLATION nocase (
            provider = icu, locale = 'und-u-ks-level2', deterministic = false);
          ALTER TABLE users ADD COLUMN nick TEXT COLLATE nocase;
          ALTER TABLE users ADD COLUMN locale TEXT NOT NULL DEFAULT 'en';
          ALTER TABLE users ADD COLUMN score INTEGER;
          CREATE UNIQUE INDEX users_nick ON users (nick);
          """))
    return site
  }

  private func columns(_ site: Site) throws -> [String] {
    try site.store.rows("SELECT email, nick, locale, score FROM users ORDER BY id") { row in
      (0..<4).map { row.optionalText($0) ?? "NULL" }.joined(separator: "|")
    }
  }

  @Test(arguments: [true, false])
  func `the application's own columns are written, and the same again is unchanged`(
    _ isDryRun: Bool
  ) throws {
    let site = try siteWithColumns()
    let text = """
      {"email":"ann@x.org","nick":"Ann","locale":"de","score":5}
      {"email":"bob@x.org","score":null}
      {"email":"eve@x.org","nick":null}
      {"email":"ann@x.org","nick":"Ann"}
      {"email":"ann@x.org","score":"5"}
      {"email":"ann@x.org"}
      {"email":"ann@x.org","nick":"ann"}
      {"email":"ann@x.org","nick":null}
      {"email":"bob@x.org","score":0}

      """
    let refused = ["ann@x.org", "ann@x.org", "bob@x.org"]
    #expect(
      try run(text, isDryRun: isDryRun, into: site)
        == Outcome(
          imported: 3, unchanged: 3, faults: refused.map { .registered(email: $0) }))
    #expect(
      try columns(site)
        == (isDryRun
          ? [] : ["ann@x.org|Ann|de|5", "bob@x.org|NULL|en|NULL", "eve@x.org|NULL|en|NULL"]))
    if isDryRun { return }
    #expect(
      try run("email,score,nick\nann@x.org,5,Ann\neve@x.org,,\neve@x.org,,\"\"\n", into: site)
        == Outcome(unchanged: 2, faults: [.registered(email: "eve@x.org")]))
  }

  @Test func `a value that the table requires or forbids is refused line by line`() throws {
    let site = try siteWithColumns()
    let text = """
      {"email":"ann@x.org","nick":"Ann"}
      {"email":"bob@x.org","nick":"ann"}
      {"email":"eve@x.org","locale":null}
      {"email":"fay@x.org","locale":"fr"}
      {"email":"ann@x.org","locale":null}

      """
    #expect(
      try run(text, into: site)
        == Outcome(
          imported: 2,
          faults: [
            .constraint(
              TestEngine.current == .sqlite
                ? "UNIQUE constraint failed: users.nick"
                : "duplicate key value violates unique constraint \"users_nick\""),
            .columnMissing("locale"),
            .registered(email: "ann@x.org"),
          ]))
    #expect(try columns(site) == ["ann@x.org|Ann|en|NULL", "fay@x.org|NULL|fr|NULL"])
  }

  @Test(arguments: [true, false])
  func `a column without a default must have a value`(_ isDryRun: Bool) throws {
    let site = try Site()
    // SQLite adds no such column to a table that exists.
    try site.store.execute(
      Statement(
        sqlite: """
          ALTER TABLE users ADD COLUMN user TEXT NOT NULL DEFAULT 1;
          PRAGMA writable_schema = ON;
          UPDATE sqlite_schema SET sql = replace(sql, ' DEFAULT 1', '') WHERE name = 'users';
          PRAGMA writable_schema = RESET;
          """,
        postgreSQL: "ALTER TABLE users ADD COLUMN \"user\" TEXT NOT NULL"))
    let text = """
      {"email":"ann@x.org"}
      {"email":"bob@x.org","user":"bob"}
      {"email":"bob@x.org"}
      {"email":"eve@x.org","name":"eve"}

      """
    let outcome = try run(text, renaming: ["name=user"], isDryRun: isDryRun, into: site)
    #expect(outcome == Outcome(imported: 2, unchanged: 1, faults: [.columnMissing("user")]))
    #expect(try emails(site) == (isDryRun ? [] : ["bob@x.org", "eve@x.org"]))
  }

  @Test func `lines with many sets of columns are imported`() throws {
    let site = try Site()
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
      var sql = SQLText("ALTER TABLE users ADD COLUMN ")
      sql.append(name: name)
      sql.append(" INTEGER")
      try site.store.forEach(sql, []) { _ in }
    }
    let lines = (0..<128).map { number in
      let keys = "abcdefg".enumerated().filter { number >> $0.offset & 1 == 1 }
      return #"{"email":"a\#(number)@x.org""# + keys.map { #","\#($0.element)":1"# }.joined()
        + "}\n"
    }
    #expect(try run(lines.joined(), into: site) == Outcome(imported: 128))
    #expect(try run(lines.joined(), into: site) == Outcome(unchanged: 128))
    let sums = try site.store.rows(
      """
      SELECT coalesce(a, 0) + coalesce(b, 0) * 2 + coalesce(c, 0) * 4 + coalesce(d, 0) * 8
        + coalesce(e, 0) * 16 + coalesce(f, 0) * 32 + coalesce(g, 0) * 64
      FROM users ORDER BY id
      """
    ) { $0.integer(0) }
    #expect(sums == Array(0..<128))
  }

  @Test func `an account without a date is registered now`() throws {
    #expect(try run("email\nann@example.org\n").imported == 1)
    #expect(try site.store.account("ann@example.org").registeredOn == .moment(site.now))
    site.now = site.now + .seconds(60)
    #expect(try run("email\nann@example.org\n") == Outcome(unchanged: 1))
  }

  @Test func `a link mailed earlier by the other system confirms`() throws {
    #expect(try run("email\nann@example.org\n").imported == 1)
    let token = try site.token("ann@example.org")
    #expect(try site.store.sideRecord(of: AccountID(rawValue: 1)).registeredAt == nil)
    #expect(
      try Confirm.byToken(
        token, authority: site.authority(), in: site.store, at: site.now, by: Site.actor
      ).isNew)
  }

  @Test func `a dry run has the same results as the import`() throws {
    try site.register("old@example.org")
    let text = """
      {"email":"ann@example.org"}
      {"email":"ANN@example.org"}
      {"email":"bob@example.org","id":3}
      {"email":"eve@example.org","id":3}
      {"email":"fay@example.org"}
      {"email":"gus@example.org","id":4}
      {"email":"old@example.org"}
      {"email":"hal@example.org","id":1}
      {"email":"bob@example.org","id":3}

      """
    let rehearsed = try run(text, isDryRun: true)
    #expect(try emails(site) == ["old@example.org"])
    let done = try run(text)
    #expect(rehearsed == done)
    #expect(
      done
        == Outcome(
          imported: 3, unchanged: 2,
          faults: [
            .registered(email: "ann@example.org"),
            .numberTaken(AccountID(rawValue: 3), by: "bob@example.org"),
            .numberTaken(AccountID(rawValue: 4), by: "fay@example.org"),
            .numberTaken(AccountID(rawValue: 1), by: "old@example.org"),
          ]))
    #expect(
      try emails(site) == [
        "old@example.org", "ann@example.org", "bob@example.org", "fay@example.org",
      ])
  }

  @Test func `addresses that differ in case in an adopted database are unchanged`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES (1, 'ann@example.org', '!', '2026-01-01', FALSE, FALSE, NULL),
          (2, 'Ann@example.org', '!', '2026-01-01', TRUE, FALSE, NULL)
        """)
    let outcome = try run(
      "email,admin,registered_on\nann@example.org,0,\nAnn@example.org,1,2026-01-01\nANN@example.org,0,\n",
      into: site)
    #expect(outcome == Outcome(unchanged: 2, faults: [.registered(email: "ann@example.org")]))
  }

  @Test func `many lines are many batches, and one entry of the audit`() throws {
    let count = 5000
    let text = (1...count).map { "user\($0)@example.org\n" }.joined()
    #expect(try run("email\n" + text) == Outcome(imported: count))
    let acts = try site.store.auditEntries(after: nil, matching: AuditFilter(), limit: 100).map(
      \.entry.act)
    #expect(acts.count { $0 == .importAccounts } == 1)
    let rows = try site.store.first("SELECT count(*) FROM regctl_audit WHERE act LIKE 'import%'") {
      $0.count(0)
    }
    #expect(try #require(rows) > 1)
    #expect(try site.store.auditEntries(ofAccount: "user\(count)@example.org").count == 1)
    #expect(try run("email\n" + text) == Outcome(unchanged: count))
    #expect(
      try site.store.auditEntries(after: nil, matching: AuditFilter(), limit: 100).map(\.entry.act)
        == acts)
  }
}
