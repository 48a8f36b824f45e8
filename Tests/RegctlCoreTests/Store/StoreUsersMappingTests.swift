import PostgreSQL
import SQL
import TestSupport
import Testing

@testable import RegctlCore

/// A store on an application's table with other names.
private final class MappedSite {
  let place: EmptyDatabase
  let mapping: UsersMapping
  let store: Store
  let now = Site.start

  init(_ table: Statement, name: String, columns: String) throws {
    place = try EmptyDatabase()
    try place.execute(table)
    var mapping = UsersMapping.original
    mapping.table = name
    try mapping.setColumns(columns)
    self.mapping = mapping
    try place.migrate(mapping: mapping)
    store = try place.open(mapping: mapping)
    store.runsBodiesTwice = true
  }

  func register(_ email: String) throws -> Account {
    try Register.perform(
      EmailAddress(email), .unusable, queuesMail: false, messageDomain: nil, in: store, at: now,
      by: Site.actor
    ).account
  }

  /// The rows of the table as the application has them.
  func rows(_ query: Statement) throws -> [String] {
    try place.connect().rows(query) { $0.optionalText(0) ?? "NULL" }
  }
}

@Suite("Store+UsersMapping") struct StoreUsersMappingTests {
  private static let renamed = Statement(
    sqlite: """
      CREATE TABLE "user" (uid INTEGER PRIMARY KEY, mail VARCHAR NOT NULL UNIQUE,
        pw VARCHAR NOT NULL, created DATETIME NOT NULL, boss BOOLEAN NOT NULL,
        active BOOLEAN NOT NULL, active_on DATETIME)
      """,
    postgreSQL: """
      CREATE TABLE "user" (uid SERIAL PRIMARY KEY, mail VARCHAR NOT NULL UNIQUE,
        pw VARCHAR NOT NULL, created TIMESTAMP NOT NULL, boss BOOLEAN NOT NULL,
        active BOOLEAN NOT NULL, active_on TIMESTAMP)
      """)

  private func renamed() throws -> MappedSite {
    try MappedSite(
      Self.renamed, name: "user",
      columns: "id=uid email=mail password=pw registered_on=created admin=boss "
        + "confirmed=active confirmed_on=active_on")
  }

  /// Confirmed by a date; neither administrators nor dates of registration.
  private func derived() throws -> MappedSite {
    try MappedSite(
      Statement(
        sqlite: """
          CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            password VARCHAR NOT NULL, verified_at DATETIME)
          """,
        postgreSQL: """
          CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            password VARCHAR NOT NULL, verified_at TIMESTAMP)
          """), name: "users",
      columns: "registered_on=none admin=none confirmed=confirmed_on confirmed_on=verified_at")
  }

