import RegctlCore
import Testing

@testable import regctl

@Suite("ListAdmins") struct ListAdminsTests {
  @Test(arguments: [
    ("list-admins x", UsageError.Fault.unexpectedOperand("x")),
    (
      "list-admins --fields confirmed_at",
      .invalidValue(
        option: "--fields", value: "confirmed_at",
        expected: .fields(ListAdmins.columns.map(\.name), suggestion: "confirmed_on"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test(arguments: [
    (
      "",
      """
      EMAIL            CONFIRMED  REGISTERED_ON
      ann@example.org  yes        2026-11-23 09:00 UTC
      bob@example.org  no         2026-11-23 09:00 UTC

      """
    ),
    (
      "--format tsv --fields id,email,confirmed_on",
      """
      id\temail\tconfirmed_on
      2\tann@example.org\t2026-11-23T09:00:00Z
      1\tbob@example.org\t

      """
    ),
    (
      "--json",
      """
      {"schema":1,"accounts":[{"id":2,"email":"ann@example.org","confirmed":true,\
      "registered_on":"2026-11-23T09:00:00Z","confirmed_on":"2026-11-23T09:00:00Z"},\
      {"id":1,"email":"bob@example.org","confirmed":false,\
      "registered_on":"2026-11-23T09:00:00Z","confirmed_on":null}],"count":2}

      """
    ),
  ])
  func `only administrators are listed, by address`(
    _ options: String, text: String
  ) throws {
    let world = try World()
    world.register("bob", "ann", "eve")
    world.run("grant-admin bob@example.org -q")
    world.run("create-admin ann@example.org --promote -q")
    #expect(world.printed("list-admins \(options)") == text)
  }

  @Test func `no administrators print nothing, and in JSON an empty list`() throws {
    let world = try World()
    #expect(world.printed("list-admins") == "")
    #expect(world.printed("list-admins --json") == "{\"schema\":1,\"accounts\":[],\"count\":0}\n")
  }
}
