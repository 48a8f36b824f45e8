import Testing

@testable import RegctlCore

@Suite("UsersMapping") struct UsersMappingTests {
  private func mapping(_ columns: String) throws(UsersMapping.Fault) -> UsersMapping {
    var mapping = UsersMapping.original
    try mapping.setColumns(columns)
    return mapping
  }

  @Test func `columns are named, left out or derived`() throws {
    let mapping = try mapping("password=password_hash  admin=none confirmed=confirmed_on")
    #expect(mapping.name(of: .password) == "password_hash")
    #expect(mapping.name(of: .admin) == nil)
    #expect(mapping.name(of: .email) == "email")
    #expect(mapping.confirmation == .date)
    #expect(mapping.written == [.id, .email, .password, .registeredOn, .confirmedOn])
  }

  @Test func `a derived column follows the name of the date, in either order`() throws {
    for columns in [
      "confirmed=confirmed_on confirmed_on=verified_at",
      "confirmed_on=verified_at confirmed=confirmed_on",
      "confirmed=verified_at confirmed_on=verified_at",
    ] {
      let mapping = try mapping(columns)
      #expect(mapping.name(of: .confirmed) == "verified_at")
      #expect(mapping.confirmation == .date)
    }
  }

  @Test func `the columns in the original's names are the original`() throws {
    #expect(try mapping("id=id admin=admin").written == UsersMapping.original.written)
    #expect(try mapping("").isOriginal)
  }

  @Test func `the language is in a column that stays the application's own`() throws {
    let mapping = try mapping("language=locale")
    #expect(mapping.language == "locale")
    #expect(mapping.isOriginal && mapping != .original)
    #expect(mapping.written == UsersMapping.original.written)
    #expect(!mapping.hasColumn("locale"))
    #expect(mapping.settings.map { $0.value } == ["language=locale"])
    #expect(try self.mapping("language=none") == .original)
    #expect(try self.mapping("language=email email=mail").language == "email")
  }

  @Test(arguments: [
    ("password", UsersMapping.Fault.malformed("password")),
    ("password=", .malformed("password=")),
    ("pasword=x", .unknownColumn("pasword", suggestion: "password")),
    ("admin=a admin=b", .repeated("admin")),
    ("email=none", .required(.email)),
    ("confirmed=none", .required(.confirmed)),
    ("confirmed=confirmed_on confirmed_on=none", .required(.confirmed)),
    ("password=EMAIL", .sameName(.email, .password)),
    ("registered_on=confirmed_on", .sameName(.registeredOn, .confirmedOn)),
    ("languag=locale", .unknownColumn("languag", suggestion: "language")),
    ("language=a language=none", .repeated("language")),
    ("language=Email", .languageIn(.email)),
    ("email=mail language=mail", .languageIn(.email)),
    ("language=confirmed_on confirmed=confirmed_on", .languageIn(.confirmed)),
  ])
  func `what cannot be so is refused`(_ columns: String, _ fault: UsersMapping.Fault) {
    #expect(throws: fault) { try mapping(columns) }
  }

  @Test func `its settings make it again`() throws {
    var mapping = try mapping(
      "language=lang password=pw admin=none confirmed=confirmed_on confirmed_on=at")
    mapping.table = "user"
    #expect(
      mapping.settings.map { "\($0.key) = \($0.value)" } == [
        "users_table = user",
        "users_columns = password=pw admin=none confirmed=confirmed_on confirmed_on=at "
          + "language=lang",
      ])
    let loaded = try ConfigurationLoader.load(
      Dictionary(mapping.settings.map { ($0.key, $0.value) }) { $1 }.merging(["db": "x"]) { $1 })
    #expect(loaded.users == mapping)
    #expect(UsersMapping.original.settings.isEmpty)
  }
}
