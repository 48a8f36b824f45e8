import RegctlCore
import Testing

@testable import regctl

@Suite("Lists") struct ListTests {
  @Test(arguments: [
    ("audit --verify --since 1d", UsageError.Fault.conflict("--since", "--verify")),
    ("audit --verify --fields at", .conflict("--fields", "--verify")),
    ("audit --head \(String(repeating: "0", count: 64))", .requires("--head", "--verify")),
    (
      "audit --verify --head x",
      .invalidValue(
        option: "--head", value: "x", expected: .format("must have 64 hexadecimal digits"))
    ),
    ("list-unconfirmed --count --fields id", .conflict("--count", "--fields")),
    ("list-outbox --limit 0", .invalidValue(option: "--limit", value: "0", expected: .number)),
    ("report funnel --by week", .requires("--by", "cohorts")),
    ("report metrics --since 1d", .conflict("--since", "metrics")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann and Bob are unconfirmed, and a mail to Bob is queued.
  private func world() throws -> World {
    let world = try World()
    world.run("register ann@example.org --no-password --no-mail -q")
    world.run("register bob@example.org --no-password -q")
    return world
  }

  @Test(arguments: [
    (
      "list-unconfirmed",
      """
      EMAIL            REGISTERED_ON         AGE  MAILS  LAST_MAIL_STATE  LAST_MAIL_AT
      ann@example.org  2026-11-23 09:00 UTC  0s   0      -                -
      bob@example.org  2026-11-23 09:00 UTC  0s   1      queued           2026-11-23 09:00 UTC

      """
    ),
    (
      "list-outbox --fields id,email,state,attempts --format tsv",
      "id\temail\tstate\tattempts\n1\tbob@example.org\tqueued\t0\n"
    ),
    (
      "audit --format jsonl --fields by,act,email --since 2026-11-23",
      """
      {"schema":1,"by":"tester","act":"create-db","email":null}
      {"schema":1,"by":"tester","act":"register","email":"ann@example.org"}
      {"schema":1,"by":"tester","act":"register","email":"bob@example.org"}

      """
    ),
    ("audit --email bob@example.org --format tsv --no-header --fields act", "register\n"),
    ("audit --format tsv --no-header --fields act --limit 1", "create-db\n"),
    ("list-admins", ""), ("list-prunes --json", "{\"schema\":1,\"prunes\":[],\"count\":0}\n"),
    (
      "report funnel",
      """
      DOMAIN       REGISTERED  MAILED  ACCEPTED  CONFIRMED            SHARE
      example.org  2           1       0         0          ........  0.0%

      """
    ),
    (
      "deliver --dry-run --format tsv",
      "id\temail\tpurpose\tresult\treason\n1\tbob@example.org\tconfirm\tsent\t\n"
    ),
  ])
  func `a list is formatted as expected`(_ line: String, text: String) throws {
    #expect(try world().printed(line) == text)
  }

  @Test func `a list of several batches is complete and stops at its limit`() throws {
    let world = try World()
    let lines = (1...2500).map { "a\($0)@example.org\n" }.joined()
    world.input = TypedInput(Array("email\n\(lines)".utf8))
    world.run("import - -q")
    let listing = "list-unconfirmed --format tsv --no-header --fields email"
    #expect(world.printed(listing).split(separator: "\n").count == 2500)
    #expect(world.printed("\(listing) --limit 1001").split(separator: "\n").count == 1001)
    #expect(world.printed("list-unconfirmed --json").hasSuffix("],\"count\":2500}\n"))
  }
}
