import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+PersonalData") struct StorePersonalDataTests {
  @Test func `the application's own columns come along, also from the archive`() throws {
    let site = try Site()
    try site.store.execute("ALTER TABLE users ADD COLUMN colour TEXT")
    let account = try site.register("ann@example.org", queuesMail: false)
    try site.store.execute(
      "UPDATE users SET colour = 'red', password_reset_token = 'x' WHERE id = 1")
    let present = try site.store.personalAccount(account)
    #expect(present.columns.map(\.name) == ["colour"])
    #expect(present.columns.map(\.value) == [.text("red")])
    _ = try DeleteAccount.perform(
      "ann@example.org", reason: "left", force: false, in: site.store, at: site.now,
      by: Site.actor)
    let run = try #require(
      try site.store.first("SELECT run FROM regctl_archive") { $0.integer(0) })
    let archived = try site.store.personalAccount(archived: 1, run: run)
    #expect(archived.columns.map(\.value) == [.text("red")])
    #expect(archived.omitted == ["password_reset_token"])
    #expect(archived.registeredOn == present.registeredOn)
    #expect(archived.removal?.reason == "left")
  }

  @Test func `an account that the archive does not have is an error`() throws {
    let site = try Site()
    #expect(throws: RegctlError.self) {
      try site.store.personalAccount(archived: 1, run: 1)
    }
  }
}
