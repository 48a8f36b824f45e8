import RegctlCore
import Testing

@testable import regctl

@Suite("Prune") struct PruneTests {
  @Test(arguments: [
    ("prune --plan a --apply b", UsageError.Fault.conflict("--plan", "--apply")),
    ("prune --plan a --yes", .conflict("--yes", "--plan")),
    ("prune --plan a -n", .conflict("--dry-run", "--plan")),
    ("prune --apply a --older-than 30d", .conflict("--older-than", "--apply")),
    ("prune --apply a --include-never-mailed", .conflict("--include-never-mailed", "--apply")),
    (
      "prune --plan -",
      .invalidValue(
        option: "--plan", value: "-",
        expected: .format("a file is needed, which is read more than once"))
    ),
    ("prune --max 0", .invalidValue(option: "--max", value: "0", expected: .number)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann and Bob registered long ago, and Eve recently.
  private func world() throws -> World {
    let world = try World.withStaleAccounts()
    world.run("register eve@example.org --no-password -q")
    return world
  }

  private static let line = "prune --include-never-mailed --max 9"

  @Test func `a dry run names every account and deletes none`() throws {
    let world = try world()
    #expect(
      world.printed("\(Self.line) -n") == """
        EMAIL            REGISTERED_ON         RESULT  REASON
        ann@example.org  2026-01-01 00:00 UTC  prune   -
        bob@example.org  2026-01-02 00:00 UTC  prune   -

        """)
    #expect(world.printed("list-unconfirmed --count") == "3\n")
  }

  @Test func `a run reports its result, and every account in other formats`() throws {
    let world = try world()
    #expect(
      world.printed("\(Self.line) --yes --json") == """
        {"schema":1,"run":1,"dry_run":false,"cutoff":"2027-01-08T09:00:00Z","pruned":2,"kept":{},\
        "accounts":[{"email":"ann@example.org","registered_on":"2026-01-01T00:00:00Z",\
        "result":"pruned","reason":null,"id":1},{"email":"bob@example.org",\
        "registered_on":"2026-01-02T00:00:00Z","result":"pruned","reason":null,"id":2}]}

        """)
    #expect(
      world.printed("unprune 1")
        == "ann@example.org is back, number 1.\nbob@example.org is back, number 2.\n")
  }

  @Test(arguments: [false, true])
  func `a plan shows the accounts that are kept`(_ isQuiet: Bool) throws {
    let world = try world()
    let plan = "\(world.directory)/plan"
    #expect(
      world.printed("prune --include-never-mailed --plan \(plan)")
        .hasPrefix("2 accounts would go by "))
    world.run("confirm --email bob@example.org --reason called -q")
    let printed = world.printed("prune --apply \(plan) --yes --max 9\(isQuiet ? " -q" : "")")
    #expect(
      printed
        == (isQuiet
          ? ""
          : """
          Pruned 1 account in run 1; regctl unprune 1 brings it back.
          Kept 1 of the 2 accounts of the plan:
          EMAIL            REGISTERED_ON         RESULT  REASON
          bob@example.org  2026-01-02 00:00 UTC  kept    confirmed

          """))
  }
}
