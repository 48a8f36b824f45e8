import RegctlCore
import SQL
import System
import Testing

@testable import regctl

@Suite("Prune") struct PruneTests {
  @Test(arguments: [
    ("prune --plan a --apply b", UsageError.Fault.conflict("--plan", "--apply")),
    ("prune --plan a --yes", .conflict("--yes", "--plan")),
    ("prune --plan a -n", .conflict("--dry-run", "--plan")),
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
    world.register("eve", queuesMail: true)
    return world
  }

  private static let line = "prune --include-never-mailed --max 9"

  @Test func `a dry run lists every account and deletes none`() throws {
    let world = try world()
    #expect(
      world.printed("\(Self.line) -n") == """
        EMAIL            REGISTERED_ON         RESULT  REASON
        ann@example.org  2026-01-01 00:00 UTC  prune   -
        bob@example.org  2026-01-02 00:00 UTC  prune   -
        Would prune 2 accounts.

        """)
    #expect(world.printed("list-unconfirmed --count") == "3\n")
  }

  @Test(arguments: [
    ("--yes", ["prune: looking, 2 accounts, ", "prune: pruning, 2 of 2 accounts, 100 %"]),
    ("--dry-run", ["prune: looking, 2 accounts, "]),
    ("--plan plan", ["prune: looking, 2 accounts, "]),
  ])
  func `a terminal shows how many accounts were looked at and pruned`(
    _ words: String, expected: [String]
  ) throws {
    let world = try World.withStaleAccounts()
    let words = words.replacing("--plan ", with: "--plan \(world.directory)/")
    let lines = world.progress(of: "\(Self.line) \(words)")
    for line in lines { #expect(expected.contains { line.hasPrefix($0) }, "\(line)") }
    for start in expected { #expect(lines.contains { $0.hasPrefix(start) }, "\(start)") }
  }

  @Test func `a dry run on a terminal shows the accounts instead`() throws {
    let world = try World.withStaleAccounts()
    world.outputIsTerminal = true
    #expect(world.progress(of: "\(Self.line) --dry-run --no-pager") == [])
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
      world.printed("unprune 1 --yes")
        == "ann@example.org is back, number 1.\nbob@example.org is back, number 2.\n")
  }

  @Test func `without stale accounts no run is recorded`() throws {
    let world = try World()
    #expect(world.printed("prune --yes") == "Nothing to prune.\n")
    #expect(
      world.printed("prune --yes --older-than never")
        == "Nothing is pruned: the age is never.\n")
    #expect(try world.rows("SELECT run FROM regctl_prunes") == [])
  }

  @Test func `pruned accounts are in the archive, and no others`() throws {
    let world = try world()
    #expect(
      world.printed("\(Self.line) --yes")
        == "Pruned 2 accounts in run 1; regctl unprune 1 brings them back.\n")
    #expect(try world.rows("SELECT email FROM users") == ["eve@example.org"])
    #expect(
      try world.rows("SELECT email FROM regctl_archive ORDER BY account_id")
        == ["ann@example.org", "bob@example.org"])
  }

  @Test func `more than half of all accounts are not pruned without --max`() throws {
    let world = try world()
    #expect(
      try world.refusal(of: "prune --include-never-mailed --yes", endingWith: .refused)
        .contains("2 of 3 accounts to prune, more than half; none deleted"))
    #expect(
      try world.refusal(of: "prune --include-never-mailed --yes --max 1", endingWith: .refused)
        .hasPrefix("regctl: error: prune: "))
  }

  @Test func `the prompt names the accounts, and no deletes none`() throws {
    let world = try world()
    world.answers = ["n"]
    _ = try world.refusal(of: Self.line, endingWith: .refused)
    #expect(world.questions == ["Prune 2 accounts (ann@example.org, bob@example.org)?"])
    #expect(try world.refusal(of: Self.line, endingWith: .usage).contains("--yes"))
  }

  @Test func `an age at which links are still valid is rejected`() throws {
    #expect(
      try world().refusal(of: "prune --older-than 59m --yes", endingWith: .usage)
        .contains("links last 1 hour"))
  }

  @Test func `a plan is written and deletes none`() throws {
    let world = try world()
    let plan = "\(world.directory)/plan"
    let before = try world.content()
    #expect(
      world.printed("prune --include-never-mailed --older-than 20d --plan \(plan) --json") == """
        {"schema":1,"result":"planned","path":"\(plan)","made_at":"2027-01-22T09:00:00Z",\
        "cutoff":"2027-01-02T09:00:00Z","planned":2,"kept":{}}

        """)
    #expect(try FileSystem.status(of: plan)?.permissions == 0o600)
    #expect(try world.content() == before)
    #expect(
      try world.refusal(
        of: "prune --include-never-mailed --plan \(plan)", endingWith: .cannotCreate
      )
      .contains("File exists"))
  }

  @Test func `a selection prunes no other accounts`() throws {
    let world = try World.withStaleAccounts()
    for name in ["kim", "lou", "max"] {
      world.run("create-admin \(name)@x.org --generate-password -q")
    }
    let options = "--include-never-mailed --email BOB@example.org"
    #expect(
      world.printed("prune \(options) --dry-run --format tsv --no-header --fields email,result")
        == "bob@example.org\tprune\n")
    #expect(world.run("prune \(options) --yes -q") == .ok)
    #expect(try world.rows("SELECT email FROM users WHERE id < 3") == ["ann@example.org"])
    #expect(
      world.printed("prune --until never --dry-run --format tsv --no-header --fields email") == "")
    #expect(
      try fault(of: "prune --apply plan --since 1d") == .conflict("--since", "--apply"))
  }
}
