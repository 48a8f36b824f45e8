import RegctlCore
import Testing

@testable import regctl

@Suite("SetPassword, ResetPassword and Register") struct PasswordCommandsTests {
  @Test(arguments: [
    ("set-password", UsageError.Fault.missingOperand("EMAIL")),
    ("reset-password", .missingOperand("EMAIL")),
    ("reset-password a@b.cd --generate-password", .requires("--generate-password", "--token")),
    ("reset-password --token x --force", .conflict("--force", "--token")),
    (
      "reset-password --token - --password-file -", .conflict("--token -", "--password-file -")
    ),
    ("register a@b.cd --no-password --wait --no-mail", .conflict("--wait", "--no-mail")),
    (
      "register a@b.cd --no-password --generate-password",
      .conflict("--generate-password", "--no-password")
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test(arguments: ["register ann@example.org", "set-password eve@example.org"])
  func `a generated password is printed alone or in the object`(_ line: String) throws {
    let world = try World()
    world.run("register eve@example.org --no-password -q")
    let json = world.printed("\(line) --generate-password --json")
    #expect(json.wholeMatch(of: /\{"schema":1,"password":"[^"]{20}","result":".*\}\n/) != nil)
    let text = world.printed("set-password eve@example.org --generate-password")
    #expect(text.wholeMatch(of: /\S{20}\n/) != nil)
    #expect(
      world.errorOutput.text.hasSuffix("regctl: The password of eve@example.org is changed.\n"))
  }

  @Test func `an unknown account is rejected before a password is printed`() throws {
    let world = try World()
    let line = "set-password ann@example.org --generate-password --json"
    #expect(world.printed(line, endingWith: .noUser) == "")
  }

  @Test func `the registered account and the queued mail are reported`() throws {
    let world = try World()
    #expect(
      world.printed("register ann@example.org --no-password --json") == """
        {"schema":1,"result":"registered","account":{"id":1,"email":"ann@example.org",\
        "admin":false,"confirmed":false,"registered_on":"2026-11-23T09:00:00Z",\
        "confirmed_on":null},"mail":{"id":1,"state":"queued"}}

        """)
    #expect(
      world.printed("register bob@example.org --no-password --no-mail")
        == "Registered bob@example.org; no mail is queued.\n")
    #expect(
      world.printed("reset-password bob@example.org --force", endingWith: .configuration) == "")
  }
}
