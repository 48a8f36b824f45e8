import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("ChangeMails") struct ChangeMailsTests {
  /// A world in which the mails to Ann and Bob were refused, and a mail to Eve is queued.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob", "eve", queuesMail: true)
    try world.execute(
      """
      UPDATE regctl_outbox SET state = 'failed', attempts = 1, next_attempt_at = NULL,
        finished_at = queued_at,
        last_reply = CASE id WHEN 1 THEN '550 5.7.1 no' ELSE '552 5.2.2 full' END WHERE id < 3
      """)
    return world
  }

  private func states(in world: World) throws -> [String] {
    try world.rows("SELECT state FROM regctl_outbox ORDER BY id")
  }

  @Test func `a dry run prints what the run will, and changes nothing`() throws {
    let world = try world()
    let before = try world.content()
    #expect(
      world.printed("retry-mail --reply 5.7 --dry-run") == """
        MAIL  RESULT  EMAIL            WAS     LAST_REPLY
           1  queued  ann@example.org  failed  550 5.7.1 no
        1 mail would be due now; nothing was changed.

        """)
    let rehearsed = world.printed("retry-mail --all-failed -n --json")
    #expect(try world.content() == before)
    let done = world.printed("retry-mail --all-failed -y --json")
    #expect(
      done == """
        {"schema":1,"dry_run":false,"results":[{"mail":1,"result":"queued",\
        "email":"ann@example.org","was":"failed","last_reply":"550 5.7.1 no"},{"mail":2,\
        "result":"queued","email":"bob@example.org","was":"failed","last_reply":"552 5.2.2 full"}],\
        "queued":2,"count":2}

        """)
    #expect(rehearsed.replacing("\"dry_run\":true", with: "\"dry_run\":false") == done)
    #expect(try states(in: world) == ["queued", "queued", "queued"])
  }

  @Test func `a terminal shows how many mails were looked at and changed`() throws {
    let lines = try world().progress(of: "retry-mail --all-failed --yes")
    let expected = ["retry-mail: looking, 2 mails, ", "retry-mail: 2 of 2 mails, 100 %"]
    #expect(lines.count == expected.count)
    for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start)) }
  }

  @Test func `the question says how many, and no changes nothing`() throws {
    let world = try world()
    world.answers = ["n"]
    _ = try world.refusal(of: "retry-mail --all-failed", endingWith: .refused)
    #expect(world.questions == ["Retry 2 mails (ann@example.org, bob@example.org)?"])
    #expect(
      try world.refusal(of: "cancel-mail --state queued", endingWith: .usage).contains("--yes"))
    #expect(try states(in: world) == ["failed", "failed", "queued"])
  }

  @Test func `only mails that can be are changed, in one entry of the audit`() throws {
    let world = try world()
    #expect(world.printed("cancel-mail --since 1d --yes") == "1 mail is cancelled.\n")
    #expect(try states(in: world) == ["failed", "failed", "cancelled"])
    #expect(
      world.printed("retry-mail --state failed,cancelled,sent --yes") == "3 mails are due now.\n")
    #expect(try states(in: world) == ["queued", "queued", "queued"])
    #expect(
      try world.rows(
        "SELECT act FROM regctl_audit WHERE act LIKE '%-mail' ORDER BY id")
        == ["cancel-mail", "retry-mail"])
    #expect(world.printed("audit --verify").contains("unchanged"))
    #expect(world.printed("retry-mail --all-failed") == "0 mails are due now.\n")
  }

  @Test func `mails of deleted accounts stay as they are`() throws {
    let world = try world()
    world.run("delete ann@example.org --reason left --yes -q")
    #expect(
      world.printed("retry-mail --state failed,cancelled --yes") == "1 mail is due now.\n")
  }

  @Test func `a limit begins at either end`() throws {
    let world = try world()
    #expect(
      world.printed("retry-mail --all-failed --newest --limit 1 -y") == "1 mail is due now.\n")
    #expect(try states(in: world) == ["failed", "queued", "queued"])
  }

  @Test func `several batches are one entry that continues`() throws {
    let world = try World()
    let lines = (1...1500).map { "a\($0)@example.org\n" }.joined()
    world.input = TypedInput(Array("email\n\(lines)".utf8))
    world.run("import - -q")
    world.run("resend --all-unconfirmed --yes -q")
    #expect(world.printed("cancel-mail --state queued -y") == "1500 mails are cancelled.\n")
    #expect(
      try world.rows("SELECT count(*) FROM regctl_audit WHERE act = 'cancel-mail'") == ["1"])
    #expect(world.printed("audit --verify").contains("unchanged"))
  }

  @Test(arguments: [
    ("retry-mail 1 --yes", UsageError.Fault.conflict("--yes", "ID|EMAIL")),
    ("retry-mail --all-failed --state failed", .conflict("--state", "--all-failed")),
    ("cancel-mail --yes", .missingOperand("ID|EMAIL")),
    ("cancel-mail --since 1d 1", .unexpectedOperand("1")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }
}
