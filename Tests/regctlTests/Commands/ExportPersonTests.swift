import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("ExportPerson") struct ExportPersonTests {
  @Test(arguments: [
    (
      "export --email ann@example.org --csv",
      UsageError.Fault.conflict("--csv", "--email")
    )
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `a person gets an object for people, and programs get one in a line`() throws {
    let world = try World()
    world.register("ann", queuesMail: true)
    let printed = world.printed("export --email ann@example.org")
    #expect(
      printed.hasPrefix(
        """
        {
          "schema": 1,
          "exported_at": "2026-11-23T09:00:00Z",
        """))
    #expect(printed.hasSuffix("\n}\n"))
    #expect(printed.contains("\n      \"act\": \"export\",\n"))
    #expect(
      world.printed("export --email 1 --json").wholeMatch(
        of: /\{"schema":1,"exported_at":"[^"]+","email":"ann@example.org",.*\}\n/) != nil)
  }

  @Test func `no hash and no token is printed`() throws {
    let world = try World()
    world.register("ann", queuesMail: true)
    world.run("set-password ann@example.org --generate-password -q")
    try world.execute("UPDATE users SET password_reset_token = 'IjFubkBleGFtcGxlLm9yZyI'")
    let printed = world.printed("export --email ann@example.org")
    for secret in ["$2", "IjFubkBleGFtcGxlLm9yZyI", "\"nonce\"", "\"hash\""] {
      #expect(!printed.contains(secret))
    }
  }

  @Test func `both exports are acts`() throws {
    let world = try World()
    world.register("ann")
    #expect(world.run("export") == .ok)
    #expect(world.run("export --email ann@example.org") == .ok)
    #expect(
      world.printed("audit --act export --format tsv --fields by,email,detail --no-header")
        == "tester\t\tall accounts\ntester\tann@example.org\tone person\n")
  }

  @Test func `an unknown person is refused`() throws {
    #expect(
      try World().refusal(of: "export --email eve@example.org", endingWith: .noUser)
        == "regctl: error: export: no such account: 'eve@example.org'\n")
  }
}
