import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("SetPassword") struct SetPasswordTests {
  @Test(arguments: [
    ("set-password", UsageError.Fault.missingOperand("EMAIL")),
    ("set-password a@b.cd secret", .operandOrPassword(position: 2)),
    (
      "set-password a@b.cd --password-file x --generate-password",
      .conflict("--password-file", "--generate-password")
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is confirmed, without a password.
  private func world() throws -> World {
    let world = try World()
    world.register("ann")
    world.run("confirm --email ann@example.org --reason called -q")
    return world
  }

  /// Whether Ann may log in with a password.
  private func isAccepted(_ password: String, in world: World) -> Bool {
    world.input = TypedInput(Array(password.utf8))
    return world.run("check ann@example.org --password-file -") == .ok
  }

  @Test func `the password that is typed twice is set`() throws {
    let world = try world()
    world.answers = ["correct horse", "correct horse"]
    #expect(
      world.printed("set-password ann@example.org")
        == "The password of ann@example.org is changed.\n")
    #expect(world.questions == ["New password: ", "Retype new password: "])
    #expect(isAccepted("correct horse", in: world))
    #expect(!isAccepted("correct horses", in: world))
  }

  @Test func `a generated password is printed alone, and the sentence on standard error`() throws {
    let world = try world()
    let password = world.printed("set-password ann@example.org --generate-password")
    #expect(password.wholeMatch(of: /\S{20}\n/) != nil)
    #expect(
      world.errorOutput.text.hasSuffix("regctl: The password of ann@example.org is changed.\n"))
    #expect(isAccepted(password, in: world))
  }

  @Test func `a generated password is part of the object`() throws {
    let json = try world().printed("set-password ann@example.org --generate-password --json")
    #expect(
      json.wholeMatch(
        of: /\{"schema":1,"password":"[^"]{20}","result":"changed","account":\{.*\}\}\n/) != nil)
  }

  @Test func `the object contains the account without the password`() throws {
    let world = try world()
    world.input = TypedInput(Array("correct horse\n".utf8))
    #expect(
      world.printed("set-password ann@example.org --password-file - --json") == """
        {"schema":1,"result":"changed","account":{"id":1,"email":"ann@example.org","admin":false,\
        "confirmed":true,"locked":false,"registered_on":"2026-11-23T09:00:00Z",\
        "confirmed_on":"2026-11-23T09:00:00Z"}}

        """)
    #expect(
      try world.rows(
        "SELECT coalesce(reason, '-') FROM regctl_audit WHERE act = 'set-password'") == ["-"])
  }

  @Test func `a password that is too long is rejected`() throws {
    let world = try world()
    world.input = TypedInput(Array(repeating: UInt8(ascii: "x"), count: 73))
    #expect(
      try world.refusal(of: "set-password ann@example.org --password-file -", endingWith: .data)
        .hasPrefix("regctl: error: set-password: "))
  }

  @Test func `without a terminal another source is needed`() throws {
    #expect(
      try world().refusal(of: "set-password ann@example.org", endingWith: .usage)
        .contains("--password-file"))
  }

  @Test func `an unknown account is rejected before a password is printed`() throws {
    let line = "set-password eve@example.org --generate-password --json"
    _ = try world().refusal(of: line, endingWith: .noUser)
  }
}
