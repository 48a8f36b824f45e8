import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("GrantAdmin") struct GrantAdminTests {
  @Test(arguments: [
    ("grant-admin", UsageError.Fault.missingOperand("EMAIL")),
    ("grant-admin a b", .unexpectedOperand("b")),
    ("grant-admin a --force=1", .unknownOption("--force", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is registered.
  private func world() throws -> World {
    let world = try World()
    world.register("ann")
    return world
  }

  @Test func `rights are given once, and do not confirm`() throws {
    let world = try world()
    #expect(
      world.printed("grant-admin ann@example.org") == "ann@example.org is now an administrator.\n")
    #expect(
      world.printed("grant-admin ANN@example.org")
        == "ann@example.org is already an administrator.\n")
    #expect(
      try world.rows("SELECT email FROM users WHERE admin AND NOT confirmed") == ["ann@example.org"]
    )
    #expect(
      try world.rows("SELECT email FROM regctl_audit WHERE act = 'grant-admin'")
        == ["ann@example.org"])
  }

  @Test func `a row reports whether anything changed`() throws {
    let world = try world()
    let line = "grant-admin ann@example.org"
    #expect(
      world.printed("\(line) --json") == """
        {"schema":1,"results":[{"email":"ann@example.org","result":"granted","error":null}]}

        """)
    #expect(
      world.printed("\(line) --format tsv")
        == "email\tresult\terror\nann@example.org\talready_admin\t\n")
  }

  @Test func `an unknown account is rejected`() throws {
    #expect(
      try world().refusal(of: "grant-admin eve@example.org", endingWith: .noUser)
        == "regctl: error: grant-admin: no such account: 'eve@example.org'\n")
  }
}
