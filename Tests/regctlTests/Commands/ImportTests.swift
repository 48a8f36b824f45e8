import RegctlCore
import Testing

@testable import regctl

@Suite("Import") struct ImportTests {
  @Test(arguments: [
    ("import", UsageError.Fault.missingOperand("FILE|-")), ("import a b", .unexpectedOperand("b")),
    ("import a --dry-run=yes", .unexpectedValue(option: "--dry-run")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  private static let file = "email\nann@example.org\nno address\nann@example.org\n"

  @Test(arguments: [
    (
      "text", false,
      "Imported 1 account; 1 was already registered; 1 line was refused.\n"
    ),
    ("text", true, "Would import 1 account; 1 was already registered; 1 line was refused.\n"),
    ("tsv", false, "dry_run\timported\tunchanged\trefused\nfalse\t1\t1\t1\n"),
  ])
  func `the summary is the result`(_ format: String, isDryRun: Bool, text: String) throws {
    let world = try World()
    world.input = TypedInput(Array(Self.file.utf8))
    let line = "import - --format \(format)\(isDryRun ? " -n" : "")"
    #expect(world.printed(line, endingWith: .refused) == text)
    #expect(world.printed("list-unconfirmed --count") == (isDryRun ? "0\n" : "1\n"))
  }

  @Test(arguments: ["json", "jsonl"])
  func `the object contains the rejected lines`(_ format: String) throws {
    let world = try World()
    world.input = TypedInput(Array(Self.file.utf8))
    #expect(
      world.printed("import - --format \(format)", endingWith: .refused)
        .wholeMatch(
          of:
            /\{"schema":1,"dry_run":false,"failures":\[\{"line":3,"email":"no address","error":\{.*\}\}\],"imported":1,"unchanged":1,"refused":1\}\n/
        )
        != nil)
  }
}
