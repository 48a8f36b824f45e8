import PostgreSQL
import SQL
import SQLite
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Schema") struct SchemaTests {
  /// A column by its table and name.
  private struct Column: Hashable, CustomStringConvertible {
    let table: String
    let name: String
    let isRequired: Bool

    var description: String { "\(table).\(name)\(isRequired ? " required" : "")" }
  }

  private static func column(_ row: borrowing Row) -> Column {
    Column(table: row.text(0), name: row.text(1), isRequired: row.boolean(2))
  }

  @Test func `both engines have the same columns, but for the archive`() throws {
    let file = try SQLiteDatabase()
    file.names = UsersMapping.original.names
    for statement in [Schema.users] + Schema.objects.map(\.sql) { try file.execute(statement) }
    let onFile = try file.rows(
      Statement(
        sqlite: """
          SELECT t.name, c.name, c."notnull" OR c.pk > 0
          FROM sqlite_schema t, pragma_table_info(t.name) c
          WHERE t.type = 'table' AND t.name NOT LIKE 'regctl_archive%'
          """), transform: Self.column)
    let onServer = try PostgreSQLServer.shared().installed("columns").rows(
      """
      SELECT table_name, column_name, is_nullable = 'NO' FROM information_schema.columns
      WHERE table_schema IN ('public', 'regctl') AND table_name NOT LIKE '%_archive'
      """, transform: Self.column)
    #expect(onFile.count > 40)
    #expect(Set(onFile).symmetricDifference(onServer).map(\.description).sorted() == [])
  }

  @Test func `both engines have the same indexes and triggers`() throws {
    let database = try PostgreSQLServer.shared().installed("objects")
    let found = try database.rows(
      """
      SELECT indexname FROM pg_indexes WHERE schemaname IN ('public', 'regctl')
      UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
      """
    ) { $0.text(0) }
    let wanted = (Schema.objects + [Schema.uniqueEmail]).filter { $0.kind != .table }.map(\.name)
    #expect(Set(wanted).subtracting(found) == [])
  }

  @Test func `an account that any role deletes is forgotten on a server`() throws {
    let database = try PostgreSQLServer.shared().installed("deletion")
    try database.execute(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
        VALUES ('a@x.org', '!', '2026-01-01', FALSE, FALSE),
          ('b@x.org', '!', '2026-01-01', FALSE, FALSE);
      INSERT INTO regctl_accounts VALUES (1, 1, NULL), (2, 1, NULL);
      INSERT INTO regctl_outbox (account_id, email, purpose, template, state, queued_at, message_id)
        VALUES (1, 'a@x.org', 'confirm', 'confirm', 'queued', 1, 'm'),
          (2, 'b@x.org', 'confirm', 'confirm', 'sent', 1, 'n');
      INSERT INTO regctl_audit_accounts VALUES (1, 1, 1, NULL), (2, 1, 2, NULL);
      CREATE ROLE application;
      GRANT SELECT, DELETE ON users TO application;
      SET ROLE application;
      DELETE FROM users WHERE id = 1;
      RESET ROLE
      """)
    #expect(
      try database.rows("SELECT account_id FROM regctl_accounts") { $0.integer(0) } == [2])
    let mails = try database.rows(
      "SELECT account_id, state, last_reply FROM regctl_outbox ORDER BY id"
    ) { "\($0.integer(0)) \($0.text(1)) \($0.optionalText(2) ?? "-")" }
    #expect(mails == ["-1 cancelled the account was deleted", "2 sent -"])
    let acts = try database.rows(
      "SELECT account_id, deleted_email FROM regctl_audit_accounts ORDER BY subject_id"
    ) { "\($0.integer(0)) \($0.optionalText(1) ?? "-")" }
    #expect(acts == ["-1 a@x.org", "2 -"])
  }

  @Test func `one account exists for all spellings of ASCII case on a server`() throws {
    let database = try PostgreSQLServer.shared().installed("spellings")
    let add: Statement = """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ($1, '!', '2026-01-01', FALSE, FALSE)
      """
    try database.run(add, .text("ann@x.org"))
    try database.run(add, .text("\u{e9}@x.org"))
    // Only ASCII is folded.
    try database.run(add, .text("\u{c9}@x.org"))
    #expect(throws: DatabaseError.self) { try database.run(add, .text("ANN@x.org")) }
  }
}
