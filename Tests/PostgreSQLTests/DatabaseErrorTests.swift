import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("DatabaseError of PostgreSQL") struct DatabaseErrorTests {
  private let server: PostgreSQLServer
  private let database: PostgreSQLDatabase

  init() throws {
    server = try PostgreSQLServer.shared()
    database = try server.connect()
    try database.execute(
      "CREATE TEMP TABLE t (id int PRIMARY KEY, x text NOT NULL, y varchar(3) CHECK (y <> 'no'))")
  }

  private func error(_ statement: Statement, _ values: Value...) throws -> DatabaseError {
    try #require(
      throws: DatabaseError.self,
      performing: { _ = try database.step(statement, values) { _ in true } })
  }

  @Test func `a duplicate key names its table, and no value`() throws {
    try database.execute("INSERT INTO t VALUES (1, 'secret')")
    #expect(
      try error("INSERT INTO t VALUES ($1, $2)", .integer(1), .text("secret"))
        == .duplicate(
          table: "t", detail: "duplicate key value violates unique constraint \"t_pkey\""))
  }

  @Test func `other constraints forbid a change`() throws {
    #expect(
      try error("INSERT INTO t VALUES (1, NULL)")
        == .constraint(
          detail: "null value in column \"x\" of relation \"t\" violates not-null constraint"))
    #expect(
      try error("INSERT INTO t VALUES (1, 'x', 'no')")
        == .constraint(
          detail: "new row for relation \"t\" violates check constraint \"t_y_check\""))
    try database.execute("CREATE TEMP TABLE s (id int REFERENCES t)")
    #expect(
      try error("INSERT INTO s VALUES (5)")
        == .constraint(
          detail: """
            insert or update on table "s" violates foreign key constraint "s_id_fkey"
            """))
  }

  @Test func `a trigger's refusal is in its words`() throws {
    try database.execute(
      """
      CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''not on Sundays''; END';
      CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()
      """)
    #expect(
      try error("INSERT INTO t VALUES (1, 'x')") == .constraint(detail: "not on Sundays"))
  }

  @Test func `a value that does not fit is not repeated`() throws {
    #expect(
      try error("INSERT INTO t VALUES (1, 'x', $1)", .text("secret"))
        == .constraint(detail: "a text is too long for its column"))
    #expect(
      try error("INSERT INTO t VALUES ($1, 'x')", .integer(1 << 40))
        == .constraint(detail: "a number is out of the range of its column"))
    #expect(
      try error("SELECT timestamp '2026-01-01' < $1", .text("secret"))
        == .schemaChanged(detail: "a value does not fit the type of its column (22007)"))
    #expect(
      try error("INSERT INTO t (id) SELECT CAST($1 AS int)", .text("secret"))
        == .schemaChanged(detail: "a value does not fit the type of its column (22P02)"))
  }

  @Test(
    arguments: [
      ("SELECT * FROM nowhere", "relation \"nowhere\" does not exist"),
      ("SELECT z FROM t", "column \"z\" does not exist"),
      ("SELECT nothing(1)", "function nothing(integer) does not exist"),
      ("SELECT * FROM nowhere.t", "relation \"nowhere.t\" does not exist"),
      ("CREATE TABLE nowhere.t ()", "schema \"nowhere\" does not exist"),
      ("CREATE TEMP TABLE t ()", "relation \"t\" already exists"),
      (
        "INSERT INTO t VALUES (true)",
        "column \"id\" is of type integer but expression is of type boolean"
      ),
    ] as [(Statement, String)])
  func `another schema than expected is recognized`(_ statement: Statement, detail: String) throws {
    #expect(try error(statement) == .schemaChanged(detail: detail))
  }

  @Test func `invalid SQL is an error with its code`() throws {
    #expect(
      try error("SELEKT 1")
        == .unexpected(
          code: "SQLSTATE 42601", detail: "syntax error at or near \"SELEKT\""))
  }

  @Test func `a missing privilege is forbidden`() throws {
    let other = try server.connect(["user": "secretive"])
    #expect(
      throws: DatabaseError.forbidden(detail: "permission denied for table pg_authid")
    ) { try other.run("SELECT * FROM pg_authid") }
  }

  @Test func `a statement that an administrator cancels is busy`() throws {
    try database.execute("SET statement_timeout = 10")
    #expect(try error("SELECT pg_sleep(60)") == .busy)
  }

  @Test func `a change in a transaction that only reads is refused`() throws {
    try database.refuseChanges()
    #expect(
      try error("CREATE TABLE u ()")
        == .readOnly(
          .database, detail: "cannot execute CREATE TABLE in a read-only transaction"))
  }

  // What takes a full or a broken disk is raised with its code.
  @Test(
    arguments: [
      ("53100", .full), ("XX001", .corrupt(detail: "x")), ("XX002", .corrupt(detail: "x")),
      ("58030", .inputOutput(detail: "x")), ("53200", .inputOutput(detail: "x")),
      ("53300", .unavailable(detail: "x")), ("57P03", .unavailable(detail: "x")),
      ("08006", .unavailable(detail: "x")), ("40001", .conflict(detail: "x")),
      ("40P01", .conflict(detail: "x")), ("55P03", .busy), ("55006", .busy),
      ("28P01", .refused(detail: "x")), ("3F000", .schemaChanged(detail: "x")),
      ("XX000", .unexpected(code: "SQLSTATE XX000", detail: "x")),
      ("23505", .constraint(detail: "x")),
    ] as [(String, DatabaseError)])
  func `each code has its error`(_ state: String, expected: DatabaseError) throws {
    try database.execute(
      """
      CREATE FUNCTION pg_temp.fail(state text) RETURNS void LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = ''x''; END'
      """)
    #expect(try error("SELECT pg_temp.fail($1)", .text(state)) == expected)
    #expect(try database.first("SELECT 1") { $0.integer(0) } == 1)
  }
}
