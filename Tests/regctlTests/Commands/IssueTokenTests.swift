import RegctlCore
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
    for name in ["ann", "bob"] {
      world.run("register \(name)@example.org --no-password --no-mail -q")
    }
    world.input = TypedInput(Array("bob@example.org\n\neve@example.org\nann@example.org\n".utf8))
    let tokens = world.printed("issue-token --stdin", endingWith: .refused).split(separator: "\n")
    #expect(tokens.count == 2)
    #expect(world.printed("confirm \(tokens[0])") == "Confirmed bob@example.org.\n")
    #expect(world.errorOutput.text.contains("issue-token: 1 of 3 failed\n"))
  }

  @Test func `with --url the link is printed instead of the token`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password --no-mail -q")
    let link = world.printed("issue-token ann@example.org --url")
    #expect(link.hasPrefix("https://app.example/confirm/"))
    let token = link.dropFirst("https://app.example/confirm/".count).dropLast()
    #expect(
      world.printed("issue-token ann@example.org --url --format tsv")
        == "email\tpurpose\ttoken\turl\nann@example.org\tconfirm\t\(token)\t\(link)")
  }
}
