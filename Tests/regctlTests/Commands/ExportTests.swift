import RegctlCore
import Testing

@testable import regctl

@Suite("Export") struct ExportTests {
  @Test(arguments: [
    ("export accounts.csv", UsageError.Fault.unexpectedOperand("accounts.csv")),
    ("export --csv=yes", .unexpectedValue(option: "--csv")),
    ("export --fields id", .unknownOption("--fields", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `an export is JSON lines, CSV, or any list format`() throws {
    let world = try World()
    world.input = TypedInput(
      Array(#"{"id":7,"email":"o'neil@example.org","confirmed_on":"2026-11-23","admin":1}"#.utf8))
    #expect(world.run("import -") == .ok)
    let date = "2026-11-23T09:00:00Z"
    let expected = [
      "Imported 1 account.\n",
      #"{"schema":1,"id":7,"email":"o'neil@example.org","password":"!","registered_on":"\#(date)","#
        + #""admin":true,"confirmed":true,"confirmed_on":"2026-11-23T00:00:00Z"}"# + "\n",
      "id,email,password,registered_on,admin,confirmed,confirmed_on\r\n"
        + "7,o'neil@example.org,!,\(date),1,1,2026-11-23T00:00:00Z\r\n",
      "id\temail\tpassword\tregistered_on\tadmin\tconfirmed\tconfirmed_on\n"
        + "7\to'neil@example.org\t!\t\(date)\ttrue\ttrue\t2026-11-23T00:00:00Z\n",
    ]
    for words in ["export", "export --csv --json", "export --format tsv"] {
      #expect(world.run(words) == .ok)
    }
    #expect(world.output.text == expected.joined())
  }

  @Test func `a terminal shows how many accounts were written, unless it shows themselves`() throws
  {
    let world = try World()
    world.register("ann", "bob")
    #expect(world.progress(of: "export").last?.hasPrefix("export: 2 of 2 accounts, 100 %") == true)
    world.outputIsTerminal = true
    #expect(world.progress(of: "export") == [])
  }

  @Test func `without accounts there is no line, or only the CSV header`() throws {
    let world = try World()
    #expect(world.run("export") == .ok)
    #expect(world.output.text == "")
    #expect(world.run("export --csv") == .ok)
    #expect(
      world.output.text == "id,email,password,registered_on,admin,confirmed,confirmed_on\r\n")
  }

  @Test func `languages come last, where an account has one`() throws {
    let world = try World()
    world.register("ann")
    #expect(!world.printed("export").contains("language"))
    world.run("register bob@example.org --no-password --no-mail --lang pt-BR -q")
    let lines = world.printed("export").split(separator: "\n")
    #expect(lines.map { $0.hasSuffix(#""confirmed_on":null}"#) } == [true, false])
    #expect(lines[1].hasSuffix(#""confirmed_on":null,"language":"pt-BR"}"#))
    let csv = world.printed("export --csv").split(separator: "\r\n")
    #expect(csv[0].hasSuffix(",confirmed_on,language"))
    #expect(csv[1].hasSuffix(",0,0,,") && csv[2].hasSuffix(",0,0,,pt-BR"))
    #expect(world.printed("export --format tsv").hasSuffix("\tpt-BR\n"))
    let other = try World()
    for options in ["", "--csv"] {
      other.input = TypedInput(Array(world.printed("export \(options)").utf8))
      #expect(other.run("import - -q") == .ok)
      #expect(other.printed("export \(options)") == world.printed("export \(options)"))
    }
  }

  @Test(arguments: ["", "--csv"])
  func `an imported export is exported unchanged`(_ options: String) throws {
    let (world, other) = (try World(), try World())
    world.register("ann", "bob")
    world.run("create-admin ann@example.org --promote -q")
    let export = world.printed("export \(options)")
    other.input = TypedInput(Array(export.utf8))
    #expect(other.run("import - -q") == .ok)
    #expect(other.printed("export \(options)") == export)
  }

  @Test func `an export of several batches is complete`() throws {
    let world = try World()
    let lines = (1...2500).map { "a\($0)@example.org\n" }.joined()
    world.input = TypedInput(Array("email\n\(lines)".utf8))
    world.run("import - -q")
    #expect(world.printed("export").split(separator: "\n").count == 2500)
    #expect(world.printed("export --csv").split(separator: "\r\n").count == 2501)
  }
}
