import RegctlCore
import Testing

@testable import regctl

@Suite("ListOutbox") struct ListOutboxTests {
  @Test(arguments: [
    ("list-outbox x", UsageError.Fault.unexpectedOperand("x")),
    ("list-outbox --limit 0", .invalidValue(option: "--limit", value: "0", expected: .number)),
    (
      "list-outbox --state qeued",
      .invalidValue(
        option: "--state", value: "qeued",
        expected: .choice(OutboxEntry.State.allCases.map(\.rawValue), suggestion: "queued"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with a sent mail to Ann and a queued mail to Bob.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", queuesMail: true)
    world.run("deliver -q")
    world.register("bob", queuesMail: true)
    return world
  }

  @Test(arguments: [
    (
      "--fields id,email,state,attempts,queued_at,sent_at",
      """
      ID  EMAIL            STATE   ATTEMPTS  QUEUED_AT             SENT_AT
       1  ann@example.org  sent           1  2026-11-23 09:00 UTC  2026-11-23 09:00 UTC
       2  bob@example.org  queued         0  2026-11-23 09:00 UTC  -

      """
    ),
    (
      "--state queued --format tsv --fields id,purpose,next_attempt_at,last_reply",
      "id\tpurpose\tnext_attempt_at\tlast_reply\n2\tconfirm\t2026-11-23T09:00:00Z\t\n"
    ),
    ("--email ann@example.org --format tsv --no-header --fields id", "1\n"),
    ("--limit 1 --format tsv --no-header --fields id", "1\n"),
    (
      "--format jsonl --fields id,possible_duplicate",
      """
      {"schema":1,"id":1,"possible_duplicate":false}
      {"schema":1,"id":2,"possible_duplicate":false}

      """
    ),
    ("--state failed --json", "{\"schema\":1,\"mails\":[],\"count\":0}\n"), ("--state failed", ""),
  ])
  func `a list is formatted as expected`(_ options: String, text: String) throws {
    #expect(try world().printed("list-outbox \(options)") == text)
  }

  @Test func `an unknown account prints no list`() throws {
    #expect(
      try world().refusal(of: "list-outbox --email eve@example.org --json", endingWith: .noUser)
        .contains("no such account: 'eve@example.org'"))
  }
}
