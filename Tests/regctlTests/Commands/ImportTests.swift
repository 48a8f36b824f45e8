import RegctlCore
import Testing

@testable import regctl

@Suite("Import") struct ImportTests {
  @Test(arguments: [
    ("import", UsageError.Fault.missingOperand("FILE|-")), ("import a b", .unexpectedOperand("b")),
    ("import a --dry-run=yes", .unexpectedValue(option: "--dry-run")),
    ("import a --map b", .invalidValue(option: "--map", value: "b", expected: .renaming)),
    ("import a --map", .missingValue(option: "--map", value: "COLUMN=NAME")),
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

  @Test func `a terminal shows how many lines were read`() throws {
    let world = try World()
    world.input = TypedInput(Array(Self.file.utf8))
    let lines = world.progress(of: "import -", endingWith: .refused)
    #expect(lines.last?.hasPrefix("import: 3 accounts, ") == true)
  }

  @Test func `columns are renamed and left out, each with an option of its own`() throws {
    let world = try World()
    world.input = TypedInput(Array("mail,age,admin\nann@example.org,7,1\n".utf8))
    let words = "import - --map mail=email --map=age=none --map admin=none"
    #expect(world.printed(words) == "Imported 1 account.\n")
    #expect(world.printed("list-admins --format tsv --no-header") == "")
  }

  @Test func `a column that the table does not have is refused before anything is read`() throws {
    let world = try World()
    let said = try world.refusal(of: "import - --map mail=emial", endingWith: .usage)
    #expect(
      said == "regctl: error: import: invalid value 'mail=emial' for --map: the table has no such "
        + "column\nhint: did you mean mail=email? see 'regctl help import'\n")
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
