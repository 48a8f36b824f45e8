import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Passwords") struct StorePasswordsTests {
  private static let tail = "$abcdefghijklmnopqrstuuQe66hACgXZ.ImKMvPGdqru0gQrWJ8Ju"
  private let site: Site

  init() throws { site = try Site() }

  private func stored(_ id: Int64 = 1) throws -> String? {
    try site.store.first("SELECT password FROM users WHERE id = $1", .integer(id)) { $0.text(0) }
  }

  private func listed() throws -> [String] {
    try site.store.rows("SELECT hash FROM regctl_no_password") { $0.text(0) }
  }

  private func migrate(dryRun: Bool = false) throws -> MigrationReport {
    try Store.migrate(
      site.location, uniqueEmail: false, dryRun: dryRun, busyTimeout: .zero, at: site.now,
      by: Site.actor)
  }

  @Test func `accounts without a password share a hash that the table lists`() throws {
    try site.register("ann@example.org")
    try site.register("bob@example.org")
    let hash = try #require(try stored())
    #expect(PasswordHash(stored: hash).work == .bcrypt(cost: 12))
    #expect(try listed() == [hash])
    #expect(try stored(2) == hash)
    #expect(try site.store.passwordHash(of: AccountID(rawValue: 1)) == .unusable)
  }

  @Test func `a link is bound to the text in the table, also without a password`() throws {
    let ann = try site.register("ann@example.org")
    let text = try #require(try stored(1))
    #expect(text != "!")
    let fingerprint = try PasswordHash(stored: text).fingerprint()
    #expect(try site.store.passwordFingerprint(of: ann.id) == fingerprint)
    #expect(
      try site.store.tokenPayload(.reset, for: ann.id, email: ann.email, resetLink: .bound)
        == TokenPayload(email: ann.email, binding: fingerprint))
  }

  @Test func `a link from before the migration is valid until there is a password`() throws {
    let ann = try site.register("ann@example.org")
    let marker = try PasswordHash.unusable.fingerprint()
    #expect(try site.store.isBound(marker, to: ann.id))
    try site.store.setPassword(ann.id, PasswordHash(stored: "$2b$04\(Self.tail)"))
    #expect(try !site.store.isBound(marker, to: ann.id))
  }

  @Test func `a hash of the configured scheme is made where the list has none`() throws {
    try site.register("ann@example.org")
    site.store.passwordScheme = .scrypt
    for name in ["bob", "cy"] { try site.register("\(name)@example.org") }
    #expect(try listed().count == 2)
    #expect(PasswordHash(stored: try #require(try stored(1))).scheme == .bcrypt)
    #expect(PasswordHash(stored: try #require(try stored(2))).scheme == .scrypt)
    #expect(try stored(2) == stored(3))
    for id in 1...3 {
      #expect(try site.store.passwordHash(of: AccountID(rawValue: Int64(id))) == .unusable)
    }
  }

  @Test func `migrate-db replaces ! by a hash of the scheme of most of the newest`() throws {
    let hash = "scrypt:32768:8:1$salt$" + String(repeating: "0", count: 128)
    for _ in 1...3 { try add(hash) }
    try add("$2b$04\(Self.tail)")
    try add("!")
    #expect(try migrate().replacedPasswords == 1)
    #expect(PasswordHash(stored: try #require(try stored(5))).scheme == .scrypt)
    #expect(
      try site.store.schemeFinding(configured: .bcrypt)
        == .otherScheme(usual: .scrypt, configured: .bcrypt))
    #expect(try site.store.schemeFinding(configured: .scrypt) == nil)
  }

  @Test func `the hash of one database is not that of another`() throws {
    let other = try Site()
    for site in [site, other] { try site.register("ann@example.org") }
    let hashes = try [site, other].map { site in
      try site.store.first("SELECT password FROM users") { $0.text(0) }
    }
    #expect(hashes[0] != hashes[1])
  }

  @Test func `a password that the application sets counts as one`() throws {
    try site.register("ann@example.org")
    try site.store.run("UPDATE users SET password = $1", .text("$2b$04\(Self.tail)"))
    #expect(
      try site.store.passwordHash(of: AccountID(rawValue: 1)).text == "$2b$04\(Self.tail)")
  }

  @Test func `another account with the number has a password`() throws {
    try site.register("ann@example.org")
    try site.store.run("DELETE FROM users")
    try site.freeReservedNumbers()
    try site.store.run(
      """
      INSERT INTO users (id, email, password, registered_on, admin, confirmed)
      VALUES (1, 'eve@example.org', $1, '2026-01-01', FALSE, FALSE)
      """, .text("$2b$04\(Self.tail)"))
    #expect(try site.store.passwordHash(of: AccountID(rawValue: 1)) != .unusable)
  }

  @Test func `a password can be set and removed`() throws {
    let ann = try site.register("ann@example.org")
    try site.store.setPassword(ann.id, PasswordHash(stored: "$2b$04\(Self.tail)"))
    #expect(try stored() == "$2b$04\(Self.tail)")
    try site.store.setPassword(ann.id, .unusable)
    #expect(try listed() == [stored()])
  }

  @Test func `migrate-db replaces ! in the table and in the archive`() throws {
    try site.store.execute(
      """
      INSERT INTO users (id, email, password, registered_on, admin, confirmed)
      VALUES (1, 'ann@example.org', '!', '2026-01-01', FALSE, FALSE),
        (2, 'bob@example.org', '!!', '2026-01-01', FALSE, FALSE)
      """)
    try site.store.execute(
      Statement(
        sqlite:
          "INSERT INTO regctl_archive (run, account_id, email, password) VALUES (1, 9, 'x', '!')",
        postgreSQL: """
          INSERT INTO regctl_archive (run, account_id, email, account)
          VALUES (1, 9, 'x', jsonb_build_object('id', 9, 'password', '!'))
          """))
    #expect(try site.store.passwordHash(of: AccountID(rawValue: 1)) == .unusable)
    #expect(
      try site.store.passwordFindings().first
        == .bareMarkers(
          Finding.Accounts(count: 1, sample: ["ann@example.org"])))
    #expect(try migrate(dryRun: true).replacedPasswords == 2)
    #expect(try stored() == "!")
    let report = try migrate()
    #expect(report.replacedPasswords == 2)
    #expect(!report.isUpToDate)
    #expect(report.steps == [])
    #expect(try listed() == [stored()])
    #expect(try stored(2) == "!!")
    let archived = try site.store.first(
      Statement(
        sqlite: "SELECT password FROM regctl_archive",
        postgreSQL: "SELECT account ->> 'password' FROM regctl_archive WHERE account ->> 'id' = '9'"
      )
    ) { $0.text(0) }
    #expect(try archived == stored())
    #expect(try migrate().isUpToDate)
  }

  @Test(.only(.sqlite, "no server has a schema older than 3"))
  func `a database of version 2 keeps ! until it is migrated`() throws {
    try site.store.execute("DROP TABLE regctl_no_password; UPDATE regctl_schema SET version = 2")
    let old = try Store.open(.file(site.path), for: .writing, busyTimeout: .zero)
    let ann = try old.add(EmailAddress("ann@example.org"), .unusable, at: site.now)
    #expect(try stored() == "!")
    #expect(try old.passwordHash(of: ann.id) == .unusable)
    let report = try migrate()
    #expect(report.replacedPasswords == 1)
    #expect(report.steps.contains { $0.contains("regctl_no_password") })
    let new = try Store.open(.file(site.path), for: .writing, busyTimeout: .zero)
    #expect(try new.passwordHash(of: ann.id) == .unusable)
    #expect(try stored() != "!")
  }

  @Test(.only(.sqlite, "no server has a schema older than 3"))
  func `without the table, accounts are read as having a password`() throws {
    let ann = try site.register("ann@example.org")
    try site.store.execute("DROP TABLE regctl_no_password")
    let reader = try Store.open(.file(site.path), for: .reading, busyTimeout: .zero)
    #expect(try reader.passwordHash(of: ann.id) != .unusable)
  }

  @Test func `an account without a password is exported and imported as !`() throws {
    try site.register("ann@example.org")
    let exported = try site.store.storedAccounts(after: AccountID(rawValue: 0), limit: 9)
    let password = try #require(exported.accounts.first?.password)
    #expect(exported.text[password].elementsEqual("!".utf8))
    let account = ImportedAccount(
      id: nil, email: "ann@example.org", passwordHash: .unusable, registeredOn: nil,
      isAdmin: false, isConfirmed: false, confirmedOn: nil)
    #expect(
      try site.store.importDecision(of: account, site.store.applicationColumns()) == .unchanged)
    let other = try Site()
    let columns = try other.store.applicationColumns()
    _ = try other.store.transaction { () throws(RegctlError) in
      try other.store.add([account], columns, addressesAreUnique: true, at: other.now)
    }
    #expect(try other.store.passwordHash(of: AccountID(rawValue: 1)) == .unusable)
    #expect(try other.store.first("SELECT password FROM users") { $0.text(0) } != "!")
  }

  /// Makes the passwords what an application stored that passed bytes to the driver.
  private func keepPasswordsInBytes() throws {
    try site.store.run(
      Statement(
        sqlite: """
          UPDATE users SET password = CAST(password AS BLOB)
          WHERE substr(password, 1, 2) <> '\\x'
          """,
        postgreSQL: """
          UPDATE users SET password = '\\x' || encode(convert_to(password, 'UTF8'), 'hex')
          WHERE left(password, 2) <> '\\x'
          """))
  }

  /// Registers an account with a hash.
  private func add(_ hash: String) throws {
    try site.store.run(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      SELECT count(*) || '@example.org', CAST($1 AS TEXT), '2026-01-01', FALSE, FALSE FROM users
      """, .text(hash))
  }

  @Test func `the prefix is that of the newest hash that shows one`() throws {
    #expect(try site.store.newestBcryptPrefix() == nil)
    try add("$2b$04\(Self.tail)")
    #expect(try site.store.newestBcryptPrefix() == .current)
    try add("$2a$04\(Self.tail)")
    #expect(try site.store.newestBcryptPrefix() == .older)
    try keepPasswordsInBytes()
    try add("$2y$04\(Self.tail)")
    try add("!")
    #expect(try site.store.newestBcryptPrefix() == .older)
  }

  @Test func `accounts without a password and reserved numbers show no prefix`() throws {
    try add("$2b$04\(Self.tail)")
    let ann = try site.register("ann@example.org")
    try site.store.delete(ann.id, at: site.now)
    try site.register("bob@example.org")
    #expect(try site.store.newestBcryptPrefix() == .current)
  }

  @Test func `only the newest hundred accounts are searched for the prefix`() throws {
    try add("$2a$04\(Self.tail)")
    for _ in 1...99 { try add("x") }
    #expect(try site.store.newestBcryptPrefix() == .older)
    try add("x")
    #expect(try site.store.newestBcryptPrefix() == nil)
  }

  @Test func `a hash in bytes is exported as text, and equals it`() throws {
    let hash = "$2b$04\(Self.tail)"
    try add(hash)
    try add(#"\x"# + hash.utf8.map { String($0, radix: 16) }.joined())
    try keepPasswordsInBytes()
    let exported = try site.store.storedAccounts(after: AccountID(rawValue: 0), limit: 9)
    for (number, account) in exported.accounts.enumerated() {
      let password = try #require(account.password)
      #expect(String(decoding: exported.text[password], as: UTF8.self) == hash)
      let imported = ImportedAccount(
        id: nil, email: "\(number)@example.org", passwordHash: PasswordHash(stored: hash),
        registeredOn: nil, isAdmin: false, isConfirmed: false, confirmedOn: nil)
      #expect(
        try site.store.importDecision(of: imported, site.store.applicationColumns()) == .unchanged)
    }
  }

  @Test func `a pruned account that is restored has the bytes of its hash`() throws {
    try add("$2b$04\(Self.tail)")
    try keepPasswordsInBytes()
    let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
    #expect(try site.store.archive([AccountID(rawValue: 1)], run: run, at: site.now) == 1)
    _ = try site.store.restore(AccountID(rawValue: 1), of: run)
    let kinds = try site.store.rows(
      Statement(
        sqlite: "SELECT typeof(password) || length(password) FROM users",
        postgreSQL: "SELECT left(password, 6) || length(password) FROM users")
    ) { $0.text(0) }
    #expect(kinds == [TestEngine.choose(sqlite: "blob60", postgresql: #"\x2432122"#)])
  }

  @Test func `a pruned account that is restored has no password`() throws {
    let ann = try site.register("ann@example.org")
    let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
    #expect(try site.store.archive([ann.id], run: run, at: site.now) == 1)
    try site.register("bob@example.org")
    let restored = try site.store.restore(ann.id, of: run)
    #expect(try site.store.passwordHash(of: restored) == .unusable)
  }
}
