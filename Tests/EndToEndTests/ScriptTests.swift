import Testing

@testable import regctl

@Suite("Scripts") struct ScriptTests {
  @Test(.timeLimit(.minutes(10)), arguments: Script.forEngine)
  func `a script succeeds`(_ script: Script) throws {
    var runner = try ScriptRunner(script)
    for line in script.lines {
      do {
        try runner.run(line.text)
      } catch {
        let reason = (error as? ScriptFailure)?.reason ?? "\(error)"
        Issue.record(
          """
          \(reason)
          > \(line.text)
          [exit] \(runner.status)
          [stdout]
          \(runner.output)
          [stderr]
          \(runner.errorOutput)
          """,
          sourceLocation: SourceLocation(
            fileID: "EndToEndTests/\(script.name).txt", filePath: script.path, line: line.number,
            column: 1))
        return
      }
    }
  }

  /// Examples with a truncated token cannot be run.
  @Test(arguments: CommandTable.all.flatMap { $0.usage.examples.map(\.line) })
  func `every example in the help runs`(_ example: String) throws {
    let script = try #require(Script.all.first { $0.name == "examples" })
    let quoted = ["'\(example)'", "\"\(example)\""]
    #expect(
      example.contains("...")
        || script.lines.contains { line in quoted.contains { line.text.hasSuffix($0) } })
  }
}
