import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Purge") struct PurgeTests {
  @Test(arguments: [
    ("purge 1", UsageError.Fault.unexpectedOperand("1")),
    ("purge --dry-run=1", .unexpectedValue(option: "--dry-run")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann and Bob were pruned in run 1, and Eve was deleted, long ago.
  private func world() throws -> World {
    let world = try World.withStaleAccounts()
    #expect(world.run("prune --include-never-mailed --max 9 --yes -q") == .ok)
    world.register("eve", queuesMail: true)
    #expect(world.run("delete eve@example.org --reason left --yes -q") == .ok)
    world.now = world.now + .seconds(365 * 86_400)
    return world
  }

  @Test func `a dry run counts and changes nothing`() throws {
    let world = try world()
    let before = try world.content()
    #expect(world.printed("purge -n") == "Would purge 3 archived accounts, 1 mail.\n")
    #expect(
      world.printed("purge --dry-run --json") == """
        {"schema":1,"dry_run":true,"archive_cutoff":"2027-10-24T09:00:00Z",\
        "outbox_cutoff":"2027-01-23T09:00:00Z","accounts":3,"mails":1,"changes":0}

        """)
    #expect(try world.content() == before)
  }

  @Test func `a terminal shows how many rows went`() throws {
    let lines = try world().progress(of: "purge")
    #expect(lines.last?.hasPrefix("purge: 4 of 4 rows, 100 %") == true)
  }

  @Test func `what is too old goes, once`() throws {
    let world = try world()
    #expect(world.printed("purge") == "Purged 3 archived accounts, 1 mail.\n")
    #expect(world.printed("purge") == "Nothing to purge.\n")
    #expect(world.printed("purge --quiet") == "")
    #expect(try world.rows("SELECT email FROM regctl_archive") == [])
  }

  @Test func `what was purged is refused with what became of it`() throws {
    let world = try world()
    #expect(world.run("purge --quiet") == .ok)
    #expect(
      try world.refusal(of: "unprune ann@example.org", endingWith: .noUser) == """
        regctl: error: unprune: ann@example.org was pruned in run 1 on 2027-01-22 09:00 UTC and \
        purged after archive_keep
        hint: regctl register ann@example.org

        """)
    #expect(
      try world.refusal(of: "unprune 1 --yes", endingWith: .noUser) == """
        regctl: error: unprune: the accounts of run 1 were pruned on 2027-01-22 09:00 UTC and \
        purged after archive_keep
        hint: regctl list-prunes

        """)
    for word in ["eve@example.org", "3"] {
      #expect(
        try world.refusal(of: "undelete \(word)", endingWith: .noUser) == """
          regctl: error: undelete: eve@example.org was deleted on 2027-01-22 09:00 UTC by tester: \
          left, and purged after archive_keep
          hint: regctl register eve@example.org

          """)
    }
  }

  @Test func `the audit says who purged`() throws {
    let world = try world()
    #expect(world.run("purge --quiet") == .ok)
    #expect(
      world.printed("audit --act purge --format tsv --fields by,act,detail --no-header")
        == "tester\tpurge\tarchive before 2027-10-24T09:00:00Z, "
        + "mails before 2027-01-23T09:00:00Z\n")
  }
}
