import SQL
import Testing

@testable import RegctlCore

@Suite("Store+ApplicationResets") struct StoreApplicationResetsTests {
  private let site: Site
  private let ann: Account
  private let bob: Account

  init() throws {
    site = try Site()
    ann = try site.register("ann@example.org")
    bob = try site.register("bob@example.org")
  }

  private static let refusal = RegctlError.configuration(
    ConfigurationError(origin: .option("--reset-link"), fault: .noResetColumn))

  @Test func `a stored token makes a reset pending until it is voided`() throws {
    #expect(try !site.store.hasApplicationReset(of: ann.id))
    try site.store.storeApplicationReset("a token", of: ann.id)
    #expect(try site.store.hasApplicationReset(of: ann.id))
    #expect(try !site.store.hasApplicationReset(of: bob.id))
    try site.store.voidApplicationReset(of: ann.id)
    #expect(try !site.store.hasApplicationReset(of: ann.id))
  }

  @Test func `an empty text is a value, as for the application`() throws {
    try site.store.execute("UPDATE users SET password_reset_token = ''")
    #expect(try site.store.hasApplicationReset(of: ann.id))
  }

  @Test func `an account that is gone has no reset, and gets none`() throws {
    let none = AccountID(rawValue: 99)
    #expect(try !site.store.hasApplicationReset(of: none))
    #expect(throws: RegctlError.store(.ignored(table: "users", triggers: []))) {
      try site.store.storeApplicationReset("a token", of: none)
    }
  }

  @Test func `without a column that may be empty the setting is refused`() throws {
    for column: Statement in [
      "SELECT 1", "ALTER TABLE users ADD COLUMN password_reset_token VARCHAR NOT NULL DEFAULT ''",
    ] {
      let site = try Site(adopting: column)
      try site.store.requireApplicationResets(site.configuration())
      #expect(throws: Self.refusal) {
        try site.store.requireApplicationResets(site.configuration(["reset_link": "application"]))
      }
    }
  }

  @Test func `the name of the column is found in any case`() throws {
    let site = try Site(adopting: "ALTER TABLE users ADD COLUMN Password_Reset_Token VARCHAR")
    try site.store.requireApplicationResets(site.configuration(["reset_link": "application"]))
  }
}
