import Foundation
import PostgreSQL
import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Statement") struct StatementTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../..").standardizedFileURL

  private static let all = SourceStatement.ofStore

  @Test func `the statements are found`() {
    #expect(Self.all.count > 100)
    #expect(Self.all.contains { $0.words.contains("FROM regctl_outbox") })
  }

  @Test func `parameters are numbered as they first appear`() {
    let wrong = Self.all.filter { statement in
      var seen: [Int] = []
      for match in statement.words.matches(of: /\$(\d+)/) {
        guard let number = Int(match.output.1) else { return true }
        if !seen.contains(number) { seen.append(number) }
      }
      return seen != Array(1..<(seen.count + 1)) || statement.words.contains("?")
    }
    #expect(wrong.map(\.testDescription) == [])
  }

  @Test func `the statements for SQLite alone are those that PostgreSQL rejects`() throws {
    let database = try PostgreSQLServer.shared().installed("statements")
    try database.execute(
      """
      CREATE TABLE regctl_owned (account_id BIGINT, email TEXT, registered_at BIGINT,
        PRIMARY KEY (account_id, email));
      CREATE FUNCTION pg_temp.check_statement(statement text) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        EXECUTE 'PREPARE checked AS ' || statement;
        DEALLOCATE checked;
      END $$
      """)
    var wrong: [String] = []
    // PostgreSQL finds a negative limit only when it runs the statement.
    for statement in Self.all where !statement.words.contains("LIMIT -1") || !statement.isMarked {
      var reason: String?
      do throws(DatabaseError) {
        try database.run(
          "SELECT pg_temp.check_statement($1)", .text(database.names.fill(statement.sql)))
      } catch {
        reason = "\(error)"
      }
      if statement.isMarked == (reason == nil) {
        wrong.append("\(statement): \(reason ?? "valid")")
      }
    }
    #expect(wrong == [])
  }

  @Test func `the table is named by its placeholder where reads go past the view`() {
    let wrong = Self.all.filter { statement in
      statement.words.firstMatch(of: /^(?:INSERT INTO|UPDATE|DELETE FROM)\s+users\b/) != nil
        || statement.words.contains("main.") && !statement.isMarked
    }
    #expect(wrong.map(\.testDescription) == [])
  }

  @Test func `keywords with a portable alternative are not used`() {
    let pattern =
      /INSERT OR|UPDATE OR|ifnull|CROSS JOIN \w+( \w+)? ON|(?:confirmed|admin|possible_duplicate) (?:=|<>) \d/
    let wrong = Self.all.filter { $0.words.firstMatch(of: pattern) != nil }
    #expect(wrong.map(\.testDescription) == [])
  }

  @Test func `the statements of SQLite alone are counted in CONTRIBUTING`() throws {
    let text = try String(
      contentsOf: Self.root.appending(path: "CONTRIBUTING.md"), encoding: .utf8)
    let match = try #require(text.firstMatch(of: /(\d+) of them have words for SQLite alone/))
    #expect(Int(match.output.1) == Self.all.count { $0.isMarked })
  }

  @Test func `each kind of statement is recognised`() {
    let found = SourceStatement.all(
      in: "x",
      """
      try first("SELECT 1") // "SELECT 2"
      try run(
        Statement(
          sqlite: \"""
            DELETE FROM t WHERE x GLOB '$9'
            \"""), .null)
      var sql = SQLText("SELECT 3")
      let word = "no statement"
      """)
    #expect(found.map(\.isMarked) == [false, true])
    #expect(found.last?.words.contains("$9") == false)
  }
}
