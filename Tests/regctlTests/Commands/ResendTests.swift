import RegctlCore
import Testing

@testable import regctl

@Suite("Resend") struct ResendTests {
  @Test(arguments: [
    ("resend", UsageError.Fault.missingOperand("EMAIL")),
    ("resend --all-unconfirmed a@b.cd", .unexpectedOperand("a@b.cd")),
    ("resend --all-unconfirmed --force", .conflict("--force", "--all-unconfirmed")),
    ("resend a@b.cd --yes", .requires("--yes", "--all-unconfirmed")),
    ("resend a@b.cd --older-than 1d", .requires("--older-than", "--all-unconfirmed")),
    (
      "resend --all-unconfirmed --rate 60",
      .invalidValue(
        option: "--rate", value: "60",
        expected: .format("must be a rate such as 60/m or 1000/h"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is unconfirmed without a mail, and a mail to Bob is queued.
  private func world() throws -> World {
    let world = try World()
    world.run("register ann@example.org --no-password --no-mail -q")
    world.run("register bob@example.org --no-password -q")
    return world
  }

  @Test func `unconfirmed accounts are mailed, except those with a queued mail`() throws {
    let world = try world()
    #expect(
      world.printed("resend --all-unconfirmed --dry-run") == """
        EMAIL            RESULT   REASON        MAIL  DUE
        ann@example.org  queued   -             -     2026-11-23 09:00 UTC
        bob@example.org  skipped  mail_pending  -     -

        """)
    #expect(
      world.printed("resend --all-unconfirmed --yes")
        == "Queued 1 mail, skipped 1; --dry-run says why.\n")
  }

  @Test func `a row has the mail of each account`() throws {
    #expect(
      try world().printed("resend --all-unconfirmed --yes --json") == """
        {"schema":1,"dry_run":false,"results":[{"email":"ann@example.org","result":"queued",\
        "reason":null,"mail":2,"due":"2026-11-23T09:00:00Z"},{"email":"bob@example.org",\
        "result":"skipped","reason":"mail_pending","mail":null,"due":null}],"count":2}

        """)
  }

  @Test func `several accounts have separate results`() throws {
    let world = try world()
    #expect(
      world.printed("resend ann@example.org eve@example.org", endingWith: .refused)
        == "A confirmation mail to ann@example.org is queued.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: resend: 1 of 2 failed\n"))
  }
}
