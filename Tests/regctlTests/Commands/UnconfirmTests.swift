import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Unconfirm") struct UnconfirmTests {
  @Test(arguments: [
    ("unconfirm a@b.cd", UsageError.Fault.requires("unconfirm", "--reason")),
    ("unconfirm --reason x", .missingOperand("EMAIL")),
    (
      "unconfirm a@b.cd --reason=",
      .invalidValue(option: "--reason", value: "", expected: .text)
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is confirmed and Bob is not.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob")
    world.run("confirm --email ann@example.org --reason called -q")
    return world
  }

  @Test func `an account is unconfirmed once`() throws {
    let world = try world()
    let line = "unconfirm ann@example.org --reason bounced"
    #expect(world.printed(line) == "ann@example.org is no longer confirmed.\n")
    #expect(world.printed(line) == "ann@example.org was not confirmed.\n")
    #expect(try world.rows("SELECT confirmed FROM users") == ["0", "0"])
    #expect(
      try world.rows("SELECT email || ' ' || reason FROM regctl_audit WHERE act = 'unconfirm'")
        == ["ann@example.org bounced"])
  }

  @Test(arguments: [
    (
      "tsv",
      """
      email\tresult\terror
      ann@example.org\tunconfirmed\t
      bob@example.org\tnot_confirmed\t

      """
    ),
    (
      "json",
      """
      {"schema":1,"results":[{"email":"ann@example.org","result":"unconfirmed","error":null},\
      {"email":"bob@example.org","result":"not_confirmed","error":null}]}

      """
    ),
  ])
  func `a row has the result of each account`(_ format: String, text: String) throws {
    let line = "unconfirm ann@example.org bob@example.org --reason bounced --format \(format)"
    #expect(try world().printed(line) == text)
  }

  @Test func `the link that was mailed before is void`() throws {
    let world = try world()
    let token = world.printed("issue-token ann@example.org").dropLast()
    world.run("unconfirm ann@example.org --reason bounced -q")
    #expect(try world.refusal(of: "confirm \(token)", endingWith: .refused).contains("revoked"))
  }

  @Test func `an unknown account is rejected`() throws {
    #expect(
      try world().refusal(of: "unconfirm eve@example.org --reason x", endingWith: .noUser)
        == "regctl: error: unconfirm: no such account: 'eve@example.org'\n")
  }
}
