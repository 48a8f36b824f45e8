import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Confirm") struct ConfirmTests {
  @Test(arguments: [
    ("confirm", UsageError.Fault.missingOperand("TOKEN|LINK|-")),
    ("confirm x y", .unexpectedOperand("y")), ("confirm --stdin x", .unexpectedOperand("x")),
    ("confirm --stdin --email a@b.cd --reason x", .conflict("--stdin", "--email")),
    ("confirm --email a@b.cd", .requires("--email", "--reason")),
    ("confirm --reason y", .missingOperand("TOKEN|LINK|-")),
    ("confirm --file people", .requires("--file", "--reason")),
    ("confirm --file people x --reason y", .unexpectedOperand("x")),
    ("confirm --stdin --file people --reason y", .conflict("--stdin", "--file")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann and Bob are unconfirmed, and a token for each.
  private func worldWithTokens() throws -> (World, tokens: String) {
    let world = try World()
    world.register("ann", "bob")
    return (world, world.printed("issue-token ann@example.org bob@example.org"))
  }

  @Test func `each input line is confirmed, and a failure does not stop the others`() throws {
    let (world, tokens) = try worldWithTokens()
    world.input = TypedInput(Array("forged\n\n\(tokens)".utf8))
    #expect(
      world.printed("confirm --stdin", endingWith: .refused)
        == "ann@example.org\nbob@example.org\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: confirm: 1 of 3 failed\n"))
    #expect(world.printed("list-unconfirmed --count") == "0\n")
  }

  @Test func `a row has the result of each token`() throws {
    let (world, tokens) = try worldWithTokens()
    world.input = TypedInput(Array("forged\n\(tokens.prefix { $0 != "\n" })\n".utf8))
    #expect(
      world.printed("confirm --stdin --json", endingWith: .refused)
        .wholeMatch(
          of:
            /\{"schema":1,"results":\[\{"email":null,"result":"failed","method":null,"error":\{.*\}\},\{"email":"ann@example.org","result":"confirmed","method":"token","error":null\}\]\}\n/
        )
        != nil)
  }

  @Test func `several accounts are confirmed separately`() throws {
    let (world, _) = try worldWithTokens()
    let line = "confirm --email ann@example.org --reason called eve@example.org"
    #expect(
      world.printed("\(line) bob@example.org --format tsv", endingWith: .refused)
        .split(separator: "\n").map { $0.split(separator: "\t")[..<2].joined(separator: " ") }
        == [
          "email result", "ann@example.org confirmed", "eve@example.org failed",
          "bob@example.org confirmed",
        ])
    #expect(
      world.printed(line, endingWith: .refused)
        == "ann@example.org is already confirmed since 2026-11-23 09:00 UTC.\n")
  }

  @Test func `a single failure prints no list`() throws {
    let (world, _) = try worldWithTokens()
    let line = "confirm --email eve@example.org --reason called --json"
    #expect(world.printed(line, endingWith: .noUser) == "")
  }

  @Test func `a column of a spreadsheet is confirmed by hand`() throws {
    let world = try World()
    world.register("ann", "bob")
    world.input = TypedInput(
      Array("\u{feff} ann@example.org \r\n\r\nBOB@example.org\t\r\nkim@example.org\r\n".utf8))
    #expect(
      world.printed("confirm --file - --reason list", endingWith: .refused)
        == "Confirmed ann@example.org.\nConfirmed bob@example.org.\n")
    #expect(world.errorOutput.text.contains("no such account: 'kim@example.org'"))
    #expect(
      try world.rows("SELECT count(*) FROM regctl_audit WHERE reason = 'list'") == ["2"])
  }

  @Test func `a terminal shows how many tokens were read`() throws {
    let world = try World()
    world.input = TypedInput(Array("no\ntoken\n".utf8))
    let lines = world.progress(of: "confirm --stdin", endingWith: .refused)
    #expect(lines.map { $0.prefix(17) } == ["confirm: 1 token,", "confirm: 2 tokens"])
  }
}
