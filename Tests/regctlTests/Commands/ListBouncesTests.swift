import RegctlCore
import SQL
import TestSupport
import Testing

@testable import regctl

@Suite("ListBounces") struct ListBouncesTests {
  @Test(arguments: [
    ("list-bounces x", UsageError.Fault.unexpectedOperand("x")),
    (
      "list-bounces --state bounce",
      .invalidValue(
        option: "--state", value: "bounce",
        expected: .choice(BounceRecord.Result.allCases.map(\.rawValue), suggestion: "bounced"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with a mail to Ann that bounced, and a report about Bob that names no mail.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob", queuesMail: true)
    world.run("deliver -q")
    var report = DeliveryReport()
    report.envelopeID =
      try world.rows(
        "SELECT id || '.' || substr(message_id, 1, 35) FROM regctl_outbox ORDER BY id"
      ).first ?? nil
    world.input = TypedInput(report.bytes)
    world.run("bounce")
    report = DeliveryReport()
    report.finalRecipient = "bob@example.org"
    world.input = TypedInput(report.bytes)
    world.run("bounce")
    return world
  }

  @Test(arguments: [
    (
      "--fields email,result,status,suppressed,mail",
      """
      EMAIL            RESULT      STATUS  SUPPRESSED  MAIL
      ann@example.org  bounced     5.1.1   yes            1
      bob@example.org  unverified  5.1.1   no             -

      """
    ), ("--count", "2\n"), ("--suppressed --count", "1\n"),
    ("--state declined,delayed --count", "0\n"),
    ("--email bob@example.org --format tsv --no-header --fields result", "unverified\n"),
    ("--newest --limit 1 --format tsv --no-header --fields email", "bob@example.org\n"),
    ("--until 2020-01-01 --json", "{\"schema\":1,\"bounces\":[],\"count\":0}\n"),
  ])
  func `a list is formatted as expected`(_ options: String, text: String) throws {
    #expect(try world().printed("list-bounces \(options)") == text)
  }
}
