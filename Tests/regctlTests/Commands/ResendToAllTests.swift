import RegctlCore
import SQL
import System
import Testing

@testable import regctl

@Suite("ResendToAll") struct ResendToAllTests {
  private static let rateFormat = UsageError.Expectation.format(
    "must be a rate such as 60/m or 1000/h")

  @Test(arguments: [
    (
      "resend --all-unconfirmed a@b.cd", UsageError.Fault.unexpectedOperand("a@b.cd")
    ),
    ("resend --all-unconfirmed --force", .conflict("--force", "--all-unconfirmed")),
    (
      "resend --all-unconfirmed --revoke-previous",
      .conflict("--revoke-previous", "--all-unconfirmed")
    ),
    (
      "resend --all-unconfirmed --limit 0",
      .invalidValue(option: "--limit", value: "0", expected: .number)
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test(arguments: ["60", "/m", "0/m", "60/w", "-1/m", "+1/m", "1000001/s", "60/m/h"])
  func `an invalid rate is rejected`(_ rate: String) throws {
    #expect(
      try fault(of: "resend --all-unconfirmed --rate \(rate)")
        == .invalidValue(option: "--rate", value: rate, expected: Self.rateFormat))
  }

  /// A world in which Ann is unconfirmed without a mail, and a mail to Bob is queued.
  private func world() throws -> World {
    let world = try World()
    world.register("ann")
    world.register("bob", queuesMail: true)
    return world
  }

  @Test func `unconfirmed accounts are mailed, except those with a queued mail`() throws {
    let world = try world()
    #expect(
      world.printed("resend --all-unconfirmed --yes")
        == "Queued 1 mail, skipped 1; --dry-run says why.\n")
    #expect(
      try world.rows("SELECT email || ' ' || state FROM regctl_outbox ORDER BY id")
        == ["bob@example.org queued", "ann@example.org queued"])
  }

  @Test(arguments: [
    ("--yes", ["resend: looking, 2 accounts, ", "resend: 1 of 1 mail, 100 %"]),
    ("--dry-run", ["resend: looking, 2 accounts, "]),
  ])
  func `a terminal shows how many accounts were looked at, and mails queued`(
    _ option: String, expected: [String]
  ) throws {
    let lines = try world().progress(of: "resend --all-unconfirmed \(option)")
    #expect(lines.count == expected.count)
    for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start)) }
  }

  @Test func `a dry run reports the same and queues none`() throws {
    let world = try world()
    let before = try world.content()
    #expect(
      world.printed("resend --all-unconfirmed --dry-run") == """
        EMAIL            RESULT   REASON        MAIL  DUE
        ann@example.org  queued   -             -     2026-11-23 09:00 UTC
        bob@example.org  skipped  mail_pending  -     -
        1 mail would be queued, 1 skipped.

        """)
    #expect(try world.content() == before)
  }

  @Test func `a row has the mail of each account`() throws {
    let world = try world()
    #expect(
      world.printed("resend --all-unconfirmed --yes --json") == """
        {"schema":1,"dry_run":false,"results":[{"email":"ann@example.org","result":"queued",\
        "reason":null,"mail":2,"due":"2026-11-23T09:00:00Z"},{"email":"bob@example.org",\
        "result":"skipped","reason":"mail_pending","mail":null,"due":null}],\
        "queued":1,"skipped":1,"count":2}

        """)
  }

  @Test func `the prompt names the accounts to mail, and no queues none`() throws {
    let world = try world()
    world.answers = ["n"]
    _ = try world.refusal(of: "resend --all-unconfirmed", endingWith: .refused)
    #expect(world.questions == ["Mail 1 account (ann@example.org)?"])
    #expect(
      try world.refusal(of: "resend --all-unconfirmed", endingWith: .usage).contains("--yes"))
  }

  @Test func `a rate spreads the mails over time`() throws {
    let world = try World()
    world.register("ann", "bob", "eve")
    #expect(world.run("resend --all-unconfirmed --yes --rate 2/m -q") == .ok)
    #expect(
      try world.rows("SELECT next_attempt_at - queued_at FROM regctl_outbox ORDER BY id")
        == ["0", "30", "60"])
  }

  @Test func `a campaign continues after its limit`() throws {
    let world = try World()
    world.register("ann", "bob", "eve")
    let line = "resend --all-unconfirmed --yes --campaign outage"
    #expect(world.printed("\(line) --limit 2") == "Queued 2 mails.\n")
    world.run("deliver -q")
    world.now = world.now + .seconds(86_400)
    #expect(world.printed(line) == "Queued 1 mail, skipped 2; --dry-run says why.\n")
    #expect(
      try world.rows("SELECT email FROM regctl_outbox WHERE state = 'queued'")
        == ["eve@example.org"])
  }

  @Test(arguments: [("--older-than 1h", "ann@example.org"), ("--newer-than 1h", "eve@example.org")])
  func `accounts are selected by age`(_ options: String, email: String) throws {
    let world = try World()
    world.register("ann")
    world.now = world.now + .seconds(7200)
    world.register("eve")
    #expect(world.run("resend --all-unconfirmed --yes -q \(options)") == .ok)
    #expect(try world.rows("SELECT email FROM regctl_outbox") == [email])
  }
}
