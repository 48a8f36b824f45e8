import RegctlCore
import SQL
import TestSupport
import Testing

@testable import regctl

@Suite("Erase") struct EraseTests {
  @Test(arguments: [
    ("erase a@b.cd --yes", UsageError.Fault.requires("erase", "--reason")),
    ("erase --reason x", .missingOperand("EMAIL|ID")),
    ("erase a@b.cd c@d.ef --reason x", .unexpectedOperand("c@d.ef")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with a queued mail to Ann, and Bob.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", queuesMail: true)
    world.register("bob")
    return world
  }

  @Test(arguments: ["ann@example.org", "1"])
  func `a person is erased`(_ word: String) throws {
    let world = try world()
    #expect(
      world.printed("erase \(word) --reason ticket --yes")
        == "Erased ann@example.org: 1 account, 1 mail, 1 audit entry.\n")
    #expect(
      try world.rows("SELECT email FROM users WHERE email LIKE '%@example.org'") == [
        "bob@example.org"
      ])
    #expect(world.printed("audit --verify").hasPrefix("entries  4, unchanged, 1 of them erased\n"))
    #expect(
      world.printed("audit --act erase --format jsonl --fields email,detail,reason") == """
        {"schema":1,"email":null,"detail":"entries 2","reason":"ticket"}

        """)
  }

  @Test func `a dry run says what there is, and changes nothing`() throws {
    let world = try world()
    #expect(
      world.printed("erase ann@example.org --reason x --dry-run --json") == """
        {"schema":1,"result":"erased","dry_run":true,"email":"ann@example.org","id":1,\
        "archived":0,"mails":1,"entries":1}

        """)
    #expect(try world.rows("SELECT count(*) || '' FROM regctl_audit") == ["3"])
  }

  @Test func `without an answer nothing is erased`() throws {
    let world = try world()
    #expect(world.run("erase ann@example.org --reason x --no-input") == .usage)
    #expect(try world.rows("SELECT count(*) || '' FROM users") == ["2"])
  }

  @Test func `an unknown person is not asked about`() throws {
    #expect(
      try world().refusal(of: "erase eve@example.org --reason x --yes", endingWith: .noUser)
        == "regctl: error: erase: no such account: 'eve@example.org'\n")
  }

  @Test func `a reason with the address is refused`() throws {
    #expect(
      try world().refusal(
        of: "erase ann@example.org --reason ann@example.org --yes", endingWith: .usage
      ) == """
        regctl: error: erase: the reason contains an address that is to be erased
        hint: give a reason that the audit may keep, such as the number of a ticket

        """)
  }

  @Test func `a dry run needs no reason`() throws {
    let world = try World()
    world.register("ann", "bob")
    #expect(world.run("erase ann@example.org --dry-run") == .ok)
    #expect(world.run("erase ann@example.org --yes") == .usage)
  }
}
