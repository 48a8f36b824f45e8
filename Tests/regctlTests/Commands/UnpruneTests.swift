import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Unprune") struct UnpruneTests {
  @Test(arguments: [
    ("unprune", UsageError.Fault.missingOperand("RUN|EMAIL")),
    (
      "unprune x",
      .invalidValue(
        option: "RUN|EMAIL", value: "x",
        expected: .format("must be the number of a run, or an address"))
    ),
    ("unprune a@x.org --email b@x.org", .unexpectedOperand("a@x.org")),
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
      world.printed("unprune 1 --yes", endingWith: .refused)
        == "ann@example.org is back, number 1.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: unprune: 1 of 2 failed\n"))
  }

  @Test(arguments: [("--yes", "unprune: 2 of 2"), ("--dry-run", "unprune: looking, 2 of 2")])
  func `a terminal shows how many accounts are restored`(
    _ option: String, expected: String
  ) throws {
    let lines = try world().progress(of: "unprune 1 \(option)", endingWith: .refused)
    #expect(lines.last?.hasPrefix("\(expected) accounts, 100 %") == true)
  }

  @Test func `a row has the result of each account`() throws {
    #expect(
      try world().printed("unprune 1 --yes --format jsonl", endingWith: .refused)
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
      world.printed("unprune 1 --yes --json") == """
        {"schema":1,"dry_run":false,"results":[{"email":"ann@example.org","result":"restored","id":1,\
        "error":null}]}

        """)
  }

  @Test(arguments: ["unprune BOB@example.org", "unprune --email bob@example.org"])
  func `an address alone means the newest run that has it`(_ line: String) throws {
    let world = try World.withStaleAccounts()
    world.run("prune --include-never-mailed --max 9 --yes -q")
    world.run("unprune 1 --email bob@example.org -q")
    world.now = world.now + .seconds(60 * 86_400)
    world.run("prune --include-never-mailed --max 9 --yes -q")
    #expect(world.printed(line) == "bob@example.org is back, number 2.\n")
    #expect(
      try world.refusal(of: line, endingWith: .noUser).hasPrefix(
        "regctl: error: unprune: no prune run has '"))
  }

  @Test func `the question names the accounts, and no restores none`() throws {
    let world = try World.withStaleAccounts()
    world.run("prune --include-never-mailed --max 9 --yes -q")
    world.answers = ["n"]
    _ = try world.refusal(of: "unprune 1", endingWith: .refused)
    #expect(world.questions == ["Restore 2 accounts (ann@example.org, bob@example.org)?"])
    world.answers = ["y"]
    #expect(
      world.printed("unprune 1")
        == "ann@example.org is back, number 1.\nbob@example.org is back, number 2.\n")
  }

  @Test func `without a terminal --yes is needed for a whole run`() throws {
    let message = try world().refusal(of: "unprune 1", endingWith: .usage)
    #expect(message.contains("hint: use --yes"))
  }

  @Test func `a dry run tells what would be restored, and changes nothing`() throws {
    let world = try world()
    let before = try world.content()
    #expect(
      world.printed("unprune 1 --dry-run", endingWith: .refused)
        == "ann@example.org would be back, number 1.\n")
    #expect(world.errorOutput.text.contains("bob@example.org is already registered"))
    #expect(
      world.printed("unprune 1 -n --email ann@example.org --json") == """
        {"schema":1,"dry_run":true,"results":[{"email":"ann@example.org","result":"restored","id":1,\
        "error":null}]}

        """)
    let isUnchanged = try world.content() == before
    #expect(isUnchanged)
  }

  @Test(arguments: ["unprune 9", "unprune 1 --email eve@example.org"])
  func `an account that is not in the archive prints nothing`(_ line: String) throws {
    #expect(try world().printed("\(line) --json", endingWith: .noUser) == "")
  }
}
