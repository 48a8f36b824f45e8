import RegctlCore
import Testing

@testable import regctl

@Suite("InspectToken") struct InspectTokenTests {
  @Test(arguments: [
    ("inspect-token", UsageError.Fault.missingOperand("TOKEN|LINK|-")),
    ("inspect-token --stdin x", .unexpectedOperand("x")),
    ("inspect-token x y", .unexpectedOperand("y")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is unconfirmed, and a token for her account.
  private func worldWithToken() throws -> (World, token: Substring) {
    let world = try World()
    world.register("ann")
    return (world, world.printed("issue-token ann@example.org").dropLast())
  }

  @Test func `the text format has a line for each property`() throws {
    let (world, token) = try worldWithToken()
    #expect(
      world.printed("inspect-token \(token)") == """
        verdict   valid
        purpose   confirm
        address   ann@example.org (not confirmed)
        issued    2026-11-23 09:00 UTC (0 seconds ago)
        expires   2026-11-23 10:00 UTC (in 1 hour)
        key       1
        repaired  nothing

        """)
    #expect(world.printed("inspect-token forged", endingWith: .data) == "verdict   token_invalid\n")
  }

  @Test func `JSON has the same in an object, or a row for each of several tokens`() throws {
    let (world, token) = try worldWithToken()
    #expect(
      world.printed("inspect-token \(token) --json").hasPrefix(
        "{\"schema\":1,\"verdict\":\"valid\",\"purpose\":\"confirm\",\"email\":\"ann@example.org\","
      ))
    world.input = TypedInput(Array("forged\n\(token)\n".utf8))
    #expect(
      world.printed(
        "inspect-token --stdin --format tsv --fields verdict,email", endingWith: .refused)
        == "verdict\temail\ntoken_invalid\t\nvalid\tann@example.org\n")
  }
}
