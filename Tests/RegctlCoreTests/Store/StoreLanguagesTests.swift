import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+Languages") struct StoreLanguagesTests {
  @Test func `languages are read for several accounts at once`() throws {
    let site = try Site()
    let ann = try site.invite("ann@a.org", in: MailLanguage("pt-BR"))
    let bob = try site.register("bob@a.org")
    let eve = try site.invite("eve@a.org", in: MailLanguage("fr"))
    #expect(
      try site.store.languages(of: [ann.id, bob.id, eve.id]).mapValues(\.tag)
        == [ann.id: "pt-BR", eve.id: "fr"])
    #expect(try site.store.languages(of: []) == [:])
  }

  @Test(arguments: ["", "german", "de\u{1b}[1m"])
  func `a text that is no language is an error`(_ text: String) throws {
    let site = try Site()
    let ann = try site.register("ann@a.org")
    try site.store.run(
      "INSERT INTO regctl_languages (account_id, email, language) VALUES ($1, 'ann@a.org', $2)",
      .integer(ann.id.rawValue), .text(text))
    guard case .store(.malformed) = try refusal({ _ = try site.store.language(of: ann.id) }) else {
      Issue.record("the language was taken")
      return
    }
  }

  @Test func `an export has the languages of its accounts`() throws {
    let site = try Site()
    let columns = try site.store.applicationColumns()
    let bob = try site.register("bob@a.org")
    #expect(try !site.store.exportsLanguages(with: columns))
    let ann = try site.invite("ann@a.org", in: MailLanguage("de"))
    let eve = try site.invite("eve@a.org", in: MailLanguage("fr"))
    #expect(try site.store.exportsLanguages(with: columns))
    func languages(after last: AccountID, limit: Int) throws -> [AccountID: String] {
      try site.store.storedAccounts(
        after: last, limit: limit, with: columns, withLanguages: true
      ).languages.mapValues(\.tag)
    }
    #expect(try languages(after: AccountID(rawValue: .min), limit: 2) == [ann.id: "de"])
    #expect(try languages(after: ann.id, limit: 2) == [eve.id: "fr"])
    #expect(try languages(after: bob.id, limit: 9) == [ann.id: "de", eve.id: "fr"])
    #expect(try languages(after: eve.id, limit: 2) == [:])
    try site.store.execute("ALTER TABLE users ADD COLUMN language TEXT")
    #expect(try !site.store.exportsLanguages(with: site.store.applicationColumns()))
  }

  @Test func `the language of an account that is gone is not exported`() throws {
    let site = try Site()
    try site.invite("ann@a.org", in: MailLanguage("de"))
    _ = try DeleteAccount.perform(
      "ann@a.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try !site.store.exportsLanguages(with: site.store.applicationColumns()))
  }

  @Test func `the language goes with a deleted account and comes back with it`() throws {
    let site = try Site()
    try site.register("ann@a.org")
    try site.store.execute(
      "INSERT INTO regctl_languages (account_id, email, language) VALUES (1, 'ann@a.org', 'de')")
    func owner() throws -> Int64? {
      try site.store.first("SELECT account_id FROM regctl_languages") { $0.integer(0) }
    }
    _ = try DeleteAccount.perform(
      "ann@a.org", reason: "left", force: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try owner() == -1)
    _ = try UndeleteAccount.perform(
      .email("ann@a.org"), newID: false, in: site.store, at: site.now, by: Site.actor)
    #expect(try owner() == 1)
  }
}
