import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("PruneWaveList") struct PruneWaveListTests {
  @Test(arguments: [
    ("prune --waves --yes", UsageError.Fault.conflict("--yes", "--waves")),
    ("prune --waves -n", .conflict("--dry-run", "--waves")),
    ("prune --waves --wave 1", .conflict("--wave", "--waves")),
    ("prune --waves --plan a", .conflict("--plan", "--waves")),
    ("prune --waves --limit 1", .conflict("--limit", "--waves")),
    ("prune --wave 1 --apply a", .conflict("--wave", "--apply")),
    ("prune --wave 0", .invalidValue(option: "--wave", value: "0", expected: .number)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with Ann and Bob, and 25 accounts of one domain that were registered in as many seconds:
  /// the last of them is confirmed.
  private func world() throws -> World {
    let world = try World()
    let wave = (0...24).map { second in
      "u\(second)@spam.example,2026-01-03T04:00:\(second + 10)Z,\(second == 23)\n"
    }
    world.input = TypedInput(
      Array(
        """
        email,registered_on,confirmed
        ann@example.org,2026-01-01,false
        bob@example.org,2026-01-02,false
        \(wave.joined())
        """.utf8))
    world.run("import - -q")
    // A recent audit entry keeps an account.
    world.now = world.now + .seconds(60 * 86_400)
    return world
  }

  @Test func `waves are listed with the command for the largest`() throws {
    #expect(
      try world().printed("prune --include-never-mailed --waves") == """
        WAVE  ACCOUNTS  CONFIRMED  FIRST                 DOMAIN
           3        24          1  2026-01-03 04:00 UTC  spam.example
        The same command with --wave 3 prunes the largest.

        """)
  }

  @Test func `programs read waves as objects`() throws {
    let world = try world()
    #expect(
      world.printed("prune --include-never-mailed --waves --json") == """
        {"schema":1,"cutoff":"2027-01-08T09:00:00Z","waves":[{"wave":3,"accounts":24,"confirmed":1,\
        "first":"2026-01-03T04:00:10Z","last":"2026-01-03T04:00:34Z","domain":"spam.example",\
        "domains":1}],"count":1}

        """)
    #expect(
      world.printed("prune --include-never-mailed --waves --format tsv --fields accounts,wave")
        == "accounts\twave\n24\t3\n")
  }

  @Test func `a selection leaves out accounts before waves are found`() throws {
    let world = try world()
    #expect(
      world.printed("prune --include-never-mailed --waves --domain example.org --json")
        .contains(#""waves":[],"count":0"#))
    #expect(
      world.printed("prune --waves --older-than never --json")
        == #"{"schema":1,"cutoff":null,"waves":[],"count":0}"# + "\n")
    // Without an answer to a mail, accounts are kept.
    #expect(world.printed("prune --waves --format tsv --no-header") == "")
  }

  @Test func `a wave is pruned, and nothing else`() throws {
    let world = try world()
    let line = "prune --include-never-mailed --wave 3 --max 30"
    #expect(world.printed("\(line) --dry-run").contains("Would prune 24 accounts."))
    #expect(
      world.printed("\(line) --yes")
        == "Pruned 24 accounts in run 1; regctl unprune 1 brings them back.\n")
    #expect(
      try world.rows("SELECT email FROM users WHERE email NOT LIKE '%@invalid' ORDER BY id")
        == ["ann@example.org", "bob@example.org", "u23@spam.example"])
  }

  @Test func `the limits count the accounts of the wave`() throws {
    let world = try world()
    #expect(
      try world.refusal(
        of: "prune --include-never-mailed --wave 3 --max 23 --yes", endingWith: .refused
      ).contains("24 accounts to prune, limit 23"))
  }

  @Test(arguments: [2, 4, 99])
  func `an account that begins no wave is not found`(_ number: Int) throws {
    let world = try world()
    let failure = try world.refusal(
      of: "prune --include-never-mailed --wave \(number) --yes", endingWith: .noUser)
    #expect(failure.contains("no wave begins with account \(number)"))
    #expect(failure.contains("hint: regctl prune --waves"))
  }

  @Test func `a plan of a wave has its accounts`() throws {
    let world = try world()
    let plan = "\(world.directory)/plan"
    #expect(
      world.printed("prune --include-never-mailed --wave 3 --plan \(plan)")
        .contains("24 accounts would go"))
  }
}
