import Foundation
import RegctlCore
import Testing

@testable import regctl

@Suite("Completion") struct CompletionTests {
  @Test(arguments: [
    ("completion", UsageError.Fault.missingOperand("bash|zsh|fish")),
    ("completion bash zsh", .unexpectedOperand("zsh")),
    (
      "completion bsh",
      .invalidValue(
        option: "bash|zsh|fish", value: "bsh",
        expected: .choice(["bash", "zsh", "fish"], suggestion: "bash"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test(arguments: [("bash", "regctl.bash"), ("zsh", "_regctl"), ("fish", "regctl.fish")])
  func `the script is the one that packages install`(_ shell: String, file: String) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../completions/\(file)").standardizedFileURL
    let script = try String(contentsOf: path, encoding: .utf8)
    let world = try World(hasDatabase: false)
    world.environment = [:]
    #expect(world.printed("completion \(shell)") == script)
    #expect(world.printed("completion \(shell) --json") == script)
  }
}
