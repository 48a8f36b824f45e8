import SQL
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Register") struct RegisterTests {
  @Test func `account, mail and audit entry are written together`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    #expect(!ann.isConfirmed)
    #expect(!ann.isAdmin)
    #expect(ann.registeredOn == .moment(site.now))
    #expect(try site.store.mails(of: ann.id).map(\.state) == [.queued])
    #expect(try site.acts(on: "ann@example.org") == [.register])
  }

  @Test func `when the mail cannot be queued there is no account`() throws {
    let site = try Site()
    try site.store.execute(
      Statement(
        sqlite: """
          CREATE TRIGGER full BEFORE INSERT ON regctl_outbox
          BEGIN SELECT raise(ABORT, 'no room'); END
          """,
        postgreSQL: """
          CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
          AS $$ BEGIN RAISE 'no room'; END $$;
          CREATE TRIGGER "full" BEFORE INSERT ON regctl_outbox
          FOR EACH ROW EXECUTE FUNCTION refuse()
          """))
    #expect(throws: RegctlError.self) { try site.register("ann@example.org") }
    #expect(try site.store.accountIfAny("ann@example.org") == nil)
  }

  @Test func `without mail nothing is queued`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org", queuesMail: false)
    #expect(try site.store.mails(of: ann.id).isEmpty)
  }

  @Test func `an invitation is listed as the confirmation mail of a person without a password`()
    throws
  {
    let site = try Site()
    let ann = try site.invite("ann@example.org")
    let mail = try #require(try site.store.mails(of: ann.id).first)
    #expect(mail.kind == .invite)
    #expect(mail.purpose == .confirm)
    #expect(try site.store.isInvited(ann))
    #expect(try !site.store.isInvited(site.register("bob@example.org")))
  }

  @Test func `the language is written with the account`() throws {
    let site = try Site()
    let german = try MailLanguage("de-at")
    #expect(try site.store.language(of: site.invite("ann@example.org", in: german).id) == german)
    #expect(try site.store.language(of: site.register("bob@example.org").id) == nil)
  }

  @Test(arguments: ["ann@example.org", "ANN@Example.Org"])
  func `an existing account is unchanged`(_ email: String) throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    site.now = site.now + .seconds(60)
    #expect(
      throws: RegctlError.account(
        .alreadyRegistered(email: "ann@example.org", isConfirmed: false))
    ) { try site.register(email) }
    #expect(try site.store.account("ann@example.org") == ann)
    #expect(try site.store.mails(of: ann.id).count == 1)
  }

  @Test func `a confirmed account is a different error`() throws {
    let site = try Site()
    try site.createAdministrator("ann@example.org")
    #expect(
      throws: RegctlError.account(.alreadyRegistered(email: "ann@example.org", isConfirmed: true))
    ) { try site.register("ann@example.org") }
  }

  private static let line = DeniedDomain(name: "x.org", path: "/etc/regctl/denied", line: 3)

  @Test func `a denied address is refused, but not that of an account`() throws {
    let site = try Site()
    try site.register("ann@x.org")
    #expect(throws: RegctlError.account(.domainDenied("bob@x.org", Self.line))) {
      try Register.check(EmailAddress("bob@x.org"), deniedBy: Self.line, in: site.store)
    }
    #expect(
      throws: RegctlError.account(.alreadyRegistered(email: "ann@x.org", isConfirmed: false))
    ) { try Register.check(EmailAddress("ann@x.org"), deniedBy: Self.line, in: site.store) }
  }

  @Test func `a reused ID inherits nothing`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    try site.store.execute("DELETE FROM users")
    try site.giveNumbersFrom(ann.id.rawValue)
    let bob = try site.register("bob@example.org")
    try #require(bob.id == ann.id)
    #expect(try site.acts(on: "bob@example.org") == [.register])
    #expect(try site.store.mails(of: bob.id).map(\.email) == ["bob@example.org"])
  }
}
