import RegctlCore
import Testing

@testable import regctl

@Suite("ListUnconfirmed") struct ListUnconfirmedTests {
  @Test(arguments: [
    ("list-unconfirmed x", UsageError.Fault.unexpectedOperand("x")),
    ("list-unconfirmed --count --fields id", .conflict("--count", "--fields")),
    (
      "list-unconfirmed --limit 0",
      .invalidValue(option: "--limit", value: "0", expected: .number)
    ),
    (
      "list-unconfirmed --sort emial",
      .invalidValue(
        option: "--sort", value: "emial",
        expected: .choice(["registered", "email"], suggestion: "email"))
    ),
    (
      "list-unconfirmed --fields id,emial",
      .invalidValue(
        option: "--fields", value: "emial",
        expected: .fields(UnconfirmedRow.columns.map(\.name), suggestion: "email"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Zoe registered a day ago, Bob an hour ago with a mail, and Ann is confirmed.
  private func world() throws -> World {
    let world = try World()
    world.register("zoe", "ann")
    world.run("confirm --email ann@example.org --reason called -q")
    world.now = world.now + .seconds(23 * 3600)
    world.register("bob", queuesMail: true)
    world.now = world.now + .seconds(3600)
    return world
  }

  @Test(arguments: [
    (
      "",
      """
      EMAIL            REGISTERED_ON         AGE  MAILS  LAST_MAIL_STATE  LAST_MAIL_AT
      zoe@example.org  2026-11-23 09:00 UTC   1d      0  -                -
      bob@example.org  2026-11-24 08:00 UTC   1h      1  queued           2026-11-24 08:00 UTC

      """
    ),
    (
      "--sort email --format tsv --fields email,mails",
      "email\tmails\nbob@example.org\t1\nzoe@example.org\t0\n"
    ),
    ("--older-than 2h --format tsv --no-header --fields id", "1\n"),
    ("--newer-than 2h --format tsv --no-header --fields id", "3\n"),
    ("--mail-state queued --format tsv --no-header --fields id", "3\n"),
    ("--domain example.com", ""), ("--limit 1 --format tsv --no-header --fields id", "1\n"),
    ("--count", "2\n"), ("--count --older-than never", "0\n"),
    ("--count --json", "{\"schema\":1,\"count\":2}\n"),
    (
      "--older-than 2h --json",
      """
      {"schema":1,"accounts":[{"id":1,"email":"zoe@example.org",\
      "registered_on":"2026-11-23T09:00:00Z","age":86400,"mails":0,"last_mail_state":null,\
      "last_mail_at":null,"bounced":false,"admin":false,"suggestion":null}],"count":1}

      """
    ),
  ])
  func `a list is formatted as expected`(_ options: String, text: String) throws {
    let world = try world()
    #expect(world.printed("list-unconfirmed \(options)") == text)
  }

  @Test func `a misspelt domain is listed with a suggestion`() throws {
    let world = try World()
    world.register("ann", "bob", "eve")
    world.run(
      "confirm --email ann@example.org bob@example.org eve@example.org --reason called -q")
    for email in ["kim@exmaple.org", "lou@other.net"] {
      world.run("register \(email) --no-password --no-mail -q")
    }
    #expect(
      world.printed("list-unconfirmed --suspect-typo --format tsv --fields email,suggestion")
        == "email\tsuggestion\nkim@exmaple.org\tkim@example.org\n")
    #expect(world.printed("list-unconfirmed --suspect-typo --count") == "1\n")
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
