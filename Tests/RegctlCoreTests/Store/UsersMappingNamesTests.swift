import SQL
import Testing

@testable import RegctlCore

@Suite("UsersMapping+Names") struct UsersMappingNamesTests {
  @Test func `the original's names have no quotes, as in its definitions`() {
    let names = UsersMapping.original.names
    #expect(
      names.fill("{users} ({columns})")
        == "users (id, email, password, registered_on, admin, confirmed, confirmed_on)")
    #expect(names.fill("{parameters}") == "$1, $2, $3, $4, $5, $6, $7")
    #expect(names.fill("{confirmed} = FALSE") == "confirmed = FALSE")
  }

  @Test func `renamed columns are quoted`() {
    let mapping = UsersMapping(table: "user", renamed: [.password: "a \"b\"", .admin: "is_admin"])
    #expect(
      mapping.names.fill("{users}.{password}, {admin}") == #""user"."a ""b""", "is_admin""#)
  }

  @Test func `a column that is missing is not written, and read as a value`() {
    let names = UsersMapping(table: "users", renamed: [.admin: nil, .registeredOn: nil]).names
    #expect(names.fill("{columns}") == "id, email, password, confirmed, confirmed_on")
    #expect(names.fill("{parameters}") == "$1, $2, $3, $4, $5")
    #expect(names.fill("{admin}, {registered_on}") == "FALSE, ''")
  }

  @Test func `confirmed may be derived from the date`() {
    let mapping = UsersMapping(
      table: "users", renamed: [.confirmed: "verified_at", .confirmedOn: "verified_at"])
    #expect(mapping.confirmation == .date)
    #expect(
      mapping.names.fill("{columns}")
        == #"id, email, password, registered_on, admin, "verified_at""#)
    #expect(
      mapping.names.fill("{confirmed} = FALSE, {confirmed_on}")
        == #"("verified_at" IS NOT NULL) = FALSE, "verified_at""#)
  }

  @Test func `a table without a date of confirmation has only the flag`() {
    let mapping = UsersMapping(table: "users", renamed: [.confirmedOn: nil])
    #expect(mapping.confirmation == .flag)
    #expect(mapping.names.fill("{confirmed}, {confirmed_on}") == "confirmed, NULL")
  }

  @Test func `the index of unconfirmed accounts is partial where confirmed is a column`() {
    var mapping = UsersMapping.original
    #expect(
      mapping.names.fill("{unconfirmed}") == "(registered_on, id)\nWHERE confirmed = FALSE")
    mapping = UsersMapping(
      table: "users",
      renamed: [.confirmed: "confirmed_on", .registeredOn: nil])
    #expect(mapping.names.fill("{unconfirmed}") == "((confirmed_on IS NOT NULL), id)")
  }

  @Test func `the column of the language is quoted, and nothing where there is none`() throws {
    var mapping = UsersMapping.original
    #expect(mapping.names.fill("{language}, {users}") == "NULL, users")
    try mapping.setColumns("language=lang")
    for names in [mapping.names, mapping.namesOnServer] {
      #expect(names.fill("{language}, {users}") == "\"lang\", users")
    }
    #expect(mapping.namesOnServer.fill("SELECT 1 FROM users") == "SELECT 1 FROM users")
  }

  @Test func `columns are compared without case`() {
    let mapping = UsersMapping(table: "users", renamed: [.email: "Mail", .admin: nil])
    #expect(mapping.hasColumn("MAIL") && mapping.hasColumn("ID"))
    #expect(!mapping.hasColumn("email") && !mapping.hasColumn("admin"))
  }
}
