import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Check") struct CheckTests {
  @Test(arguments: [
    ("check", UsageError.Fault.missingOperand("EMAIL")),
    ("check a@b.cd secret", .operandOrPassword(position: 2)),
    ("check a@b.cd --password-file", .missingValue(option: "--password-file", value: "FILE|-")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is confirmed and has a password, and Bob is not confirmed.
  private func world() throws -> World {
    let world = try World()
    world.input = TypedInput(Array("correct horse\n".utf8))
    world.run("create-admin ann@example.org --password-file - -q")
    world.register("bob")
    return world
  }

  @Test(arguments: [
    ("ann@example.org", ExitCode.ok, ""),
    (
      "bob@example.org", .refused,
      """
      regctl: error: check: bob@example.org is not confirmed
      hint: regctl resend bob@example.org

      """
    ),
    (
      "eve@example.org", .noUser,
      "regctl: error: check: no such account: 'eve@example.org'\n"
    ),
  ])
  func `the exit code is the answer`(_ email: String, exitCode: ExitCode, message: String) throws {
    let world = try world()
    #expect(world.printed("check \(email)", endingWith: exitCode) == "")
    #expect(world.errorOutput.text == message)
  }

  @Test(arguments: [
    ("ann@example.org", "correct horse", ExitCode.ok), ("ann@example.org", "wrong", .refused),
    ("bob@example.org", "correct horse", .refused), ("eve@example.org", "correct horse", .refused),
  ])
  func `a password must be correct too`(
    _ email: String, password: String, exitCode: ExitCode
  ) throws {
    let world = try world()
    world.input = TypedInput(Array("\(password)\n".utf8))
    #expect(world.printed("check \(email) --password-file -", endingWith: exitCode) == "")
  }

  @Test func `a wrong password and an unknown account have the same error`() throws {
    let world = try world()
    let messages = try ["ann@example.org", "eve@example.org"].map { email in
      world.input = TypedInput(Array("wrong\n".utf8))
      return try world.refusal(of: "check \(email) --password-file -", endingWith: .refused)
    }
    #expect(messages[0] == messages[1])
    #expect(messages[0].hasPrefix("regctl: error: check: "))
  }

  @Test func `JSON has the account`() throws {
    #expect(
      try world().printed("check ann@example.org --json") == """
        {"schema":1,"result":"ok","account":{"id":1,"email":"ann@example.org","admin":true,\
        "confirmed":true,"locked":false,"registered_on":"2026-11-23T09:00:00Z",\
        "confirmed_on":"2026-11-23T09:00:00Z"}}

        """)
  }

  @Test func `a check changes nothing`() throws {
    let world = try world()
    let audit = try world.rows("SELECT count(*) FROM regctl_audit")
    world.run("check ann@example.org")
    #expect(try world.rows("SELECT count(*) FROM regctl_audit") == audit)
  }
}
