import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Audit") struct AuditTests {
  @Test(arguments: [
    ("audit x", UsageError.Fault.unexpectedOperand("x")),
    ("audit --verify --since 1d", .conflict("--since", "--verify")),
    ("audit --verify --fields at", .conflict("--fields", "--verify")),
    ("audit --verify --by ann", .conflict("--by", "--verify")),
    ("audit --verify --count", .conflict("--count", "--verify")),
    ("audit --verify --act delete", .conflict("--act", "--verify")),
    ("audit --verify --newest", .conflict("--newest", "--verify")),
    ("audit --verify --limit 1", .conflict("--limit", "--verify")),
    ("audit --head \(String(repeating: "0", count: 64))", .requires("--head", "--verify")),
    (
      "audit --verify --head x",
      .invalidValue(
        option: "--head", value: "x", expected: .format("must have 64 hexadecimal digits"))
    ),
    (
      "audit --since 2026-13-01",
      .invalidValue(
        option: "--since", value: "2026-13-01",
        expected: .format("a date or time is needed, such as 2026-11-23T09:00:00Z"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann was registered a minute before Bob, and confirmed a day later.
  private func world() throws -> World {
    let world = try World()
    world.register("ann")
    world.now = world.now + .seconds(60)
    world.register("bob")
    world.now = world.now + .seconds(86_400)
    world.run("confirm --email ann@example.org --reason called -q")
    return world
  }

  @Test(arguments: [
    (
      "",
      """
      AT                    BY      ACT                  EMAIL            DETAIL  REASON
      2026-11-23 09:00 UTC  tester  create-db            -                -       -
      2026-11-23 09:00 UTC  tester  register             ann@example.org  -       -
      2026-11-23 09:01 UTC  tester  register             bob@example.org  -       -
      2026-11-24 09:01 UTC  tester  confirm-by-operator  ann@example.org  -       called

      """
    ),
    (
      "--email ANN@example.org --format tsv --fields act,reason",
      "act\treason\nregister\t\nconfirm-by-operator\tcalled\n"
    ),
    ("--email ann@example.org --format tsv --no-header --fields act --limit 1", "register\n"),
    (
      "--email ann@example.org --format tsv --no-header --fields act --newest --limit 1",
      "confirm-by-operator\n"
    ),
    (
      "--newest --format tsv --no-header --fields act",
      "confirm-by-operator\nregister\nregister\ncreate-db\n"
    ),
    (
      "--act register --newest --format tsv --no-header --fields email --limit 1",
      "bob@example.org\n"
    ),
    ("--by nobody --format tsv --no-header", ""),
    ("--by tester --act confirm-by-operator --format tsv --no-header --fields reason", "called\n"),
    (
      "--email ann@example.org --format tsv --no-header --fields act --since 1h",
      "confirm-by-operator\n"
    ),
    ("--format tsv --no-header --fields act --limit 1", "create-db\n"),
    (
      "--until 2026-11-23 --format tsv --no-header --fields email",
      "\nann@example.org\nbob@example.org\n"
    ),
    ("--until 2026-11-22 --format tsv --no-header --fields email", ""),
    (
      "--domain Example.org --act register --format tsv --no-header --fields email --newest",
      "bob@example.org\nann@example.org\n"
    ),
    ("--domain xample.org --format tsv --no-header", ""),
    (
      "--email bob@example.org --email ann@example.org --newest --format tsv --no-header --fields act,email",
      "confirm-by-operator\tann@example.org\nregister\tbob@example.org\nregister\tann@example.org\n"
    ),
    (
      "--email ann@example.org --email bob@example.org --domain example.org --act register --count",
      "2\n"
    ),
    ("--email 2 --count", "1\n"),
    ("--count", "4\n"),
    ("--count --limit 3", "3\n"),
    ("--act register --since 2026-11-23T09:00:30Z --count", "1\n"),
    ("--until never --count", "0\n"),
    (
      "--format jsonl --fields by,act,email --since 2026-11-23T09:00:30Z",
      """
      {"schema":1,"by":"tester","act":"register","email":"bob@example.org"}
      {"schema":1,"by":"tester","act":"confirm-by-operator","email":"ann@example.org"}

      """
    ),
    ("--since 1h --email bob@example.org --json", "{\"schema\":1,\"entries\":[],\"count\":0}\n"),
  ])
  func `entries are listed, oldest first`(_ options: String, text: String) throws {
    #expect(try world().printed("audit \(options)") == text)
  }

  @Test func `an unchanged chain has a number and a hash to check later`() throws {
    let world = try world()
    let head = try #require(try world.rows("SELECT hash FROM regctl_audit ORDER BY id DESC").first)
    #expect(
      world.printed("audit --verify") == "entries  4, unchanged\nhead     \(head)\n")
    world.register("eve")
    #expect(
      world.printed("audit --verify --head \(head) --json")
        .hasPrefix("{\"schema\":1,\"verified\":5,\"erased\":0,\"head\":\""))
  }

  @Test func `a new address is the detail, and the words of the operator are the reason`() throws {
    let world = try world()
    world.run("change-email bob@example.org rob@example.org --reason moved -q")
    #expect(
      world.printed("audit --act change-email --format jsonl --fields email,detail,reason") == """
        {"schema":1,"email":"bob@example.org","detail":"to rob@example.org","reason":"moved"}

        """)
  }

  @Test func `a changed entry is reported`() throws {
    let world = try world()
    try world.execute("UPDATE regctl_audit SET reason = 'came in person' WHERE id = 4")
    #expect(
      try world.refusal(of: "audit --verify", endingWith: .inputOutput)
        .hasPrefix("regctl: error: audit: audit entry 4 was changed"))
  }

  @Test func `a hash that is not in the chain is reported`() throws {
    let head = String(repeating: "0", count: 64)
    #expect(
      try world().refusal(of: "audit --verify --head \(head)", endingWith: .inputOutput)
        .hasPrefix("regctl: error: audit: "))
  }

  @Test func `an entry about several of the accounts is listed once`() throws {
    let world = try world()
    world.run("issue-token ann@example.org bob@example.org -q")
    #expect(
      world.printed(
        "audit --email ann@example.org --email bob@example.org --act issue-token --count")
        == "1\n")
  }

  @Test func `of several accounts those that never existed are reported`() throws {
    let world = try world()
    #expect(
      world.printed(
        "audit --email bob@example.org --email eve@example.org --count", endingWith: .refused)
        == "1\n")
    #expect(world.errorOutput.text.contains("no such account: 'eve@example.org'"))
  }

  @Test func `an unknown account prints no list`() throws {
    #expect(
      try world().refusal(of: "audit --email eve@example.org --json", endingWith: .noUser)
        .contains("no such account: 'eve@example.org'"))
  }

  @Test func `a terminal shows how much is verified`() throws {
    let world = try world()
    let count = try #require(Int(world.printed("audit --count").dropLast()))
    let lines = world.progress(of: "audit --verify")
    #expect(lines.count == count)
    #expect(lines.last?.hasPrefix("audit: \(count) of \(count) rows, 100 %") == true)
  }
}
