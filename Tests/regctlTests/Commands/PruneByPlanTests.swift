import Base
import RegctlCore
import SQL
import System
import Testing

@testable import regctl

@Suite("PruneByPlan") struct PruneByPlanTests {
  @Test(arguments: [
    ("prune --apply a --older-than 30d", UsageError.Fault.conflict("--older-than", "--apply")),
    ("prune --apply a --include-never-mailed", .conflict("--include-never-mailed", "--apply")),
    ("prune --apply a --plan b", .conflict("--plan", "--apply")),
    (
      "prune --apply -",
      .invalidValue(
        option: "--apply", value: "-",
        expected: .format("a file is needed, which is read more than once"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with a plan of Ann and Bob, of whom Bob was confirmed since; Eve, who is as old, was
  /// added later.
  private func world() throws -> (World, plan: String) {
    let world = try World.withStaleAccounts()
    let plan = "\(world.directory)/plan"
    #expect(
      world.printed("prune --include-never-mailed --plan \(plan)")
        == "2 accounts would go by \(plan); read it, then regctl prune --apply.\n")
    world.run("confirm --email bob@example.org --reason called -q")
    try world.execute(
      """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ('eve@example.org', '!', '2026-01-01 00:00:00', FALSE, FALSE)
      """)
    return (world, plan)
  }

  @Test(arguments: [false, true])
  func `a plan shows the accounts that are kept`(_ isQuiet: Bool) throws {
    let (world, plan) = try world()
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
    #expect(
      try world.rows("SELECT email FROM users ORDER BY id")
        == ["bob@example.org", "eve@example.org"])
    #expect(try world.rows("SELECT email FROM regctl_archive") == ["ann@example.org"])
  }

  @Test func `a terminal shows how much of the plan is done`() throws {
    let (world, plan) = try world()
    let lines = world.progress(of: "prune --apply \(plan) --yes --max 9")
    #expect(
      lines.map { String($0.prefix { $0 != "%" }) } == [
        "prune: looking, 2 of 2 accounts, 100 ", "prune: pruning, 2 of 2 accounts, 100 ",
      ])
  }

  @Test func `JSON has every account of the plan`() throws {
    let (world, plan) = try world()
    #expect(
      world.printed("prune --apply \(plan) --yes --max 9 --json") == """
        {"schema":1,"run":1,"dry_run":false,"cutoff":"2027-01-08T09:00:00Z","pruned":1,\
        "kept":{"confirmed":1},"accounts":[{"email":"ann@example.org",\
        "registered_on":"2026-01-01T00:00:00Z","result":"pruned","reason":null,"id":1},\
        {"email":"bob@example.org","registered_on":"2026-01-02T00:00:00Z","result":"kept",\
        "reason":"confirmed","id":2}]}

        """)
  }

  @Test func `a dry run reports the same and deletes none`() throws {
    let (world, plan) = try world()
    let before = try world.content()
    #expect(
      world.printed("prune --apply \(plan) --dry-run --max 9 --format tsv") == """
        email\tregistered_on\tresult\treason
        ann@example.org\t2026-01-01T00:00:00Z\tprune\t
        bob@example.org\t2026-01-02T00:00:00Z\tkeep\tconfirmed

        """)
    #expect(try world.content() == before)
  }

  @Test func `an applied plan has nothing left to prune`() throws {
    let (world, plan) = try world()
    world.run("prune --apply \(plan) --yes --max 9 -q")
    #expect(
      world.printed("prune --apply \(plan) --yes --max 9").hasPrefix("Nothing to prune.\n"))
    #expect(try world.rows("SELECT count(*) FROM regctl_prunes") == ["1"])
  }

  @Test func `the prompt names the accounts, and no deletes none`() throws {
    let (world, plan) = try world()
    world.answers = ["n"]
    _ = try world.refusal(of: "prune --apply \(plan) --max 9", endingWith: .refused)
    #expect(world.questions == ["Prune 1 account (ann@example.org)?"])
  }

  @Test func `a truncated plan is rejected`() throws {
    let (world, plan) = try world()
    let lines = try FileSystem.read(plan, atMost: 1 << 20)
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let half = "\(world.directory)/half"
    try FileSystem.create(half, content: Array(lines[..<2].joined(separator: [0x0a])) + [0x0a])
    let refusal = try world.refusal(of: "prune --apply \(half) --yes --max 9", endingWith: .data)
    #expect(
      refusal == """
        regctl: error: prune: '\(half)' line 2: the plan ends after 1 of 2 accounts; \
        nothing was deleted
        hint: write a new plan with regctl prune --plan FILE

        """)
  }

  @Test func `a missing plan is rejected`() throws {
    let (world, _) = try world()
    _ = try world.refusal(
      of: "prune --apply \(world.directory)/none --yes", endingWith: .noInput)
  }
}
