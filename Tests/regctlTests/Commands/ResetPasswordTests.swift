import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("ResetPassword") struct ResetPasswordTests {
  @Test(arguments: [
    ("reset-password", UsageError.Fault.missingOperand("EMAIL")),
    ("reset-password a@b.cd --generate-password", .requires("--generate-password", "--token")),
    ("reset-password a@b.cd --password-file x", .requires("--password-file", "--token")),
    ("reset-password a@b.cd --token x", .operandOrPassword(position: 1)),
    ("reset-password --token x --force", .conflict("--force", "--token")),
    ("reset-password --token x --wait", .conflict("--wait", "--token")),
    (
      "reset-password --token - --password-file -", .conflict("--token -", "--password-file -")
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is registered, and reset links can be mailed.
  private func world() throws -> World {
    let world = try World(settings: "reset_url = https://app.example/reset/{token}")
    world.register("ann")
    return world
  }

  @Test func `a mail with a link is queued`() throws {
    let world = try world()
    #expect(
      world.printed("reset-password ann@example.org")
        == "A mail with a link for a new password to ann@example.org is queued.\n")
    #expect(
      try world.rows("SELECT email || ' ' || template || ' ' || state FROM regctl_outbox")
        == ["ann@example.org reset queued"])
  }

  @Test func `the object contains the account and the mail`() throws {
    #expect(
      try world().printed("reset-password ann@example.org --json") == """
        {"schema":1,"result":"queued","account":{"id":1,"email":"ann@example.org","admin":false,\
        "confirmed":false,"locked":false,"registered_on":"2026-11-23T09:00:00Z","confirmed_on":null},\
        "mail":{"id":1,"state":"queued"}}

        """)
  }

  @Test func `with --wait the mail is sent at once, and no other`() throws {
    let world = try world()
    world.register("bob", queuesMail: true)
    #expect(
      world.printed("reset-password ann@example.org --wait --json").hasSuffix(
        "\"mail\":{\"id\":2,\"state\":\"sent\"}}\n"))
    #expect(
      try world.rows("SELECT template || ' ' || state FROM regctl_outbox ORDER BY id")
        == ["confirm queued", "reset sent"])
  }

  @Test func `a second mail too soon needs --force`() throws {
    let world = try world()
    world.run("reset-password ann@example.org -q")
    world.run("deliver -q")
    #expect(
      try world.refusal(of: "reset-password ann@example.org", endingWith: .refused)
        .hasPrefix("regctl: error: reset-password: "))
    #expect(world.run("reset-password ann@example.org --force -q") == .ok)
    #expect(
      try world.rows("SELECT state FROM regctl_outbox ORDER BY id") == ["sent", "queued"])
  }

  @Test func `a link sets the password once, and does not confirm`() throws {
    let world = try world()
    let token = world.printed("issue-token ann@example.org --purpose reset").dropLast()
    world.input = TypedInput(Array("correct horse\n".utf8))
    let line = "reset-password --token \(token) --password-file -"
    #expect(world.printed(line) == "The password of ann@example.org is changed.\n")
    #expect(
      try world.rows("SELECT substr(password, 1, 7) FROM users WHERE NOT confirmed")
        == ["$2b$04$"])
    world.input = TypedInput(Array("another\n".utf8))
    #expect(
      try world.refusal(of: line, endingWith: .refused)
        .hasPrefix("regctl: error: reset-password: "))
  }

  @Test func `a confirmation link sets no password`() throws {
    let world = try world()
    let token = world.printed("issue-token ann@example.org").dropLast()
    _ = try world.refusal(
      of: "reset-password --token \(token) --generate-password", endingWith: .data)
  }

  @Test func `without reset_url no link can be mailed`() throws {
    let world = try World()
    world.register("ann")
    #expect(
      try world.refusal(of: "reset-password ann@example.org --force", endingWith: .configuration)
        == """
        regctl: error: reset-password: reset_url is not set
        hint: set reset_url in regctl.conf; see regctl config

        """)
  }

  @Test func `an unknown account is rejected`() throws {
    _ = try world().refusal(of: "reset-password eve@example.org", endingWith: .noUser)
  }
}
