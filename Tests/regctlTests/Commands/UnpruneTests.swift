import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Unprune") struct UnpruneTests {
  @Test(arguments: [
    ("unprune", UsageError.Fault.missingOperand("RUN")),
    ("unprune x", .invalidValue(option: "RUN", value: "x", expected: .number)),
    ("unprune 1 2", .unexpectedOperand("2")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann and Bob were pruned in run 1, and Bob registered again.
  private func world() throws -> World {
    let world = try World.withStaleAccounts()
    #expect(world.run("prune --include-never-mailed --max 9 --yes -q") == .ok)
    world.register("bob", queuesMail: true)
    return world
  }

  @Test func `an address that was registered again does not stop the others`() throws {
    let world = try world()
    #expect(
      world.printed("unprune 1", endingWith: .refused) == "ann@example.org is back, number 1.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: unprune: 1 of 2 failed\n"))
  }

  @Test func `a row has the result of each account`() throws {
    #expect(
      try world().printed("unprune 1 --format jsonl", endingWith: .refused)
        .wholeMatch(
          of:
            /\{"schema":1,"email":"ann@example.org","result":"restored","id":1,"error":null\}\n\{"schema":1,"email":"bob@example.org","result":"failed","id":null,"error":\{.*\}\}\n/
        )
        != nil)
  }

  @Test func `with --email one account is restored, and the others stay in the archive`() throws {
    let world = try World.withStaleAccounts()
    world.run("prune --include-never-mailed --max 9 --yes -q")
    #expect(
      world.printed("unprune 1 --email BOB@example.org")
        == "bob@example.org is back, number 2.\n")
    #expect(try world.rows("SELECT id || ' ' || email FROM users") == ["2 bob@example.org"])
    #expect(try world.rows("SELECT email FROM regctl_archive") == ["ann@example.org"])
    #expect(
      world.printed("unprune 1 --json") == """
        {"schema":1,"results":[{"email":"ann@example.org","result":"restored","id":1,\
        "error":null}]}

        """)
  }

  @Test(arguments: ["unprune 9", "unprune 1 --email eve@example.org"])
  func `an account that is not in the archive prints nothing`(_ line: String) throws {
    #expect(try world().printed("\(line) --json", endingWith: .noUser) == "")
  }
}
