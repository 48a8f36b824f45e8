import Testing

@testable import regctl

@Suite("HelpText") struct HelpTextTests {
  private let help = HelpText(isBold: false)

  @Test(arguments: CommandTable.all.map { $0.usage })
  func `the help of a command fits 80 columns`(_ usage: CommandUsage) {
    expectFits(help.command(usage))
  }

  @Test(arguments: HelpTopic.allCases)
  func `a topic fits 80 columns`(_ topic: HelpTopic) {
    expectFits(help.topic(topic))
  }

  @Test func `the overview fits 80 columns`() {
    expectFits(help.overview())
  }

  @Test(arguments: CommandTable.all.map { $0.usage })
  func `the help of a command names its options and exit codes`(_ usage: CommandUsage) {
    let words = help.command(usage).split(whereSeparator: \.isWhitespace)
    let text = words.joined(separator: " ")
    for option in usage.options { #expect(words.contains { $0 == option.flag }) }
    for code in usage.exitCodes { #expect(text.contains("\(code.rawValue) \(code.name)")) }
  }

  @Test func `the overview names every command and topic`() {
    let text = help.overview()
    for name in CommandTable.all.map({ $0.usage.name }) + HelpTopic.allCases.map(\.rawValue) {
      #expect(text.contains("\n  \(name) "))
    }
  }

  @Test func `the short help names every command, in its group, on less than a screen`() {
    let text = help.brief()
    expectFits(text)
    #expect(text.split(separator: "\n").count < 24)
    for name in CommandTable.all.map({ $0.name }) {
      #expect(text.contains(" \(name),") || text.contains(" \(name)\n"), "\(name)")
    }
    #expect(text.contains("\n  PRUNING   prune, list-prunes, unprune, purge\n"))
  }

  @Test func `headings are bold with colour`() {
    #expect(HelpText(isBold: true).overview().contains("\u{1b}[1mUSAGE\u{1b}[0m\n"))
  }

  private func expectFits(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines {
      #expect(line.count <= 80, "\(line)")
      #expect(line.last != " ", "\(line)")
    }
    #expect(text.hasSuffix("\n"))
    #expect(!text.hasSuffix("\n\n"))
  }
}
