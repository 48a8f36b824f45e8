import RegctlCore
import Testing

@testable import regctl

@Suite("ArchiveSelection") struct ArchiveSelectionTests {
  @Test(arguments: [
    (
      "list-accounts --state admin,pruned",
      UsageError.Fault.conflict("--state pruned", "--state admin")
    ),
    ("list-accounts --state deleted --sort email", .conflict("--sort", "--state")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// What a list of accounts prints of one column.
  private func listed(_ options: String, in world: World, column: String = "email") -> [String] {
    world.printed("list-accounts \(options) --format tsv --no-header --fields \(column)")
      .split(separator: "\n").map(String.init)
  }

  @Test func `deleted accounts are found in the archive`() throws {
    let world = try World.withDatedAccounts()
    world.run("delete joanna@example.org ann@example.org --reason left --yes -q")
    #expect(
      world.printed("list-accounts --state deleted") == """
        EMAIL               CONFIRMED  REGISTERED_ON         CONFIRMED_ON
        joanna@example.org  no         2026-11-25 09:00 UTC  -
        ann@example.org     yes        2026-11-23 09:00 UTC  2026-11-23 09:00 UTC

        """)
    let newestFirst = ["ann@example.org", "joanna@example.org"]
    #expect(listed("--state deleted --newest", in: world) == newestFirst)
    #expect(listed("ANN --state deleted --since 2026-11-24", in: world) == ["joanna@example.org"])
    #expect(listed("--state deleted --email 1", in: world, column: "id,admin") == ["1\tfalse"])
    #expect(listed("--state deleted --email eve@example.org", in: world) == [])
    #expect(listed("--state pruned", in: world) == [])
    #expect(world.printed("list-accounts --state pruned,deleted --limit 1 --count") == "1\n")
    world.run("undelete ann@example.org -q")
    #expect(listed("--state deleted", in: world) == ["joanna@example.org"])
  }

  @Test func `pruned accounts come before deleted ones`() throws {
    let world = try World.withStaleAccounts()
    world.run("register eve@example.net --no-password -q")
    world.run("delete eve@example.net --reason left --yes -q")
    world.run("prune --include-never-mailed --max 9 --yes -q")
    let all = ["ann@example.org", "bob@example.org", "eve@example.net"]
    #expect(listed("--state pruned,deleted", in: world) == all)
    #expect(listed("--state deleted,pruned --limit 2", in: world) == [all[2], all[0]])
    #expect(listed("--state pruned --newest", in: world) == [all[1], all[0]])
    #expect(listed("--state pruned --domain example.net", in: world) == [])
    #expect(
      world.printed("list-accounts bob --state pruned --json").contains(
        #""id":2,"email":"bob@example.org","admin":false,"confirmed":false,"locked":false"#))
  }
}
