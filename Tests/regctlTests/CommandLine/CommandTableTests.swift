import RegctlCore
import Testing

@testable import regctl

extension CommandUsage: CustomTestStringConvertible {
  public var testDescription: String { name }
}

extension OptionUsage: CustomTestStringConvertible {
  public var testDescription: String { flag }
}

@Suite("CommandTable") struct CommandTableTests {
  private static let usages = CommandTable.all.map { $0.usage }

  @Test func `no two commands share a name`() {
    #expect(Set(Self.usages.map(\.name)).count == Self.usages.count)
  }

  @Test(arguments: usages)
  func `no two options of a command share a name`(_ usage: CommandUsage) {
    let options = usage.options + GlobalOptions.usages
    let shorts = options.compactMap(\.short)
    #expect(Set(options.map(\.long)).count == options.count)
    #expect(Set(shorts).count == shorts.count)
  }

  @Test(arguments: usages)
  func `names consist of lower case letters and hyphens`(_ usage: CommandUsage) {
    for name in [usage.name] + usage.options.map(\.long) {
      #expect(name.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(name)")
    }
  }

  @Test(arguments: GlobalOptions.usages + usages.flatMap(\.options))
  func `a short option is one ASCII letter`(_ option: OptionUsage) {
    #expect(option.short?.wholeMatch(of: /[A-Za-z]/) != nil || option.short == nil)
  }

  @Test(arguments: GlobalOptions.usages + usages.flatMap(\.options))
  func `choices are ASCII words`(_ option: OptionUsage) throws {
    guard case .choice(let choices) = option.value?.kind else { return }
    #expect(!choices.isEmpty)
    #expect(choices.allSatisfy { $0.wholeMatch(of: /[a-z-]+/) != nil })
  }

  @Test(arguments: GlobalOptions.usages + usages.flatMap(\.options))
  func `an option is described by a phrase`(_ option: OptionUsage) {
    #expect(option.summary.first?.isUppercase ?? false || option.summary.first == "w")
    #expect(!option.summary.hasSuffix("."))
  }

  @Test(arguments: usages)
  func `a summary is a phrase and a description sentences`(_ usage: CommandUsage) {
    #expect(usage.summary.first?.isUppercase ?? false)
    #expect(!usage.summary.hasSuffix("."))
    #expect(usage.description.hasSuffix("."))
  }

  @Test(arguments: usages)
  func `every command documents its exit codes`(_ usage: CommandUsage) {
    #expect(usage.exitCodes.starts(with: [.ok]))
    #expect(usage.exitCodes == usage.exitCodes.sorted { $0.rawValue < $1.rawValue })
    #expect(usage.exitCodes.contains(.usage))
  }

  @Test(arguments: usages)
  func `every command has an example that parses`(_ usage: CommandUsage) throws {
    #expect(!usage.examples.isEmpty)
    for example in usage.examples {
      let line = example.line.replacing("(umask 077; ", with: "")
      let words = try #require(Self.words(of: line), "\(example.line)")
      #expect(words.first == "regctl")
      let outcome = CommandLineParser(environment: [:]).parse(
        ArgumentBytes(Array(words.dropFirst())))
      #expect(type(of: try outcome.result.get().command).name == usage.name)
    }
  }

  /// The words of a shell command up to its first operator; `nil` for an unclosed quotation.
  private static func words(of line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line {
      switch character {
      case "'":
        isQuoted.toggle()
        word = word ?? ""
      case " " where !isQuoted:
        if let complete = word { words.append(complete) }
        word = nil
      case ">", "<", "&", "|":
        guard isQuoted else { return words }
        word = (word ?? "") + String(character)
      default:
        word = (word ?? "") + String(character)
      }
    }
    return isQuoted ? nil : words + (word.map { [$0] } ?? [])
  }
}
