import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Lock") struct LockTests {
  @Test(arguments: [
    ("lock a@b.cd", UsageError.Fault.requires("lock", "--reason")),
    ("lock --reason x", .missingOperand("EMAIL|@DOMAIN")),
    ("lock @b.cd --reason x --yes=no", .unexpectedValue(option: "--yes")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob")
    return world
  }

  @Test func `accounts and domains are locked, each with its result`() throws {
    let world = try world()
    let line = "lock ann@example.org @spam.example eve@example.org --reason spam --json"
    #expect(
      world.printed(line, endingWith: .refused).hasPrefix(
        #"{"schema":1,"dry_run":false,"results":["#
          + #"{"email":"ann@example.org","domain":null,"result":"locked","accounts":1,"error":null},"#
          + #"{"email":null,"domain":"spam.example","result":"locked","accounts":0,"error":null},"#
          + #"{"email":"eve@example.org","domain":null,"result":"failed","accounts":0,"error":{"#))
    #expect(
      try world.rows(
        "SELECT coalesce(email, domain) || ' ' || reason FROM regctl_locks ORDER BY id")
        == ["ann@example.org spam", "spam.example spam"])
  }

  @Test func `a domain with accounts is asked about, and an account is not`() throws {
    let world = try world()
    world.answers = ["n"]
    _ = try world.refusal(of: "lock @EXAMPLE.org --reason spam", endingWith: .refused)
    #expect(world.questions == ["Lock 2 accounts (@example.org)?"])
    #expect(
      world.printed("lock @example.org --reason spam --yes")
        == "@example.org is locked, with 2 accounts.\n")
    #expect(
      world.printed("lock ann@example.org --reason spam") == "ann@example.org is locked.\n")
    #expect(
      world.printed("lock @example.org --reason spam --yes") == "@example.org is locked already.\n")
  }

  @Test func `a dry run changes nothing`() throws {
    let world = try world()
    let before = try world.content()
    #expect(
      world.printed("lock @example.org ann@example.org --reason spam -n") == """
        @example.org would be locked, with 2 accounts.
        ann@example.org would be locked.

        """)
    let isUnchanged = try world.content() == before
    #expect(isUnchanged)
  }

  @Test func `what is locked says since when, by whom and why, and how to unlock it`() throws {
    let world = try world()
    world.run("lock @example.org --reason spam --yes -q")
    #expect(
      try world.refusal(of: "check ann@example.org", endingWith: .refused) == """
        regctl: error: check: the domain example.org of ann@example.org is locked \
        since 2026-11-23 09:00 UTC by tester: spam
        hint: regctl unlock @example.org

        """)
  }

  @Test func `a dry run needs no reason`() throws {
    let world = try World()
    world.register("ann", "bob")
    #expect(world.run("lock ann@example.org --dry-run") == .ok)
    #expect(world.run("lock ann@example.org --yes") == .usage)
  }

  @Test func `a terminal shows how many accounts are done, unless it shows the results`() throws {
    let world = try world()
    let line = "lock ann@example.org eve@example.org bob@example.org --reason spam"
    let lines = world.progress(of: line, endingWith: .refused)
    let expected = [
      "lock: 1 of 3 accounts, 33 %", "lock: 2 of 3 accounts", "lock: 3 of 3 accounts",
    ]
    #expect(lines.count == expected.count)
    for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start)) }
    world.outputIsTerminal = true
    #expect(world.progress(of: "unlock ann@example.org bob@example.org") == [])
  }
}
