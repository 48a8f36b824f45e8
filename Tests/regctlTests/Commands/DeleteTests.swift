import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Delete") struct DeleteTests {
  @Test(arguments: [
    ("delete a@b.cd --yes", UsageError.Fault.requires("delete", "--reason")),
    ("delete --reason x", .missingOperand("EMAIL")),
    ("delete a@b.cd --reason x --reason y", .repeatedOption("--reason")),
    ("delete a@b.cd --reason x --yes=no", .unexpectedValue(option: "--yes")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with a queued mail to Ann, and none to Bob.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", queuesMail: true)
    world.register("bob")
    return world
  }

  @Test func `an account is deleted and its mail cancelled`() throws {
    let world = try world()
    #expect(
      world.printed("delete ann@example.org --reason left --yes") == "ann@example.org is deleted.\n"
    )
    #expect(try world.rows("SELECT email FROM users") == ["bob@example.org"])
    #expect(try world.rows("SELECT state FROM regctl_outbox") == ["cancelled"])
    #expect(
      try world.rows("SELECT email || ' ' || reason FROM regctl_audit WHERE act = 'delete'")
        == ["ann@example.org left"])
  }

  @Test(arguments: [
    (
      "tsv", "email\tresult\terror\nann@example.org\tdeleted\t\nbob@example.org\tdeleted\t\n"
    ),
    (
      "json",
      """
      {"schema":1,"dry_run":false,"results":[{"email":"ann@example.org","result":"deleted","error":null},\
      {"email":"bob@example.org","result":"deleted","error":null}]}

      """
    ),
  ])
  func `a row has the result of each account`(_ format: String, text: String) throws {
    let line = "delete ann@example.org bob@example.org --reason left -y --format \(format)"
    #expect(try world().printed(line) == text)
  }

  @Test func `an unknown account does not stop the others`() throws {
    let world = try world()
    let line = "delete eve@example.org ann@example.org --reason left --yes"
    #expect(world.printed(line, endingWith: .refused) == "ann@example.org is deleted.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: delete: 1 of 2 failed\n"))
  }

  @Test func `the prompt names the accounts, and no deletes none`() throws {
    let world = try world()
    world.answers = ["n"]
    _ = try world.refusal(of: "delete ann@example.org --reason left", endingWith: .refused)
    #expect(world.questions == ["Delete 1 account (ann@example.org)?"])
  }

  @Test func `without a terminal --yes is needed`() throws {
    let message = try world().refusal(
      of: "delete ann@example.org --reason left", endingWith: .usage)
    #expect(message.contains("--yes"))
  }

  @Test func `a dry run changes nothing, and finds what would be refused`() throws {
    let world = try world()
    world.run("grant-admin ann@example.org -q")
    let before = try world.content()
    #expect(
      world.printed("delete bob@example.org --reason left -n")
        == "bob@example.org would be deleted.\n"
    )
    let line = "delete ann@example.org bob@example.org --reason left --dry-run --json"
    #expect(
      world.printed(line, endingWith: .refused)
        .hasPrefix(#"{"schema":1,"dry_run":true,"results":"#))
    #expect(world.questions == [])
    let isUnchanged = try world.content() == before
    #expect(isUnchanged)
  }

  @Test func `an unknown account is not asked about`() throws {
    let world = try world()
    world.answers = ["y"]
    _ = try world.refusal(of: "delete eve@example.org --reason left", endingWith: .noUser)
    #expect(world.questions == [])
  }

  @Test func `the last administrator is kept unless --force is given`() throws {
    let world = try world()
    world.run("grant-admin ann@example.org -q")
    let line = "delete ann@example.org --reason left --yes"
    #expect(
      try world.refusal(of: line, endingWith: .refused)
        == """
        regctl: error: delete: ann@example.org is the last administrator
        hint: make another one with regctl grant-admin, or use --force

        """)
    #expect(world.printed("\(line) --force") == "ann@example.org is deleted.\n")
  }

  @Test(arguments: [
    ("delete a@b.org --domain b.org --reason x", UsageError.Fault.unexpectedOperand("a@b.org")),
    ("delete --domain b.org", .requires("delete", "--reason")),
    ("delete --reason x", .missingOperand("EMAIL")),
  ])
  func `operands and a selection are not mixed`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `a selection of accounts is deleted, and no others`() throws {
    let world = try World()
    world.register("ann", "bob", "eve")
    for name in ["kim", "lou"] { world.run("register \(name)@x.org --no-password -q") }
    world.run("confirm --email lou@x.org --reason called -q")
    let line = "delete --domain X.org --state unconfirmed --reason spam"
    #expect(world.printed("\(line) --dry-run") == "kim@x.org would be deleted.\n")
    #expect(world.printed("\(line) --yes") == "kim@x.org is deleted.\n")
    #expect(world.printed("\(line) --yes") == "Nothing to delete.\n")
    #expect(
      world.printed("delete --newest --limit 1 --domain example.org --reason x --yes --json")
        .contains("eve@example.org"))
    world.input = TypedInput(Array("ann@example.org\nlou@x.org\n".utf8))
    #expect(
      world.printed("delete --stdin --domain example.org --reason x --yes")
        == "ann@example.org is deleted.\n")
    #expect(
      world.printed("list-accounts --format tsv --no-header --fields email")
        == "bob@example.org\nlou@x.org\n")
  }

  @Test func `a dry run needs no reason`() throws {
    let world = try World()
    world.register("ann", "bob")
    #expect(world.run("delete ann@example.org --dry-run") == .ok)
    #expect(world.run("delete ann@example.org --yes") == .usage)
  }
}