  @Test func `an account is written and read by the application's names`() throws {
    let site = try renamed()
    let ann = try site.register("ann@example.org")
    try site.store.confirm(ann.id, at: site.now)
    try site.store.setEmail(ann.id, "new@example.org")
    try site.store.setPassword(ann.id, PasswordHash(stored: "hash"))
    try site.store.setAdministrator(ann.id, true)
    let row = try site.rows(
      """
      SELECT mail || ' ' || pw || ' ' || replace(CAST(created AS TEXT), '.000000', '')
        || ' ' || CAST(boss AS INTEGER) || ' ' || CAST(active AS INTEGER)
        || ' ' || replace(CAST(active_on AS TEXT), '.000000', '') FROM "user"
      """)
    #expect(
      row == [
        "new@example.org hash 2026-11-23 09:00:00 1 1 2026-11-23 09:00:00"
      ])
    #expect(try site.store.account("NEW@example.org").isConfirmed)
    try site.store.unconfirm(ann.id)
    #expect(
      try site.rows("SELECT CAST(active AS INTEGER) FROM \"user\" WHERE active_on IS NULL") == ["0"]
    )
  }

  @Test func `an account without its own column is confirmed by a date`() throws {
    let site = try derived()
    let ann = try site.register("ann@example.org")
    #expect(try !site.store.account(ann.email).isConfirmed)
    try site.store.confirm(ann.id, at: site.now)
    #expect(
      try site.rows("SELECT verified_at FROM users").map { $0.prefix(19) } == [
        "2026-11-23 09:00:00"
      ])
    #expect(try site.store.account(ann.email).isConfirmed)
    #expect(throws: (any Error).self) { try site.store.confirm(ann.id, at: site.now) }
    try site.store.unconfirm(ann.id)
    #expect(try site.rows("SELECT verified_at FROM users") == ["NULL"])
  }

  @Test func `a table without a date of confirmation keeps the flag alone`() throws {
    let site = try MappedSite(
      Statement(
        sqlite: """
          CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            password VARCHAR NOT NULL, registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL,
            confirmed BOOLEAN NOT NULL)
          """,
        postgreSQL: """
          CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            password VARCHAR NOT NULL, registered_on TIMESTAMP NOT NULL, admin BOOLEAN NOT NULL,
            confirmed BOOLEAN NOT NULL)
          """), name: "users", columns: "confirmed_on=none")
    let ann = try site.register("ann@example.org")
    try site.store.confirm(ann.id, at: site.now)
    #expect(try site.rows("SELECT CAST(confirmed AS INTEGER) FROM users") == ["1"])
    #expect(try site.store.account(ann.email).confirmedOn == nil)
    try site.store.unconfirm(ann.id)
    #expect(try site.rows("SELECT CAST(confirmed AS INTEGER) FROM users") == ["0"])
  }

  @Test func `a language is that of the application's column, else the recorded one`() throws {
    let site = try MappedSite(
      Statement(
        sqlite: """
          CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            password VARCHAR NOT NULL, registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL,
            confirmed BOOLEAN NOT NULL, confirmed_on DATETIME, "Lo""cale" BLOB)
          """,
        postgreSQL: """
          CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            password VARCHAR NOT NULL, registered_on TIMESTAMP NOT NULL, admin BOOLEAN NOT NULL,
            confirmed BOOLEAN NOT NULL, confirmed_on TIMESTAMP, "Lo""cale" CHAR(9))
          """), name: "users", columns: "language=Lo\"cale")
    var ids: [AccountID] = []
    for name in ["a", "b", "c", "d", "e"] {
      let account = try site.register("\(name)@x.org")
      ids.append(account.id)
      if ids.count <= 3 { try site.store.add(MailLanguage("de"), of: account.id, account.email) }
    }
    try site.place.execute(
      """
      UPDATE users SET "Lo""cale" = CASE email WHEN 'a@x.org' THEN 'pt_BR'
        WHEN 'b@x.org' THEN 'german' WHEN 'd@x.org' THEN 'FR' WHEN 'e@x.org' THEN '' END
      """)
    let found = try site.store.languages(of: ids)
    #expect(ids.map { found[$0]?.tag } == ["pt-BR", "de", "de", "fr", nil])
    #expect(try site.store.recordedLanguages(of: ids).mapValues(\.tag).count == 3)
    #expect(try site.store.languages(of: []) == [:])
    #expect(try site.store.applicationColumns().all.map(\.name) == [#"Lo"cale"#])
  }

  @Test func `a table without the column of the language is refused, and doctor finds it`() throws {
    let place = try EmptyDatabase()
    try place.makeApplication(rows: "DELETE FROM users")
    var mapping = UsersMapping.original
    try mapping.setColumns("language=locale")
    let faults = [UsersTableFault.missingLanguage("locale")]
    let refused = RegctlError.store(
      .foreignUsersTable(path: place.location.text, faults: faults))
    #expect(throws: refused) { try place.migrate(mapping: mapping) }
    try place.execute("ALTER TABLE users ADD COLUMN locale TEXT")
    try place.migrate(mapping: mapping)
    let store = try place.open(mapping: mapping)
    #expect(try store.usersTableFinding() == nil)
    try place.execute("ALTER TABLE users DROP COLUMN locale")
    #expect(try store.usersTableFinding() == .usersTable(faults))
    let found = try refusal { _ = try store.languages(of: [AccountID(rawValue: 1)]) }
    #expect(found == refused)
  }

  @Test func `what a missing column is needed for is refused`() throws {
    let site = try derived()
    let ann = try site.register("ann@example.org")
    let admin = RegctlError.store(.columnMissing(.admin, table: "users"))
    let date = RegctlError.store(.columnMissing(.registeredOn, table: "users"))
    #expect(throws: admin) { _ = try site.store.administrators() }
    #expect(throws: admin) { try site.store.setAdministrator(ann.id, true) }
    #expect(throws: admin) {
      _ = try CreateAdministrator.perform(
        EmailAddress("bob@example.org"), .unusable, in: site.store, at: site.now, by: Site.actor)
    }
    #expect(throws: date) {
      _ = try site.store.cohorts(by: .week, in: ReportInterval(), at: site.now)
    }
    #expect(throws: date) {
      _ = try site.store.pruneCandidates(
        after: .beginning, cutoff: site.now, limit: 10)
    }
    #expect(try site.store.accountCount() == 1)
  }

  @Test func `unconfirmed accounts without a date are listed by number`() throws {
    let site = try derived()
    for name in ["c", "a", "b"] { _ = try site.register("\(name)@example.org") }
    var filter = AccountFilter.unconfirmed
    let first = try site.store.accounts(after: nil, matching: filter, limit: 2)
    let rest = try site.store.accounts(after: first.last?.place, matching: filter, limit: 2)
    #expect((first + rest).map(\.email) == ["c@example.org", "a@example.org", "b@example.org"])
    filter.registeredBefore = site.now
    #expect(throws: RegctlError.store(.columnMissing(.registeredOn, table: "users"))) {
      _ = try site.store.accounts(after: nil, matching: filter, limit: 2)
    }
  }

  @Test func `a deleted account keeps its number, and the trigger names the table`() throws {
    let site = try renamed()
    let ann = try site.register("ann@example.org")
    try site.store.transaction { () throws(RegctlError) in
      try site.store.delete(ann.id, at: site.now)
    }
    let rows = try site.rows("SELECT mail FROM \"user\"")
    // A server gives no number again.
    #expect(rows == (site.place.server == nil ? ["deleted-1@invalid"] : []))
    #expect(try site.store.accountCount() == 0)
    #expect(try site.register("bob@example.org").id.rawValue > ann.id.rawValue)
    #expect(try site.store.objectFinding() == nil)
  }

  @Test func `a pruned account comes back as it was`() throws {
    let site = try renamed()
    let ann = try site.register("ann@example.org")
    let before = try site.rows(
      "SELECT mail || pw || created || CAST(boss AS INTEGER) || CAST(active AS INTEGER) FROM \"user\""
    )
    let run = try site.store.transaction { () throws(RegctlError) in
      let run = try site.store.beginPruneRun(cutoff: site.now, at: site.now, by: Site.actor)
      #expect(try site.store.archive([ann.id], run: run, at: site.now) == 1)
      return run
    }
    #expect(try site.store.accountCount() == 0)
    try site.store.transaction { () throws(RegctlError) in
      #expect(try site.store.restore(ann.id, of: run) == ann.id)
    }
    #expect(
      try site.rows(
        "SELECT mail || pw || created || CAST(boss AS INTEGER) || CAST(active AS INTEGER) FROM \"user\""
      ) == before)
  }

  @Test(.only(.postgresql, "the plan is in words of PostgreSQL"))
  func `both indexes serve the query that is read in place of the table`() throws {
    for site in [try renamed(), try derived()] {
      let database = try #require(site.place.server).connect()
      database.names = site.mapping.namesOnServer
      try database.execute("SET enable_seqscan = off")
      let plan = try database.rows(
        "EXPLAIN SELECT id FROM users WHERE confirmed = FALSE ORDER BY registered_on, id LIMIT 10"
      ) { $0.text(0) }
      #expect(plan.contains { $0.contains("regctl_users_unconfirmed") }, "\(plan)")
      let lookup = try database.rows(
        "EXPLAIN SELECT id FROM users u WHERE lower(u.email COLLATE \"C\") = 'a'"
      ) { $0.text(0) }
      #expect(lookup.contains { $0.contains("regctl_users_email") }, "\(lookup)")
    }
  }

  @Test(.only(.sqlite, "the plan is in words of SQLite"))
  func `both indexes serve the view`() throws {
    for site in [try renamed(), try derived()] {
      let plan = try site.store.rows(
        "EXPLAIN QUERY PLAN SELECT id FROM users WHERE confirmed = FALSE"
      ) { $0.text(3) }
      #expect(plan.contains { $0.contains("regctl_users_unconfirmed") }, "\(plan)")
      let lookup = try site.store.rows(
        "EXPLAIN QUERY PLAN SELECT id FROM users WHERE email = 'a' COLLATE NOCASE"
      ) { $0.text(3) }
      #expect(lookup.contains { $0.contains("regctl_users_email") }, "\(lookup)")
    }
  }

  @Test func `a migration with other names replaces what belongs to the old ones`() throws {
    let site = try renamed()
    #expect(throws: RegctlError.self) {
      _ = try site.place.open()
    }
    let again = try site.place.migrate(mapping: site.mapping, dryRun: true)
    #expect(again.isUpToDate)
  }

  @Test func `without settings the mapping is proposed`() throws {
    let place = try EmptyDatabase()
    try place.execute(
      Statement(
        sqlite: """
          CREATE TABLE "user" (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            password_hash VARCHAR NOT NULL, created_at DATETIME NOT NULL, verified BOOLEAN NOT NULL)
          """,
        postgreSQL: """
          CREATE TABLE "user" (id SERIAL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            password_hash VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL,
            verified BOOLEAN NOT NULL)
          """))
    var mapping = UsersMapping.original
    mapping.table = "user"
    try mapping.setColumns(
      "password=password_hash registered_on=created_at admin=none confirmed=verified "
        + "confirmed_on=none")
    let proposed = RegctlError.store(.mappingProposed(path: place.location.text, mapping))
    #expect(throws: proposed) { try place.migrate(dryRun: true) }
  }
}
