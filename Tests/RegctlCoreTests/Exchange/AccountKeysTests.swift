import Testing

@testable import RegctlCore

@Suite("AccountKeys") struct AccountKeysTests {
  private static let names = ["nick", "schema", "column.x", "e\u{301}", "\u{e9}", "none"]

  private func keys(_ renamings: String...) -> AccountKeys {
    AccountKeys(
      columns: Self.names.map {
        ApplicationColumn(name: $0, conversion: .text, isNullable: true, hasDefault: false)
      }, renamings: renamings.compactMap(AccountKeys.Renaming.init))
  }

  @Test(arguments: [
    ("email", AccountKeys.Meaning.field(.email)), ("schema", .field(.schema)),
    ("nick", .column(0)), ("column.nick", .column(0)), ("column.schema", .column(1)),
    ("column.column.x", .column(2)), ("e\u{301}", .column(3)), ("\u{e9}", .column(4)),
    ("none", .column(5)),
  ])
  func `a key is a field or a column`(_ key: String, meaning: AccountKeys.Meaning) {
    #expect(keys().meaning(of: key) == meaning)
  }

  @Test func `the language is a field, unless a column has its name`() {
    #expect(keys().meaning(of: "language") == .field(.language))
    #expect(AccountKeys().meaning(of: "language") == .field(.language))
    #expect(keys("locale=language").meaning(of: "locale") == .field(.language))
    let own = ApplicationColumn(
      name: "language", conversion: .text, isNullable: true, hasDefault: false)
    let keys = AccountKeys(
      columns: [own], renamings: ["locale=language"].compactMap(AccountKeys.Renaming.init))
    #expect(own.key == "language")
    for key in ["language", "column.language", "locale"] {
      #expect(keys.meaning(of: key) == .column(0))
    }
  }

  @Test(arguments: ["Nick", "x", "column.x", "column.", "column.email", "", "nick "])
  func `any other key means nothing`(_ key: String) {
    #expect(keys().meaning(of: key) == nil)
  }

  @Test func `each column has a key that means it`() {
    let keys = keys()
    #expect(
      keys.names.suffix(6)
        == ["nick", "column.schema", "column.column.x", "e\u{301}", "\u{e9}", "none"])
    for (position, key) in keys.names.suffix(6).enumerated() {
      #expect(keys.meaning(of: key) == .column(position))
    }
  }

  @Test func `a renamed key means another`() {
    let keys = keys("mail=email", "nick=none", "user=nick", "x=column.none", "email=column.schema")
    #expect(keys.meaning(of: "mail") == .field(.email))
    #expect(keys.meaning(of: "nick") == .ignored)
    #expect(keys.meaning(of: "user") == .column(0))
    #expect(keys.meaning(of: "x") == .column(5))
    #expect(keys.meaning(of: "email") == .column(1))
    #expect(keys.unknownRenaming == nil)
  }

  @Test func `a renaming to a column that is not there is found`() {
    #expect(keys("a=nick", "b=nock").unknownRenaming == AccountKeys.Renaming("b=nock"))
    #expect(keys().suggestion(for: "nock") == "nick")
  }

  @Test(arguments: [
    ("a=b", "a", "b"), ("a=none", "a", nil), ("a=b=c", "a", "b=c"), ("a b=c d", "a b", "c d"),
  ])
  func `a renaming is two names`(_ text: String, key: String, name: String?) throws {
    let renaming = try #require(AccountKeys.Renaming(text))
    #expect((renaming.key, renaming.name) == (key, name))
  }

  @Test(arguments: ["", "=", "a", "a=", "=b"])
  func `text without two names is not a renaming`(_ text: String) {
    #expect(AccountKeys.Renaming(text) == nil)
  }
}
