import RegctlCore
import SQL
import TestSupport
import Testing

@testable import regctl

@Suite("ClearBounce") struct ClearBounceTests {
  @Test(arguments: [
    ("clear-bounce", UsageError.Fault.missingOperand("EMAIL")),
    (
      "clear-bounce a@b.cd --reason=", .invalidValue(option: "--reason", value: "", expected: .text)
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `an address that bounced may get mail again`() throws {
    let world = try World()
    world.register("ann", "bob")
    try world.execute(
      """
      INSERT INTO regctl_bounces (account_id, email, at, result, suppresses)
      VALUES (1, 'ann@example.org', 0, 'bounced', TRUE)
      """)
    #expect(
      world.printed("clear-bounce ann@example.org bob@example.org --reason exists") == """
        ann@example.org may get mail again.
        Mail to bob@example.org was not suppressed.

        """)
    #expect(
      try world.rows(
        "SELECT email || ' ' || reason FROM regctl_audit WHERE act = 'clear-bounce'")
        == ["ann@example.org exists"])
    #expect(world.run("resend ann@example.org -q") == .ok)
    _ = try world.refusal(of: "clear-bounce eve@example.org", endingWith: .noUser)
  }
}
