import RegctlCore
import Testing

@testable import regctl

@Suite("Commands about one account") struct AccountCommandsTests {
  @Test(arguments: [
    ("unconfirm a@b.cd", UsageError.Fault.requires("unconfirm", "--reason")),
    ("delete a@b.cd --yes", .requires("delete", "--reason")),
    ("delete --reason x", .missingOperand("EMAIL")), ("grant-admin", .missingOperand("EMAIL")),
    ("revoke-admin a b", .unexpectedOperand("b")), ("change-email a@b.cd", .missingOperand("NEW")),
    ("show", .missingOperand("EMAIL|ID")), ("check", .missingOperand("EMAIL")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// Command lines that are run in order, on a store in which Ann is unconfirmed.
  private static let session: [(line: String, text: String)] = [
    ("grant-admin ann@example.org", "ann@example.org is now an administrator.\n"),
    ("grant-admin ann@example.org", "ann@example.org is already an administrator.\n"),
    (
      "revoke-admin ann@example.org --force --json",
      """
      {"schema":1,"results":[{"email":"ann@example.org","result":"revoked","error":null}]}

      """
    ),
    ("revoke-admin ann@example.org", "ann@example.org was not an administrator.\n"),
    ("confirm --email ann@example.org --reason called", "Confirmed ann@example.org.\n"),
    ("check ann@example.org", ""),
    (
      "show ann@example.org --format tsv",
      """
      at\tevent\tby\tdetail
      2026-11-23T09:00:00Z\tregister\ttester\t
      2026-11-23T09:00:00Z\tgrant-admin\ttester\t
      2026-11-23T09:00:00Z\trevoke-admin\ttester\t
      2026-11-23T09:00:00Z\tconfirm-by-operator\ttester\tcalled

      """
    ),
    (
      "unconfirm ann@example.org --reason bounced",
      "ann@example.org is no longer confirmed.\n"
    ),
    ("unconfirm ann@example.org --reason bounced -q", ""),
    ("delete ann@example.org --reason left --yes", "ann@example.org is deleted.\n"),
  ]

  @Test func `each command reports its result`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password --no-mail -q")
    for (line, text) in Self.session { #expect(world.printed(line) == text) }
  }

  @Test func `one question covers all accounts, and no deletes none`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password --no-mail -q")
    world.answers = ["n"]
    #expect(world.printed("delete ann@example.org --reason left", endingWith: .refused) == "")
    #expect(world.questions == ["Delete permanently 1 account (ann@example.org)?"])
    #expect(world.printed("list-unconfirmed --count") == "1\n")
  }
}
