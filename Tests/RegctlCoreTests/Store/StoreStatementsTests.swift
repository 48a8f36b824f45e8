import Glibc
import PostgreSQL
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Statements") struct StoreStatementsTests {
  private let site: Site

  init() throws {
    site = try Site()
    try site.store.execute("CREATE TABLE t (x INTEGER)")
  }

  private func insert(failing: Bool = false) throws(RegctlError) {
    try site.store.transaction { () throws(RegctlError) in
      try site.store.run("INSERT INTO t VALUES (1)")
      if failing { throw .account(.notFound("x")) }
    }
  }

  private func count() throws -> Int64? {
    try site.open(for: .reading).first("SELECT count(*) FROM t") { $0.integer(0) }
  }

  // MARK: Transactions

  @Test func `a body that returns is committed`() throws {
    try insert()
    #expect(try count() == 1)
  }

  @Test func `a body that throws is rolled back`() throws {
    #expect(throws: RegctlError.account(.notFound("x"))) { try insert(failing: true) }
    #expect(try count() == 0)
    try insert()
    #expect(try count() == 1)
  }

  @Test func `a body that runs twice takes effect once, with the result of the second run`() throws
  {
    var runs = 0
    let result = try site.store.transaction { () throws(RegctlError) in
      runs += 1
      try site.store.run("INSERT INTO t VALUES (1)")
      return runs
    }
    #expect(result == 2)
    #expect(try count() == 1)
  }

  @Test func `what a transaction announces is told once, before it takes effect`() throws {
    var counts: [Int64?] = []
    func announce() throws(RegctlError) { counts.append(try? count()) }
    try site.store.transaction(announcing: announce) { () throws(RegctlError) in
      _ = try site.store.run("INSERT INTO t VALUES (1)")
    }
    #expect(counts == [0])
    #expect(try count() == 1)
  }

  @Test func `what cannot be announced is rolled back`() throws {
    let lost = RegctlError.announcement(
      FileError(operation: "write", path: "standard output", code: EPIPE))
    func announce() throws(RegctlError) { throw lost }
    #expect(throws: lost) {
      try site.store.transaction(announcing: announce) { () throws(RegctlError) in
        _ = try site.store.run("INSERT INTO t VALUES (1)")
      }
    }
    #expect(try count() == 0)
    try insert()
  }

  @Test(.only(.postgresql, "a file has one writer"))
  func `a body runs again when another program has just written the same row`() throws {
    try site.store.execute("CREATE UNIQUE INDEX t_x ON t (x)")
    let (store, other) = (try site.open(for: .writing), try site.open(for: .writing))
    var runs = 0
    let isFirst = try store.transaction { () throws(RegctlError) in
      runs += 1
      if try store.first("SELECT x FROM t", transform: { $0.integer(0) }) != nil { return false }
      try other.run("INSERT INTO t VALUES (1)")
      try store.run("INSERT INTO t VALUES (1)")
      return true
    }
    #expect((isFirst, runs) == (false, 2))
  }

  @Test func `a transaction takes the lock at once`() throws {
    let other = try site.open(for: .writing)
    try other.database.begin()
    #expect(throws: RegctlError.store(.busy)) { try insert() }
    other.database.rollBack()
  }

  @Test func `a commit that fails is rolled back`() throws {
    try site.store.execute(
      """
      CREATE TABLE parent (id INTEGER PRIMARY KEY);
      CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)
      """)
    let error = try refusal {
      try site.store.transaction { () throws(RegctlError) in
        _ = try site.store.run("INSERT INTO child VALUES (1)")
      }
    }
    let detail = TestEngine.choose(
      sqlite: "FOREIGN KEY constraint failed",
      postgresql:
        #"insert or update on table "child" violates foreign key constraint "child_id_fkey""#)
    #expect(error == .store(.constraint(detail: detail)))
    try insert()
  }

  // MARK: Statements

  @Test func `an inserted row has an ID`() throws {
    try site.store.execute(
      Statement(
        sqlite: "CREATE TABLE n (id INTEGER PRIMARY KEY, x INTEGER)",
        postgreSQL: "CREATE TABLE n (id SERIAL PRIMARY KEY, x INTEGER)"))
    let sql: Statement = "INSERT INTO n (x) VALUES (0) RETURNING id"
    #expect(try site.store.insert(into: "n", sql) == 1)
    #expect(try site.store.insert(into: "n", sql) == 2)
  }

  @Test func `a trigger that ignores a change is named`() throws {
    try site.store.execute(
      Statement(
        sqlite: "CREATE TRIGGER quiet BEFORE INSERT ON t BEGIN SELECT raise(IGNORE); END",
        postgreSQL: """
          CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
          CREATE TRIGGER quiet BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION quiet()
          """))
    let ignored = RegctlError.store(.ignored(table: "t", triggers: ["quiet"]))
    #expect(throws: ignored) {
      try site.store.changeOne(of: "t", "INSERT INTO t VALUES (1)")
    }
    #expect(throws: ignored) {
      try site.store.insert(into: "t", "INSERT INTO t VALUES (1) RETURNING x")
    }
  }

  @Test func `changing more than one row is an error`() throws {
    #expect(try site.store.run("INSERT INTO t VALUES (1), (2)") == 2)
    #expect(throws: RegctlError.store(.ignored(table: "t", triggers: []))) {
      try site.store.changeOne(of: "t", "DELETE FROM t")
    }
  }

  @Test func `invalid rows are distinguished from valid ones`() throws {
    let sql = Statement(
      sqlite: "SELECT value FROM json_each('[1,null,3,\"x\"]')",
      postgreSQL: "SELECT value FROM (VALUES (1), (NULL), (3)) AS v (value)")
    let rows = try site.store.readableRows(sql) { $0.integer(0) }
    // A column of a server has one type.
    let isUntyped = TestEngine.current == .sqlite
    #expect(rows.map { try? $0.get() } == (isUntyped ? [1, nil, 3, nil] : [1, nil, 3]))
    var faults: [MalformedValue.Fault] = []
    try site.store.forEachMalformedRow(
      sql, reading: { _ = $0.integer(0) }, body: { faults.append($0.fault) })
    #expect(
      faults == (isUntyped ? [.null, .type(found: .text, expected: .integer)] : [.null]))
  }
}
