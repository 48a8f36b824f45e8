import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("CancelMail") struct CancelMailTests {
  @Test(arguments: [
    ("cancel-mail", UsageError.Fault.missingOperand("ID|EMAIL")),
    (
      "cancel-mail 1 x",
      .invalidValue(
        option: "ID|EMAIL", value: "x", expected: .format("must be the id of a mail, or an address")
      )
    ),
    ("cancel-mail 1 --all-failed", .unknownOption("--all-failed", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with queued mails to Ann and Bob.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob", queuesMail: true)
    return world
  }

  @Test func `a queued mail is cancelled, and not sent`() throws {
    let world = try world()
    #expect(world.printed("cancel-mail 1") == "Mail 1 to ann@example.org is cancelled.\n")
    #expect(
      try world.rows("SELECT state FROM regctl_outbox ORDER BY id") == ["cancelled", "queued"])
    #expect(world.printed("deliver") == "Sent 1, failed 0.\n")
    #expect(
      try world.rows("SELECT email || ' ' || detail FROM regctl_audit WHERE act = 'cancel-mail'")
        == ["ann@example.org mail 1"])
  }

  @Test(arguments: [
    (
      "tsv",
      """
      mail\tresult\temail\terror
      2\tcancelled\tbob@example.org\t
      1\tcancelled\tann@example.org\t

      """
    ),
    (
      "json",
      """
      {"schema":1,"results":[{"mail":2,"result":"cancelled","email":"bob@example.org",\
      "error":null},{"mail":1,"result":"cancelled","email":"ann@example.org","error":null}]}

      """
    ),
  ])
  func `a row has the result of each mail`(_ format: String, text: String) throws {
    #expect(try world().printed("cancel-mail 2 1 --format \(format)") == text)
  }

  @Test func `the address of an account means its only queued mail`() throws {
    let world = try world()
    #expect(
      world.printed("cancel-mail ANN@example.org") == "Mail 1 to ann@example.org is cancelled.\n")
    #expect(
      try world.refusal(of: "cancel-mail ann@example.org", endingWith: .refused) == """
        regctl: error: cancel-mail: no mail to ann@example.org for this: 1 cancelled
        hint: regctl list-outbox --email ann@example.org

        """)
  }

  @Test func `an unknown mail does not stop the others`() throws {
    let world = try world()
    #expect(
      world.printed("cancel-mail 9 1", endingWith: .refused)
        == "Mail 1 to ann@example.org is cancelled.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: cancel-mail: 1 of 2 failed\n"))
  }

  @Test func `a sent or cancelled mail is rejected`() throws {
    let world = try world()
    world.run("cancel-mail 1 -q")
    world.run("deliver -q")
    #expect(
      try world.refusal(of: "cancel-mail 1", endingWith: .refused)
        == "regctl: error: cancel-mail: mail 1 to ann@example.org is cancelled\n")
    #expect(
      try world.refusal(of: "cancel-mail 2", endingWith: .refused)
        .hasPrefix("regctl: error: cancel-mail: mail 2 to bob@example.org is sent\n"))
  }
}
