import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("ReleaseHeld") struct ReleaseHeldTests {
  /// A world with mails to Ann and Bob that are held, and one to Eve that is queued.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob", "eve", queuesMail: true)
    try world.execute(
      "UPDATE regctl_outbox SET state = 'held', next_attempt_at = NULL WHERE id < 3")
    return world
  }

  @Test(arguments: [
    ("release-held 1", UsageError.Fault.unexpectedOperand("1")),
    ("release-held --state held", .unknownOption("--state", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `held mails are not sent until they are released`() throws {
    let world = try world()
    #expect(world.printed("deliver") == "Sent 1, failed 0.\n")
    #expect(world.printed("release-held --yes") == "2 mails are due now.\n")
    #expect(world.printed("deliver") == "Sent 2, failed 0.\n")
    #expect(
      try world.rows("SELECT act FROM regctl_audit ORDER BY id DESC LIMIT 1") == ["release-held"])
    #expect(world.printed("release-held --yes") == "0 mails are due now.\n")
  }

  @Test func `a dry run lists them and changes nothing`() throws {
    let world = try world()
    let text = world.printed("release-held --dry-run")
    #expect(text.contains("ann@example.org") && text.contains("bob@example.org"))
    #expect(text.hasSuffix("2 mails would be due now; nothing was changed.\n"))
    #expect(
      try world.rows("SELECT state FROM regctl_outbox ORDER BY id") == ["held", "held", "queued"])
  }

  @Test func `a selection releases some`() throws {
    let world = try world()
    #expect(world.printed("release-held --email bob@example.org -y") == "1 mail is due now.\n")
    #expect(
      try world.rows("SELECT state FROM regctl_outbox ORDER BY id") == ["held", "queued", "queued"])
  }

  @Test func `a terminal is asked`() throws {
    let world = try world()
    _ = try world.refusal(of: "release-held --no-input", endingWith: .usage)
  }

  @Test func `held mails are cancelled by their state, and shown`() throws {
    let world = try world()
    #expect(world.printed("status").contains("2 confirmation mails are held"))
    #expect(
      world.printed("show ann@example.org").contains("regctl release-held --email ann@example.org"))
    #expect(world.printed("cancel-mail --state held -y") == "2 mails are cancelled.\n")
  }

  @Test func `a held mail is not retried`() throws {
    #expect(
      try world().refusal(of: "retry-mail 1", endingWith: .refused) == """
        regctl: error: retry-mail: mail 1 to ann@example.org is held
        hint: regctl release-held --email ann@example.org

        """)
  }
}
