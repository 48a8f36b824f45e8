import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("ChangeEmail") struct ChangeEmailTests {
  @Test(arguments: [
    ("change-email", UsageError.Fault.missingOperand("OLD")),
    ("change-email a@b.cd", .missingOperand("NEW")),
    ("change-email a@b.cd e@f.gh i@j.kl", .unexpectedOperand("i@j.kl")),
    (
      "change-email a@b.cd e@f.gh --reason=",
      .invalidValue(option: "--reason", value: "", expected: .text)
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is not confirmed and Bob is, without a mail.
  private func world() throws -> World {
    let world = try World(settings: "change_email_url = https://app.example/change/{token}")
    world.register("ann", "bob")
    world.run("confirm --email bob@example.org --reason called -q")
    return world
  }

  private static let mails: Statement = """
    SELECT email || ' ' || template || ' ' || state FROM regctl_outbox ORDER BY id
    """

  @Test func `the address of an unconfirmed account is replaced at once`() throws {
    let world = try world()
    #expect(
      world.printed("change-email ann@example.org anna@example.org --reason mistyped")
        == "ann@example.org is now anna@example.org; a confirmation mail is queued.\n")
    #expect(try world.rows("SELECT email FROM users WHERE id = 1") == ["anna@example.org"])
    #expect(try world.rows(Self.mails) == ["anna@example.org confirm queued"])
  }

  @Test func `a confirmed account keeps its address until the link is followed`() throws {
    let world = try world()
    #expect(
      world.printed("change-email bob@example.org rob@example.org") == """
        A link to rob@example.org is queued; until it is followed the address stays \
        bob@example.org.

        """)
    #expect(try world.rows("SELECT email FROM users WHERE id = 2") == ["bob@example.org"])
    #expect(
      try world.rows(Self.mails)
        == ["rob@example.org change-email queued", "bob@example.org changed-notice queued"])
    let token = world.printed("issue-token bob@example.org --purpose change-email").dropLast()
    #expect(world.run("confirm \(token) -q") == .ok)
    #expect(try world.rows("SELECT email FROM users WHERE id = 2") == ["rob@example.org"])
  }

  @Test func `with --wait the mails of the change are sent at once, and no other`() throws {
    let world = try world()
    world.register("carol", queuesMail: true)
    #expect(
      world.printed("change-email ann@example.org anna@example.org --wait")
        == "ann@example.org is now anna@example.org; a confirmation mail is sent.\n")
    #expect(
      world.printed("change-email bob@example.org rob@example.org --wait") == """
        A link to rob@example.org is sent; until it is followed the address stays bob@example.org.

        """)
    #expect(
      try world.rows(Self.mails) == [
        "carol@example.org confirm queued", "anna@example.org confirm sent",
        "rob@example.org change-email sent", "bob@example.org changed-notice sent",
      ])
  }

  @Test func `with --wait a mail that is not accepted stays queued, and the change is made`()
    throws
  {
    let world = try world()
    // No server listens on this port.
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    world.environment["REGCTL_MAIL_SERVER"] = "127.0.0.1"
    world.environment["REGCTL_MAIL_SECURITY"] = "none"
    world.environment["REGCTL_MAIL_PORT"] = "1"
    #expect(
      world.printed("change-email ann@example.org anna@example.org --wait", endingWith: .temporary)
        == "ann@example.org is now anna@example.org; a confirmation mail is queued.\n")
    #expect(try world.rows(Self.mails) == ["anna@example.org confirm queued"])
  }

  @Test(arguments: [
    (
      "ann@example.org anna@example.org --json",
      """
      {"schema":1,"result":"changed","account":{"id":1,"email":"anna@example.org","admin":false,\
      "confirmed":false,"locked":false,"registered_on":"2026-11-23T09:00:00Z","confirmed_on":null},\
      "mail":{"id":1,"state":"queued"}}

      """
    ),
    (
      "bob@example.org bob@example.org --json",
      """
      {"schema":1,"result":"unchanged","account":{"id":2,"email":"bob@example.org","admin":false,\
      "confirmed":true,"locked":false,"registered_on":"2026-11-23T09:00:00Z",\
      "confirmed_on":"2026-11-23T09:00:00Z"},"mail":null}

      """
    ),
    ("bob@example.org bob@example.org", "bob@example.org is already the address of the account.\n"),
  ])
  func `the object contains the change and the mail`(_ words: String, text: String) throws {
    #expect(try world().printed("change-email \(words)") == text)
  }

  @Test(arguments: [
    ("ann@example.org x", ExitCode.data, "'x' is not a valid e-mail address: no @"),
    ("eve@example.org eva@example.org", .noUser, "no such account: 'eve@example.org'"),
    ("ann@example.org BOB@example.org", .refused, "bob@example.org is already registered"),
  ])
  func `an unavailable address is rejected`(
    _ words: String, exitCode: ExitCode, message: String
  ) throws {
    let refusal = try world().refusal(of: "change-email \(words)", endingWith: exitCode)
    #expect(refusal.hasPrefix("regctl: error: change-email: \(message)"))
  }

  @Test func `without change_email_url no link can be mailed`() throws {
    let world = try World()
    world.register("ann")
    world.run("confirm --email ann@example.org --reason called -q")
    let line = "change-email ann@example.org anna@example.org"
    #expect(
      try world.refusal(of: line, endingWith: .configuration)
        .contains("change_email_url is not set\n"))
  }
}
