import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Undelete") struct UndeleteTests {
  @Test(arguments: [
    ("undelete", UsageError.Fault.missingOperand("EMAIL|ID")),
    ("undelete a@b.cd --new-id=1", .unexpectedValue(option: "--new-id")),
    ("undelete a@b.cd --reason=", .invalidValue(option: "--reason", value: "", expected: .text)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann was deleted.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob")
    #expect(world.run("delete ann@example.org --reason left --yes -q") == .ok)
    return world
  }

  @Test(arguments: ["ann@example.org", "ANN@example.org", "1", "0001"])
  func `an account is restored by its address or its number`(_ word: String) throws {
    let world = try world()
    #expect(world.printed("undelete \(word)") == "ann@example.org is back, number 1.\n")
    #expect(try world.rows("SELECT count(*) || '' FROM users") == ["2"])
    #expect(try world.rows("SELECT email FROM regctl_archive") == [])
  }

  @Test func `a row has the result of each account`() throws {
    #expect(
      try world().printed("undelete 1 eve@example.org --json", endingWith: .refused)
        .wholeMatch(
          of:
            /\{"schema":1,"results":\[\{"email":"ann@example.org","result":"restored","id":1,"error":null\},\{"email":"eve@example.org","result":"failed","id":null,"error":\{.*\}\}\]\}\n/
        ) != nil)
  }

  @Test func `beside an account with the address nothing is restored`() throws {
    let world = try world()
    world.register("ann")
    #expect(
      try world.refusal(of: "undelete ann@example.org", endingWith: .refused) == """
        regctl: error: undelete: ann@example.org was registered again since the account was deleted
        hint: change the address of the new account or delete it, then: regctl undelete 1

        """)
  }

  @Test func `show says who deleted an account, when and why, and how to restore it`() throws {
    #expect(
      try world().refusal(of: "show ann@example.org", endingWith: .noUser) == """
        regctl: error: show: ann@example.org was deleted on 2026-11-23 09:00 UTC by tester: left
        hint: regctl undelete ann@example.org

        """)
  }
}
