import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("IssueToken") struct IssueTokenTests {
  @Test(arguments: [
    ("issue-token", UsageError.Fault.missingOperand("EMAIL")),
    ("issue-token --stdin a@b.cd", .unexpectedOperand("a@b.cd")),
    (
      "issue-token a@b.cd --purpose rest",
      .invalidValue(
        option: "--purpose", value: "rest",
        expected: .choice(TokenPurpose.allCases.map(\.rawValue), suggestion: "reset"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `only tokens are printed, in the order of the addresses`() throws {
    let world = try World()
    world.register("ann", "bob")
    world.input = TypedInput(Array("bob@example.org\n\neve@example.org\nann@example.org\n".utf8))
    let tokens = world.printed("issue-token --stdin", endingWith: .refused).split(separator: "\n")
    #expect(tokens.count == 2)
    #expect(world.printed("confirm \(tokens[0])") == "Confirmed bob@example.org.\n")
    #expect(world.errorOutput.text.contains("issue-token: 1 of 3 failed\n"))
  }

  @Test func `without --url a token has no link`() throws {
    let world = try World()
    world.register("ann")
    let token = world.printed("issue-token ann@example.org").dropLast()
    #expect(
      world.printed("issue-token ann@example.org --format tsv")
        == "email\tpurpose\ttoken\turl\nann@example.org\tconfirm\t\(token)\t\n")
    #expect(
      world.printed("issue-token ann@example.org --json") == """
        {"schema":1,"tokens":[{"email":"ann@example.org","purpose":"confirm","token":"\(token)",\
        "url":null}]}

        """)
    #expect(
      try world.rows("SELECT email FROM regctl_audit WHERE act = 'issue-token'").count == 3)
  }

  @Test func `an unknown account gets no token`() throws {
    #expect(
      try World().refusal(of: "issue-token eve@example.org", endingWith: .noUser)
        == "regctl: error: issue-token: no such account: 'eve@example.org'\n")
  }

  @Test func `with --url the link is printed instead of the token`() throws {
    let world = try World()
    world.register("ann")
    let link = world.printed("issue-token ann@example.org --url")
    #expect(link.hasPrefix("https://app.example/confirm/"))
    let token = link.dropFirst("https://app.example/confirm/".count).dropLast()
    #expect(
      world.printed("issue-token ann@example.org --url --format tsv")
        == "email\tpurpose\ttoken\turl\nann@example.org\tconfirm\t\(token)\t\(link)")
  }

  @Test func `a terminal shows how many tokens were issued`() throws {
    let world = try World()
    world.register("ann", "bob")
    world.input = TypedInput(Array("ann@example.org\nbob@example.org\n".utf8))
    let lines = world.progress(of: "issue-token --stdin")
    #expect(lines.map { $0.prefix(22) } == ["issue-token: 2 tokens,"])
  }
}
