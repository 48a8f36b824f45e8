import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Unlock") struct UnlockTests {
  @Test(arguments: [
    ("unlock", UsageError.Fault.missingOperand("EMAIL|@DOMAIN")),
    ("unlock a@b.cd --reason=", .invalidValue(option: "--reason", value: "", expected: .text)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `accounts and domains are unlocked`() throws {
    let world = try World()
    world.register("ann", "bob")
    world.run("lock ann@example.org @spam.example --reason spam -q")
    #expect(
      world.printed("unlock ann@example.org @spam.example bob@example.org --reason mistake") == """
        ann@example.org is unlocked.
        @spam.example is unlocked, with 0 accounts.
        bob@example.org was not locked.

        """)
    #expect(
      try world.rows(
        "SELECT coalesce(email, detail) || ' ' || reason FROM regctl_audit WHERE act = 'unlock'")
        == ["ann@example.org mistake", "@spam.example mistake"])
  }

  @Test func `an account that is locked by its domain is refused`() throws {
    let world = try World()
    world.register("ann")
    world.run("lock @example.org --reason spam --yes -q")
    let message = try world.refusal(of: "unlock ann@example.org", endingWith: .refused)
    #expect(message.hasSuffix("hint: regctl unlock @example.org\n"))
  }
}
