import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("CreateAdmin") struct CreateAdminTests {
  @Test(arguments: [
    ("create-admin", UsageError.Fault.missingOperand("EMAIL")),
    (
      "create-admin a@b.cd --if-not-exists --promote", .conflict("--if-not-exists", "--promote")
    ),
    (
      "create-admin a@b.cd --password-file x --generate-password",
      .conflict("--password-file", "--generate-password")
    ),
    ("create-admin a@b.cd --no-password", .unknownOption("--no-password", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    guard case .unknownOption = expected else {
      #expect(try fault(of: line) == expected)
      return
    }
    guard case .unknownOption("--no-password", _) = try fault(of: line) else {
      Issue.record("\(line) is not refused")
      return
    }
  }

  @Test func `a generated password is printed alone, and the sentence on standard error`() throws {
    let world = try World()
    let password = world.printed("create-admin ann@example.org --generate-password")
    #expect(password.wholeMatch(of: /\S{20}\n/) != nil)
    #expect(world.errorOutput.text.hasSuffix("regctl: Created administrator ann@example.org.\n"))
    world.input = TypedInput(Array(password.utf8))
    #expect(world.run("check ann@example.org --password-file -") == .ok)
  }

  @Test(arguments: ["json", "jsonl"])
  func `a generated password is part of the object`(_ format: String) throws {
    let world = try World()
    let line = "create-admin ann@example.org --generate-password --format \(format)"
    let pattern = /\{"schema":1,"password":"[^"]{20}","result":"created","account":\{.*\}\}\n/
    #expect(world.printed(line).wholeMatch(of: pattern) != nil)
  }

  @Test func `an administrator is confirmed, and its password is a hash`() throws {
    let world = try World()
    world.input = TypedInput(Array("correct horse\n".utf8))
    #expect(
      world.printed("create-admin ann@example.org --password-file -")
        == "Created administrator ann@example.org.\n")
    #expect(
      try world.rows(
        "SELECT substr(password, 1, 7) FROM users WHERE admin AND confirmed") == ["$2b$04$"])
    #expect(try world.rows("SELECT id FROM regctl_outbox") == [])
  }

  @Test func `an invalid address is rejected before a password is printed`() throws {
    let world = try World()
    #expect(
      try world.refusal(of: "create-admin x --generate-password", endingWith: .data)
        == "regctl: error: create-admin: 'x' is not a valid e-mail address: no @\n")
  }

  @Test func `an existing account is rejected, accepted or promoted`() throws {
    let world = try World()
    world.register("ann", queuesMail: true)
    #expect(world.run("create-admin ann@example.org --generate-password") == .refused)
    #expect(
      world.printed("create-admin ann@example.org --if-not-exists")
        == "ann@example.org already exists; nothing was changed.\n")
    #expect(
      world.printed("create-admin ann@example.org --promote")
        == "ann@example.org is now an administrator.\n")
    #expect(
      world.printed("create-admin ann@example.org --promote")
        == "ann@example.org is already a confirmed administrator.\n")
  }
}
