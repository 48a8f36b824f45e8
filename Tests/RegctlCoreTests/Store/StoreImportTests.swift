import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Import") struct StoreImportTests {
  private let site: Site

  init() throws { site = try Site() }

  private func account(
    _ email: String, id: Int64? = nil, registeredOn: String? = "2026-01-01 00:00:00",
    isAdmin: Bool = false, isConfirmed: Bool = false, confirmedOn: String? = nil
  ) -> ImportedAccount {
    ImportedAccount(
      id: id.map(AccountID.init(rawValue:)), email: email, passwordHash: .unusable,
      registeredOn: registeredOn.flatMap(ImportedDate.init), isAdmin: isAdmin,
      isConfirmed: isConfirmed, confirmedOn: confirmedOn.flatMap(ImportedDate.init))
  }

  private func add(
    _ account: ImportedAccount, addressesAreUnique: Bool = true, to store: Store? = nil
  ) throws -> Store.ImportDecision {
    let store = store ?? site.store
    let decisions = try store.transaction { () throws(RegctlError) in
      try store.add(
        [account], store.applicationColumns(), addressesAreUnique: addressesAreUnique, at: site.now)
    }
    return try #require(decisions.first)
  }

  private func rows() throws -> [String] {
    try site.store.rows(
      """
      SELECT id, email,
        CASE WHEN password IN (SELECT hash FROM regctl_no_password) THEN '!' ELSE password END,
        registered_on, admin, confirmed, confirmed_on
      FROM users ORDER BY id
      """
    ) { row in
      (0..<7).map { row.optionalText($0) ?? "NULL" }.joined(separator: "|")
    }
  }

  @Test func `an account is stored to the letter`() throws {
    #expect(
      try add(
        account(
          "Ann@Example.org", id: 7, isAdmin: true, isConfirmed: true, confirmedOn: "2026-01-02"))
        == .imported(AccountID(rawValue: 7)))
    // A server stores a time, and not its text.
    #expect(
      try rows()
        == (TestEngine.current == .sqlite
          ? ["7|Ann@Example.org|!|2026-01-01 00:00:00|1|1|2026-01-02"]
          : ["7|Ann@Example.org|!|2026-01-01 00:00:00.000000|1|1|2026-01-02 00:00:00.000000"]))
  }

  @Test func `without a number or date the next number and the moment are taken`() throws {
    _ = try add(account("ann@example.org", id: 7))
    #expect(
      try add(account("bob@example.org", registeredOn: nil)) == .imported(AccountID(rawValue: 8)))
    #expect(try rows().last == "8|bob@example.org|!|2026-11-23 09:00:00.000000|0|0|NULL")
  }

  @Test(arguments: [true, false])
  func `the same account again is unchanged`(_ addressesAreUnique: Bool) throws {
    let ann = account("ann@example.org")
    _ = try add(ann, addressesAreUnique: addressesAreUnique)
    #expect(try add(ann, addressesAreUnique: addressesAreUnique) == .unchanged)
    #expect(try rows().count == 1)
  }

  @Test func `a date that the file leaves out does not differ`() throws {
    _ = try add(account("ann@example.org"))
    #expect(try add(account("ann@example.org", registeredOn: nil)) == .unchanged)
  }

  @Test(arguments: [true, false])
  func `an address of a different account is already registered`(_ addressesAreUnique: Bool) throws
  {
    _ = try add(account("ann@example.org", id: 1))
    let before = try rows()
    for other in [
      account("ANN@example.org"), account("ann@example.org", id: 2),
      account("ann@example.org", registeredOn: "2026-01-02"),
      account("ann@example.org", isAdmin: true),
      account("ann@example.org", isConfirmed: true),
      account("ann@example.org", confirmedOn: "2026-01-02"),
    ] {
      #expect(
        try add(other, addressesAreUnique: addressesAreUnique)
          == .registered(email: "ann@example.org"))
    }
    #expect(try rows() == before)
  }

  @Test func `a number of another account is taken`() throws {
    _ = try add(account("ann@example.org", id: 7))
    #expect(
      try add(account("bob@example.org", id: 7))
        == .numberTaken(AccountID(rawValue: 7), by: "ann@example.org"))
    #expect(try rows().count == 1)
  }

  @Test func `where the table has several spellings, the same one is unchanged`() throws {
    let site = try Site(
      adopting: """
        INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ('ann@example.org', '!', '2026-01-01 00:00:00', FALSE, FALSE),
          ('Ann@example.org', '!', '2026-01-01 00:00:00', FALSE, FALSE)
        """)
    #expect(
      try add(account("Ann@example.org"), addressesAreUnique: false, to: site.store) == .unchanged)
    #expect(
      try add(account("ANN@example.org"), addressesAreUnique: false, to: site.store)
        != .unchanged)
  }

  @Test func `an import decision does not import`() throws {
    let columns = try site.store.applicationColumns()
    #expect(try site.store.importDecision(of: account("ann@example.org"), columns) == nil)
    #expect(try rows() == [])
  }

  /// A trigger that lets nobody in whose address begins with `guest`: with an error, or silently.
  private func refuseGuests(silently: Bool) throws {
    try site.store.execute(
      silently
        ? Statement(
          sqlite: """
            CREATE TRIGGER no_guests BEFORE INSERT ON users WHEN new.email LIKE 'guest%'
            BEGIN SELECT RAISE(IGNORE); END
            """,
          postgreSQL: """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER no_guests BEFORE INSERT ON users
            FOR EACH ROW WHEN (new.email LIKE 'guest%') EXECUTE FUNCTION refuse()
            """)
        : Statement(
          sqlite: """
            CREATE TRIGGER no_guests BEFORE INSERT ON users WHEN new.email LIKE 'guest%'
            BEGIN SELECT RAISE(ABORT, 'no guests'); END
            """,
          postgreSQL: """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE 'no guests'; END $$;
            CREATE TRIGGER no_guests BEFORE INSERT ON users
            FOR EACH ROW WHEN (new.email LIKE 'guest%') EXECUTE FUNCTION refuse()
            """))
  }

  @Test(.only(.sqlite, "on a server a constraint refuses a line, not the import"))
  func `an application's own constraint is reported in its words`() throws {
    try refuseGuests(silently: false)
    #expect(throws: RegctlError.store(.constraint(detail: "no guests"))) {
      try add(account("guest@example.org"))
    }
  }

  @Test(.only(.postgresql, "in a file a constraint ends the import"))
  func `an application's own constraint refuses an account in its words`() throws {
    try refuseGuests(silently: false)
    #expect(try add(account("guest@example.org")) == .constraint("no guests"))
  }

  @Test func `an account that a trigger ignores is an error`() throws {
    try refuseGuests(silently: true)
    #expect(throws: RegctlError.store(.ignored(table: "users", triggers: ["no_guests"]))) {
      try add(account("guest@example.org"))
    }
  }

  @Test func `missing accounts are an error`() throws {
    let ann = try site.register("ann@example.org").id
    try site.store.requireAccounts([ann])
    try site.store.requireAccounts([])
    #expect(throws: RegctlError.store(.ignored(table: "users", triggers: []))) {
      try site.store.requireAccounts([ann, AccountID(rawValue: 9)])
    }
  }

  @Test func `the greatest number is 0 in an empty table`() throws {
    #expect(try site.store.greatestNumber() == 0)
    _ = try add(account("ann@example.org", id: 41))
    _ = try add(account("bob@example.org", id: 7))
    #expect(try site.store.greatestNumber() == 41)
  }
}
