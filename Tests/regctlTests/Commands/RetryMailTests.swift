import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("RetryMail") struct RetryMailTests {
  @Test(arguments: [
    ("retry-mail", UsageError.Fault.missingOperand("ID|EMAIL")),
    (
      "retry-mail x",
      .invalidValue(
        option: "ID|EMAIL", value: "x", expected: .format("must be the id of a mail, or an address")
      )
    ),
    (
      "retry-mail 1 -- -1",
      .invalidValue(
        option: "ID|EMAIL", value: "-1",
        expected: .format("must be the id of a mail, or an address"))
    ),
    ("retry-mail 1 --all-failed", .unexpectedOperand("1")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which the mail to Ann is cancelled and the mails to Bob and Eve have failed.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob", "eve", queuesMail: true)
    world.run("cancel-mail 1 -q")
    try world.execute(
      """
      UPDATE regctl_outbox SET state = 'failed', attempts = 1, next_attempt_at = NULL,
        finished_at = queued_at, last_reply = '550 no' WHERE id > 1
      """)
    return world
  }

  private func states(in world: World) throws -> [String] {
    try world.rows("SELECT state || ' ' || attempts FROM regctl_outbox ORDER BY id")
  }

  @Test func `a failed mail is due again with no attempts`() throws {
    let world = try world()
    #expect(world.printed("retry-mail 2") == "Mail 2 to bob@example.org is due now.\n")
    #expect(try states(in: world) == ["cancelled 0", "queued 0", "failed 1"])
    #expect(
      try world.rows("SELECT next_attempt_at FROM regctl_outbox WHERE id = 2") == ["1795424400"])
    #expect(
      try world.rows("SELECT detail FROM regctl_audit WHERE act = 'retry-mail'") == ["mail 2"])
  }

  @Test func `the address of an account means its only mail that can be retried`() throws {
    let world = try world()
    #expect(
      world.printed("retry-mail BOB@example.org") == "Mail 2 to bob@example.org is due now.\n")
    world.run("resend ann@example.org --force -q")
    #expect(
      try world.refusal(of: "retry-mail ann@example.org", endingWith: .refused) == """
        regctl: error: retry-mail: 2 mails to ann@example.org; give the id of one
        hint: regctl list-outbox --email ann@example.org

        """)
    #expect(
      world.printed("retry-mail ann@example.org 3 --json", endingWith: .refused).hasPrefix(
        """
        {"schema":1,"results":[{"mail":null,"result":"failed","email":"ann@example.org",\
        "error":{
        """))
  }

  @Test func `every mail that failed is due again, and no other`() throws {
    let world = try world()
    #expect(world.printed("retry-mail --all-failed --yes") == "2 mails are due now.\n")
    #expect(try states(in: world) == ["cancelled 0", "queued 0", "queued 0"])
  }

  @Test(arguments: [
    ("tsv", "mail\tresult\temail\terror\n1\tqueued\tann@example.org\t\n"),
    (
      "json",
      """
      {"schema":1,"results":[{"mail":1,"result":"queued","email":"ann@example.org",\
      "error":null}]}

      """
    ),
  ])
  func `a row has the result of each mail`(_ format: String, text: String) throws {
    #expect(try world().printed("retry-mail 1 --format \(format)") == text)
  }

  @Test func `an unknown mail does not stop the others`() throws {
    let world = try world()
    #expect(
      world.printed("retry-mail 9 1", endingWith: .refused)
        == "Mail 1 to ann@example.org is due now.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: retry-mail: 1 of 2 failed\n"))
  }

  @Test func `a sent mail is not sent again`() throws {
    let world = try World()
    world.register("ann", queuesMail: true)
    world.run("deliver -q")
    #expect(
      try world.refusal(of: "retry-mail 1", endingWith: .refused) == """
        regctl: error: retry-mail: mail 1 to ann@example.org is sent
        hint: regctl resend ann@example.org

        """)
  }

  @Test func `an unknown mail is rejected`() throws {
    #expect(
      try world().refusal(of: "retry-mail 9", endingWith: .noUser)
        == "regctl: error: retry-mail: no such mail: '9'\nhint: regctl list-outbox\n")
  }

  @Test func `a terminal shows how many mails are done`() throws {
    let world = try World()
    world.register("ann", "bob")
    let lines = world.progress(of: "retry-mail 1 2", endingWith: .refused)
    #expect(lines.last?.hasPrefix("retry-mail: 2 of 2 mails") == true)
  }
}
