import Glibc
import System
import Testing

@testable import RegctlCore

@Suite("CreateAdministrator") struct CreateAdministratorTests {
  @Test func `a new administrator is confirmed and gets no mail`() throws {
    let site = try Site()
    let ann = try site.createAdministrator("ann@example.org")
    #expect(ann.isAdmin)
    #expect(ann.confirmedOn == .moment(site.now))
    #expect(try site.store.mails(of: ann.id).isEmpty)
    #expect(try site.acts(on: "ann@example.org") == [.createAdministrator])
  }

  @Test func `an existing account is not changed`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    #expect(
      throws: RegctlError.account(
        .alreadyRegistered(email: "ann@example.org", isConfirmed: false))
    ) { try site.createAdministrator("Ann@example.org") }
    #expect(try site.store.account("ann@example.org") == ann)
  }
}

@Suite("Generated passwords") struct GeneratedPasswordTests {
  private let site: Site

  init() throws { site = try Site() }

  /// Announces a password while the account is not yet visible to others.
  private func announce(_ email: String, _ count: inout Int) throws(RegctlError) {
    count += 1
    let other = try Store.open(site.location, for: .reading, busyTimeout: .zero)
    #expect(try other.accountIfAny(email) == nil)
  }

  @Test func `a use case announces the password once, before the account exists`() throws {
    var count = 0
    let (now, actor) = (site.now, Site.actor)
    _ = try Register.perform(
      EmailAddress("ann@example.org"), .unusable, queuesMail: true, messageDomain: "app.example",
      in: site.store, at: now, by: actor
    ) { () throws(RegctlError) in
      try self.announce("ann@example.org", &count)
    }
    _ = try CreateAdministrator.perform(
      EmailAddress("bob@example.org"), .unusable, in: site.store, at: now, by: actor
    ) { () throws(RegctlError) in
      try self.announce("bob@example.org", &count)
    }
    #expect(count == 2)
    #expect(try site.store.accountIfAny("bob@example.org") != nil)
  }

  @Test func `what is refused is not announced`() throws {
    try site.register("ann@example.org")
    #expect(throws: RegctlError.self) {
      try CreateAdministrator.perform(
        EmailAddress("ann@example.org"), .unusable, in: site.store, at: site.now, by: Site.actor
      ) { () throws(RegctlError) in
        Issue.record("a password is announced")
      }
    }
    #expect(throws: RegctlError.account(.notFound("eve@example.org"))) {
      try SetPassword.perform(
        "eve@example.org", .unusable, in: site.store, at: site.now, by: Site.actor
      ) { () throws(RegctlError) in Issue.record("a password is announced") }
    }
  }

  @Test func `a password that cannot be announced stays as it was`() throws {
    try site.register("ann@example.org")
    let before = try site.store.auditEntries(of: site.store.account("ann@example.org").id).count
    let lost = RegctlError.announcement(
      FileError(operation: "write", path: "standard output", code: EPIPE))
    #expect(throws: lost) {
      try SetPassword.perform(
        "ann@example.org", .unusable, in: site.store, at: site.now, by: Site.actor
      ) { () throws(RegctlError) in throw lost }
    }
    let after = try site.store.auditEntries(of: site.store.account("ann@example.org").id).count
    #expect(after == before)
  }
}

@Suite("AdministratorRights") struct AdministratorRightsTests {
  private func grant(_ email: String, confirming: Bool = false, in site: Site) throws -> Bool {
    try AdministratorRights.grant(
      email, confirming: confirming, in: site.store, at: site.now, by: Site.actor
    ).hasChanged
  }

  private func revoke(_ email: String, force: Bool = false, in site: Site) throws -> Bool {
    try AdministratorRights.revoke(
      email, force: force, in: site.store, at: site.now, by: Site.actor
    ).hasChanged
  }

  @Test func `granting rights does not confirm`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    #expect(try grant("ann@example.org", in: site))
    let ann = try site.store.account("ann@example.org")
    #expect(ann.isAdmin)
    #expect(!ann.isConfirmed)
    #expect(try site.acts(on: "ann@example.org") == [.register, .grantAdministrator])
  }

  @Test func `promoting confirms too, and says so`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    #expect(try grant("ann@example.org", confirming: true, in: site))
    #expect(try site.store.account("ann@example.org").isConfirmed)
    #expect(
      try site.acts(on: "ann@example.org")
        == [.register, .grantAdministrator, .confirmByOperator])
  }

  @Test func `promoting keeps the time of an earlier confirmation`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.confirmByHand("ann@example.org")
    let confirmedOn = site.now
    site.now = site.now + .seconds(60)
    #expect(try grant("ann@example.org", confirming: true, in: site))
    #expect(try site.store.account("ann@example.org").confirmedOn == .moment(confirmedOn))
  }

  @Test func `granting twice changes nothing the second time`() throws {
    let site = try Site()
    try site.createAdministrator("ann@example.org")
    #expect(try !grant("ann@example.org", confirming: true, in: site))
    #expect(try site.acts(on: "ann@example.org") == [.createAdministrator])
  }

  @Test func `the last administrator is kept`() throws {
    let site = try Site()
    try site.createAdministrator("ann@example.org")
    #expect(throws: RegctlError.account(.lastAdministrator(email: "ann@example.org"))) {
      try revoke("Ann@example.org", in: site)
    }
    #expect(try site.store.account("ann@example.org").isAdmin)
  }

  @Test func `one of two administrators may be revoked`() throws {
    let site = try Site()
    try site.createAdministrator("ann@example.org")
    try site.createAdministrator("bob@example.org")
    #expect(try revoke("ann@example.org", in: site))
    #expect(try site.store.administrators().map(\.email) == ["bob@example.org"])
  }

  @Test func `force revokes the last one too`() throws {
    let site = try Site()
    try site.createAdministrator("ann@example.org")
    #expect(try revoke("ann@example.org", force: true, in: site))
    #expect(try site.store.administrators().isEmpty)
    #expect(try site.acts(on: "ann@example.org").last == .revokeAdministrator)
  }

  @Test func `an account that is not an administrator is unchanged`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    #expect(try !revoke("ann@example.org", in: site))
  }
}
