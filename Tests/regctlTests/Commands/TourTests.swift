import RegctlCore
import System
import Testing

@testable import regctl

@Suite("Tour") struct TourTests {
  @Test(arguments: [
    ("tour x", UsageError.Fault.unexpectedOperand("x")),
    ("tour --keep=yes", .unexpectedValue(option: "--keep")),
    ("tour --kep", .unknownOption("--kep", suggestion: "--keep")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world without a database, in whose directory the tour makes its own.
  private func world() throws -> World {
    let world = try World(hasDatabase: false)
    world.environment["TMPDIR"] = world.directory
    return world
  }

  @Test func `each command is shown with what it prints, and nothing is left`() throws {
    let world = try world()
    let text = world.printed("tour")
    let commands = text.split(separator: "\n").filter { $0.hasPrefix("$ regctl ") }
      .map { $0.dropFirst("$ regctl ".count).prefix { $0 != " " } }
    #expect(
      commands == [
        "create-db", "create-admin", "register", "register", "list-outbox", "deliver",
        "list-unconfirmed", "check", "inspect-token", "confirm", "confirm", "show",
        "list-unconfirmed", "prune",
      ])
    #expect(
      text.contains(
        """
        $ regctl register ann@example.org --no-password
        Registered ann@example.org; a confirmation mail is queued.

        """))
    #expect(text.contains("\nConfirmed ann@example.org.\n"))
    #expect(text.contains("\nann@example.org is already confirmed since 2026-11-23 09:00 UTC.\n"))
    #expect(text.hasSuffix("\n# That was the tour. 'regctl help' lists the commands.\n"))
    #expect(world.errorOutput.text == "")
    #expect(try FileSystem.names(in: world.directory) == ["regctl.conf"])
  }

  @Test func `with --keep everything in the directory works`() throws {
    let world = try world()
    let text = world.printed("tour --keep")
    let settings = try #require(text.split(separator: "\n").first).dropFirst(
      "$ export REGCTL_CONFIG=".count)
    let directory = FileSystem.directory(of: String(settings))
    #expect(
      world.errorOutput.text == "regctl: the directory \(directory) is yours to remove\n")
    #expect(
      world.printed("list-admins --config \(settings) --format tsv --fields email")
        == "email\nadmin@example.org\n")
  }

  @Test func `the user's own settings are not used`() throws {
    let world = try world()
    world.environment["REGCTL_DB"] = "\(world.directory)/own.db"
    world.environment["REGCTL_FORMAT"] = "json"
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    #expect(world.printed("tour --format text").hasSuffix("lists the commands.\n"))
    #expect(try !world.exists("own.db"))
  }
}
