import SQL
import SQLite
import TestSupport
import Testing

@Suite("Names") struct NamesTests {
  private let names = Names(["users": "\"user\"", "id": "id"])

  @Test func `placeholders are replaced, at either end too`() {
    #expect(
      names.fill("{id} FROM main.{users} WHERE {id} = 1 OR {users}") == """
        id FROM main."user" WHERE id = 1 OR "user"
        """)
    #expect(names.fill("{users}") == "\"user\"")
  }

  @Test func `text without placeholders stays as it is`() {
    #expect(names.fill("SELECT '}'") == "SELECT '}'")
    #expect(names.fill("") == "")
  }

  @Test func `a table of the schema is read by a query too`() {
    let names = Names(["table": "users"], schema: "regctl")
      .reading(["regctl_a": "(SELECT * FROM regctl_a m)"])
    #expect(
      names.fill("SELECT regctl_a.id FROM regctl_a WHERE regctl_a.id = 1") == """
        SELECT regctl_a.id FROM (SELECT * FROM regctl.regctl_a m) "regctl_a" WHERE regctl_a.id = 1
        """)
  }

  @Test(arguments: [
    ("SELECT id FROM users WHERE users.id = 1", #"SELECT id FROM (Q) "users" WHERE users.id = 1"#),
    ("FROM users u\nJOIN users v ON TRUE", "FROM (Q) u\nJOIN (Q) v ON TRUE"),
    ("FROM (SELECT 1 FROM users) x", #"FROM (SELECT 1 FROM (Q) "users") x"#),
    ("SELECT 1 FROM users", #"SELECT 1 FROM (Q) "users""#),
    ("FROM users\nORDER BY 1", "FROM (Q) \"users\"\nORDER BY 1"),
    (
      "FROM regctl_x, 'FROM users', \"FROM users\"",
      "FROM regctl.regctl_x, 'FROM users', \"FROM users\""
    ),
    ("UPDATE {table} SET users = 1", "UPDATE users SET users = 1"),
    ("SELECT $n${table}$n$", "SELECT $n$users$n$"),
  ])
  func `a query is read in place of a table`(_ text: String, filled: String) {
    let names = Names(["table": "users"], schema: "regctl", queries: ["users": "(Q)"])
    #expect(names.fill(text) == filled)
    #expect(names.adding(["role": "r"]).fill(text) == filled)
  }

  @Test func `further names replace the former`() {
    let further = names.adding(["role": "\"regctl_x\"", "id": "uid"])
    #expect(further.fill("{role} {id} {users}") == "\"regctl_x\" uid \"user\"")
  }

  @Test func `the tables of a schema are qualified`() {
    let names = Names(["users": "users"], schema: "regctl")
    #expect(
      names.fill("SELECT regctl_audit.id, 'regctl_a' FROM regctl_audit, {users}") == """
        SELECT regctl_audit.id, 'regctl_a' FROM regctl.regctl_audit, users
        """)
    #expect(
      names.fill("regctl.regctl_a my_regctl_b \"regctl_c\" regctl") == """
        regctl.regctl_a my_regctl_b "regctl_c" regctl
        """)
  }

  @Test func `a quote in an identifier is doubled`() {
    #expect(Names.quoted("my \"own\" users") == "\"my \"\"own\"\" users\"")
  }

  @Test func `statements are prepared with the names, and names in braces are left alone`() throws {
    let connection = try SQLiteDatabase()
    connection.names = Names(["users": Names.quoted("{t}"), "id": "number"])
    try connection.execute("CREATE TABLE {users} ({id} INTEGER)")
    #expect(
      try connection.step("INSERT INTO {users} ({id}) VALUES ($1)", [.integer(7)]) { _ in true }
        == 1)
    var text = SQLText("SELECT {id}, ")
    text.append(literal: "{id}")
    text.append(" FROM {users}")
    var found: [String] = []
    try connection.step(text, []) { row in
      found.append("\(row.integer(0)) \(row.text(1))")
      return true
    }
    #expect(found == ["7 {id}"])
  }
}
