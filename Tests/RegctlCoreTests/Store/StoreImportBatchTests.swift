import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+ImportBatch") struct StoreImportBatchTests {
  private let site: Site

  init() throws { site = try Site() }

  private func account(
    _ email: String, id: Int64? = nil, values: ColumnValue...
  ) -> ImportedAccount {
    var account = ImportedAccount(
      id: id.map(AccountID.init(rawValue:)), email: email, passwordHash: .unusable,
      registeredOn: .moment(site.now), isAdmin: false, isConfirmed: false, confirmedOn: nil)
    account.columns = values.enumerated().map { .init(position: $0.offset, value: $0.element) }
    return account
  }

  private func add(
    _ accounts: [ImportedAccount], addressesAreUnique: Bool = true
  ) throws -> [Store.ImportDecision] {
    try site.store.transaction { () throws(RegctlError) in
      try site.store.add(
        accounts, site.store.applicationColumns(), addressesAreUnique: addressesAreUnique,
        at: site.now)
    }
  }

  private func imported(_ number: Int64) -> Store.ImportDecision {
    .imported(AccountID(rawValue: number))
  }

  private func emails() throws -> [String] {
    try site.store.rows("SELECT email FROM users ORDER BY id") { $0.text(0) }
  }

  @Test(arguments: [true, false])
  func `each account gets its result, in order`(_ addressesAreUnique: Bool) throws {
    let accounts = [
      account("ann@x.org"), account("bob@x.org"), account("ANN@x.org"), account("ann@x.org"),
      account("eve@x.org", id: 9), account("kim@x.org"), account("lea@x.org", id: 9),
      account("mia@bücher.example"), account("mia@xn--bcher-kva.example"), account("zoe@x.org"),
    ]
    #expect(
      try add(accounts, addressesAreUnique: addressesAreUnique) == [
        imported(1), imported(2), .registered(email: "ann@x.org"), .unchanged, imported(9),
        imported(10), .numberTaken(AccountID(rawValue: 9), by: "eve@x.org"), imported(11),
        .registered(email: "mia@bücher.example"), imported(12),
      ])
    #expect(
      try add(accounts, addressesAreUnique: addressesAreUnique).contains(imported(13)) == false)
  }

  @Test func `none are added by none`() throws {
    #expect(try add([]) == [])
  }

  @Test(.only(.postgresql, "a file has no sequence"))
  func `accounts that are there use up no numbers`() throws {
    let accounts = (1...50).map { account("a\($0)@x.org") }
    #expect(try add(accounts) == (1...50).map(imported))
    #expect(try add(accounts).allSatisfy { $0 == .unchanged })
    #expect(try site.register("zoe@x.org").id == AccountID(rawValue: 51))
  }

  @Test(.only(.postgresql, "a file has no rights"))
  func `numbers behind those of a file need a right on the sequence`() throws {
    try site.store.execute(
      Statement(
        postgreSQL: """
          DO $do$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'importer')
            THEN CREATE ROLE importer LOGIN; END IF;
          END $do$;
          GRANT USAGE ON SCHEMA regctl TO importer;
          GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA regctl TO importer;
          GRANT SELECT, INSERT ON users TO importer;
          GRANT USAGE ON SEQUENCE users_id_seq TO importer
          """))
    let database = try #require(site.database)
    let store = try Store.open(
      DatabaseLocation(database.address(for: "importer")), for: .writing, busyTimeout: .zero)
    func add(_ account: ImportedAccount) throws -> [Store.ImportDecision] {
      try store.transaction { () throws(RegctlError) in
        try store.add(
          [account], store.applicationColumns(), addressesAreUnique: true, at: site.now)
      }
    }
    #expect(try add(account("ann@x.org")) == [imported(1)])
    #expect(
      throws: RegctlError.store(.forbidden(detail: "permission denied for sequence users_id_seq"))
    ) {
      try add(account("bob@x.org", id: 7))
    }
    #expect(try emails() == ["ann@x.org"])
    try site.store.execute(
      Statement(postgreSQL: "GRANT UPDATE ON SEQUENCE users_id_seq TO importer"))
    #expect(try add(account("bob@x.org", id: 7)) == [imported(7)])
    #expect(try site.register("eve@x.org").id == AccountID(rawValue: 8))
  }

  // MARK: Refused values

  /// Adds columns that take few values; the site is on a server.
  private func addColumns() throws {
    try site.store.execute(
      Statement(
        postgreSQL: """
          ALTER TABLE users DROP COLUMN password_reset_token,
            ADD COLUMN code VARCHAR(4) CHECK (code <> 'no'), ADD COLUMN score SMALLINT UNIQUE,
            ADD COLUMN prefs JSONB, ADD COLUMN born DATE
          """))
  }

  @Test(.only(.postgresql, "a file takes any values"))
  func `each account that the table refuses is refused alone`() throws {
    try addColumns()
    let bad: [Int: ColumnValue] = [
      3: .text("no"), 17: .text("too long"), 18: .malformedText([0xff]), 30: .text("a\0b"),
    ]
    let accounts = (1...40).map { account("a\($0)@x.org", values: bad[$0] ?? .text("ok")) }
    let decisions = try add(accounts)
    let refused = zip(1..., decisions).filter { pair in
      if case .constraint = pair.1 { true } else { false }
    }
    #expect(refused.map(\.0) == bad.keys.sorted())
    #expect(decisions[16] == .constraint("a text is too long for its column"))
    #expect(decisions[17] == .constraint("a text is not valid UTF-8"))
    #expect(
      try emails() == accounts.indices.filter { bad[$0 + 1] == nil }.map { "a\($0 + 1)@x.org" })
  }

  @Test(
    .only(.postgresql, "a file takes any values"),
    arguments: [
      [.null, .integer(40_000)], [.null, .text("many")], [.null, .real(1.5)],
      [.null, .null, .text("[1,")], [.null, .null, .null, .text("2026-02-30")],
    ] as [[ColumnValue]])
  func `a value that does not fit the type of its column is refused`(_ values: [ColumnValue]) throws
  {
    try addColumns()
    var wrong = account("ann@x.org")
    wrong.columns = values.enumerated().map { .init(position: $0.offset, value: $0.element) }
    // The address is taken by another account, or free.
    for _ in 1...2 {
      let decisions = try add([wrong, account("bob@x.org")])
      guard case .constraint = decisions[0] else {
        Issue.record("\(decisions)")
        return
      }
      #expect(try !emails().contains("ann@x.org"))
    }
    #expect(try emails() == ["bob@x.org"])
    _ = try add([account("ann@x.org")])
    guard case .constraint = try add([wrong]).first else {
      Issue.record("not refused")
      return
    }
  }

  @Test(.only(.postgresql, "in a file the value is found by its column"))
  func `a value that another account has is refused, and named by its constraint`() throws {
    try addColumns()
    let decisions = try add([
      account("ann@x.org", values: .null, .integer(5)),
      account("bob@x.org", values: .null, .integer(5)),
      account("eve@x.org", values: .null, .real(6)),
    ])
    #expect(
      decisions.dropLast() == [
        imported(1),
        .constraint("duplicate key value violates unique constraint \"users_score_key\""),
      ])
    #expect(try emails() == ["ann@x.org", "eve@x.org"])
  }

  @Test(.only(.postgresql, "a file has no such limit"))
  func `a number beyond the column's is refused`() throws {
    let decisions = try add([account("ann@x.org", id: 1 << 40), account("bob@x.org", id: 7)])
    #expect(decisions == [.constraint("a number is out of the range of its column"), imported(7)])
  }
}
