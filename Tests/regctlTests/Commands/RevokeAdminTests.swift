import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("RevokeAdmin") struct RevokeAdminTests {
  @Test(arguments: [
    ("revoke-admin", UsageError.Fault.missingOperand("EMAIL")),
    ("revoke-admin a b", .unexpectedOperand("b")),
    ("revoke-admin a --force=yes", .unexpectedValue(option: "--force")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is the only administrator, and Bob is not one.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob")
    world.run("grant-admin ann@example.org -q")
    return world
  }

  @Test func `rights are taken from the account, which stays`() throws {
    let world = try world()
    world.run("grant-admin bob@example.org -q")
    #expect(
      world.printed("revoke-admin ann@example.org")
        == "ann@example.org is no longer an administrator.\n")
    #expect(
      world.printed("revoke-admin ann@example.org") == "ann@example.org was not an administrator.\n"
    )
    #expect(
      try world.rows("SELECT email FROM users WHERE admin") == ["bob@example.org"])
    #expect(try world.rows("SELECT email FROM users WHERE NOT admin") == ["ann@example.org"])
  }

  @Test func `the last administrator is kept unless --force is given`() throws {
    let world = try world()
    let line = "revoke-admin ann@example.org"
    #expect(
      try world.refusal(of: line, endingWith: .refused) == """
        regctl: error: revoke-admin: ann@example.org is the last administrator
        hint: make another one with regctl grant-admin, or use --force

        """)
    #expect(
      world.printed("\(line) --force --json") == """
        {"schema":1,"results":[{"email":"ann@example.org","result":"revoked","error":null}]}

        """)
  }

  @Test func `a row reports that nothing changed`() throws {
    #expect(
      try world().printed("revoke-admin bob@example.org --format tsv")
        == "email\tresult\terror\nbob@example.org\tnot_admin\t\n")
  }

  @Test func `an unknown account is rejected`() throws {
    #expect(
      try world().refusal(of: "revoke-admin eve@example.org --force", endingWith: .noUser)
        == "regctl: error: revoke-admin: no such account: 'eve@example.org'\n")
  }
}
