import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("StatedReason") struct StatedReasonTests {
  @Test func `every act records the reason`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password --reason 4711")
    world.run("resend ann@example.org --force --reason 4712")
    #expect(
      try world.rows("SELECT act || ' ' || reason FROM regctl_audit WHERE reason IS NOT NULL")
        == ["register 4711", "resend-forced 4712"])
  }

  @Test func `where a reason is required a change without one is refused`() throws {
    let world = try World()
    world.register("ann")
    world.environment["REGCTL_REQUIRE_REASON"] = "yes"
    let message = try world.refusal(of: "resend ann@example.org --force", endingWith: .usage)
    #expect(message.hasSuffix("hint: add --reason TEXT\n"))
    #expect(world.run("resend ann@example.org --force --reason 4711") == .ok)
  }

  @Test(arguments: ["list-accounts", "prune --dry-run", "deliver", "audit"])
  func `what changes no account needs no reason`(_ line: String) throws {
    let world = try World()
    world.environment["REGCTL_REQUIRE_REASON"] = "yes"
    #expect(world.run(line) == .ok)
  }
}
