import RegctlCore
import Testing

@testable import regctl

@Suite("ListAccounts") struct ListAccountsTests {
  @Test(arguments: [
    ("list-accounts a b", UsageError.Fault.unexpectedOperand("b")),
    ("list-accounts --count --fields id", .conflict("--count", "--fields")),
    (
      "list-accounts --state confirmd",
      .invalidValue(
        option: "--state", value: "confirmd",
        expected: .choice(
          ["unconfirmed", "confirmed", "admin", "locked", "bounced", "pruned", "deleted"],
          suggestion: "confirmed"))
    ),
    (
      "list-accounts --limit 0", .invalidValue(option: "--limit", value: "0", expected: .number)
    ),
    (
      "list-accounts --domain a@b",
      .invalidValue(option: "--domain", value: "a@b", expected: .domain)
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test(arguments: [
    (
      "ANN",
      """
      EMAIL               CONFIRMED  REGISTERED_ON         CONFIRMED_ON
      ann@example.org     yes        2026-11-23 09:00 UTC  2026-11-23 09:00 UTC
      joanna@example.org  no         2026-11-25 09:00 UTC  -

      """
    ),
    ("--format tsv --no-header --fields id", "1\n2\n3\n"),
    ("--format tsv --no-header --fields id --newest", "3\n2\n1\n"),
    ("--format tsv --no-header --fields id --newest --limit 1", "3\n"),
    ("--format tsv --no-header --fields id --since yesterday --until yesterday", "2\n"),
    ("--format tsv --no-header --fields id --since today", "3\n"),
    ("--format tsv --no-header --fields id --until 2026-11-24", "1\n2\n"),
    ("--format tsv --no-header --fields id --since 25h", "2\n3\n"),
    ("--format tsv --no-header --fields id --state unconfirmed", "2\n3\n"),
    ("--format tsv --no-header --fields id --state confirmed,admin", "1\n"),
    ("--format tsv --no-header --fields id --sort email --limit 2", "1\n2\n"),
    ("--domain example.com", ""), ("--count", "3\n"), ("--count --limit 2", "2\n"),
    ("ann --count", "2\n"), ("--count --until never", "0\n"), ("--count --since never", "3\n"),
    ("--count --json", "{\"schema\":1,\"count\":3}\n"),
    (
      "bob --json",
      """
      {"schema":1,"accounts":[{"id":2,"email":"bob@example.org","admin":false,\
      "confirmed":false,"locked":false,"bounced":false,"registered_on":"2026-11-24T09:00:00Z","confirmed_on":null}],"count":1}

      """
    ),
  ])
  func `a list is formatted as expected`(_ options: String, text: String) throws {
    let world = try World.withDatedAccounts()
    #expect(world.printed("list-accounts \(options)") == text)
  }

  @Test func `a list of several batches is complete and stops at its limit`() throws {
    let world = try World()
    let lines = (1...2500).map { "a\($0)@example.org\n" }.joined()
    world.input = TypedInput(Array("email\n\(lines)".utf8))
    world.run("import - -q")
    let listing = "list-accounts --format tsv --no-header --fields email"
    #expect(world.printed(listing).split(separator: "\n").count == 2500)
    #expect(world.printed("\(listing) --limit 1001").split(separator: "\n").count == 1001)
    #expect(world.printed("list-accounts --json").hasSuffix("],\"count\":2500}\n"))
  }

  /// What a list of accounts prints of one column.
  private func listed(_ options: String, in world: World, column: String = "email") -> [String] {
    world.printed("list-accounts \(options) --format tsv --no-header --fields \(column)")
      .split(separator: "\n").map(String.init)
  }

  @Test func `locked accounts are found, themselves and by their domain`() throws {
    let world = try World.withDatedAccounts()
    for email in ["kit@spam.example", "joe@Spam.Example", "ann@notspam.example"] {
      world.run("register \(email) --no-password -q")
    }
    #expect(listed("--state locked", in: world) == [])
    world.run("lock bob@example.org --reason spam -q")
    world.run("lock @spam.example --reason spam --yes -q")
    let locked = ["bob@example.org", "kit@spam.example", "joe@spam.example"]
    #expect(listed("--state locked", in: world) == locked)
    #expect(listed("--state locked --newest --limit 1", in: world) == ["joe@spam.example"])
    #expect(listed("--state locked --domain example.org", in: world) == ["bob@example.org"])
    #expect(
      listed("--state locked,confirmed", in: world) == ["ann@example.org"] + locked)
    #expect(world.printed("list-accounts --state locked --count") == "3\n")
  }
}
