import RegctlCore
import Testing

@testable import regctl

@Suite("AccountSelection") struct AccountSelectionTests {
  @Test(arguments: ["--since", "--until"])
  func `an invalid time is rejected`(_ option: String) throws {
    guard
      case .invalidValue(option, "tomorrow", _) = try fault(of: "list-accounts \(option) tomorrow")
    else {
      Issue.record("\(option) tomorrow is not refused")
      return
    }
  }

  /// A world in which Ann, Bob and Eve were registered two hours, one hour and a minute ago.
  private func world() throws -> World {
    let world = try World()
    for (name, age) in [("ann", 7200), ("bob", 3600), ("eve", 60)] {
      world.now = Instant(seconds: 1_795_424_400 - Int64(age))
      world.register(name)
    }
    world.now = Instant(seconds: 1_795_424_400)
    return world
  }

  @Test(arguments: [
    ("", ["1", "2", "3"]), ("--since 1h", ["2", "3"]), ("--since 59m", ["3"]),
    ("--until 1h", ["1"]), ("--until 59m", ["1", "2"]), ("--since 90m --until 30m", ["2"]),
    ("--since 2026-11-23T08:00:00Z", ["2", "3"]), ("--until 2026-11-23T08:00:00Z", ["1"]),
    ("--until 2026-11-23", ["1", "2", "3"]), ("--until yesterday", []), ("--until never", []),
    ("--since never --limit 2 --newest", ["3", "2"]),
  ])
  func `since includes its moment, and until ends before it`(
    _ options: String, numbers: [String]
  ) throws {
    let world = try world()
    let printed = world.printed("list-accounts --format tsv --no-header --fields id \(options)")
    #expect(printed.split(separator: "\n").map(String.init) == numbers)
    #expect(world.printed("list-accounts --count \(options)") == "\(numbers.count)\n")
  }

  @Test(arguments: [
    ("", ["1", "2", "3"]), ("--older-than 1h", ["1"]), ("--older-than 59m", ["1", "2"]),
    ("--newer-than 1h", ["2", "3"]), ("--newer-than 59m", ["3"]), ("--until 1h", ["1"]),
    ("--older-than 30m --newer-than 90m", ["2"]), ("--older-than never", []),
    ("--newer-than never", ["1", "2", "3"]), ("--newer-than never --older-than 1h", ["1"]),
    ("--newest", ["3", "2", "1"]), ("--email 2", ["2"]),
    ("--sort email --newer-than 2h", ["1", "2", "3"]),
  ])
  func `older spellings mean the same for unconfirmed accounts`(
    _ options: String, numbers: [String]
  ) throws {
    let world = try world()
    let printed = world.printed("list-unconfirmed --format tsv --no-header --fields id \(options)")
    #expect(printed.split(separator: "\n").map(String.init) == numbers)
    #expect(world.printed("list-unconfirmed --count \(options)") == "\(numbers.count)\n")
  }

  @Test(arguments: ["list-unconfirmed", "resend --all-unconfirmed"])
  func `an error names the option as it was typed`(_ command: String) throws {
    for option in ["--older-than", "--newer-than", "--since"] {
      guard
        case .invalidValue(option, "soon", .duration) = try fault(of: "\(command) \(option) soon")
      else {
        Issue.record("\(command) \(option) soon is not refused")
        return
      }
    }
  }

  @Test(arguments: [
    ("--since 1h --newer-than 2h", UsageError.Fault.repeatedOption("--since")),
    ("--file a --stdin", .conflict("--file", "--stdin")),
    ("--newest --sort email", .conflict("--newest", "--sort email")),
  ])
  func `contradictory options are rejected`(_ options: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: "list-accounts \(options)") == expected)
  }

  @Test func `addresses come from several options and from standard input`() throws {
    let world = try world()
    world.input = TypedInput(Array("\u{feff} EVE@example.org \r\n\r\n\tbob@example.org\n".utf8))
    #expect(
      world.printed(
        "list-accounts --stdin --email ann@example.org --email 2 --format tsv --no-header --fields id"
      )
        == "1\n2\n3\n")
  }

  @Test func `an unknown address among several does not stop the others`() throws {
    let world = try world()
    #expect(
      world.printed(
        "list-accounts --email ann@example.org --email kim@example.org --count",
        endingWith: .refused) == "1\n")
    #expect(world.errorOutput.text.contains("no such account: 'kim@example.org'"))
    #expect(world.errorOutput.text.hasSuffix("1 of 2 failed\n"))
    _ = try world.refusal(of: "list-accounts --email kim@example.org", endingWith: .noUser)
  }

  @Test func `a line that is not an address is refused with its number`() throws {
    let world = try world()
    world.input = TypedInput(Array("ann@example.org\nE-mail\n".utf8))
    #expect(
      try world.refusal(of: "list-accounts --file -", endingWith: .data) == """
        regctl: error: list-accounts: standard input line 2: 'E-mail' is not an address: no @
        hint: give an address a line; nothing was done

        """)
  }
}
