import RegctlCore
import Testing

@testable import regctl

@Suite("UnconfirmedSelection") struct UnconfirmedSelectionTests {
  @Test(arguments: ["list-unconfirmed", "resend --all-unconfirmed"])
  func `an invalid age is rejected`(_ command: String) throws {
    for option in ["--older-than", "--newer-than"] {
      guard
        case .invalidValue(option, "soon", .duration) = try fault(of: "\(command) \(option) soon")
      else {
        Issue.record("\(command) \(option) soon is not refused")
        return
      }
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
    ("", ["1", "2", "3"]), ("--older-than 1h", ["1"]), ("--older-than 59m", ["1", "2"]),
    ("--newer-than 1h", ["3"]), ("--newer-than 61m", ["2", "3"]),
    ("--older-than 30m --newer-than 90m", ["2"]), ("--older-than never", []),
    ("--newer-than never", ["1", "2", "3"]), ("--newer-than never --older-than 1h", ["1"]),
  ])
  func `accounts are selected by age, excluding the limits`(
    _ options: String, numbers: [String]
  ) throws {
    let world = try world()
    let printed = world.printed("list-unconfirmed --format tsv --no-header --fields id \(options)")
    #expect(printed.split(separator: "\n").map(String.init) == numbers)
  }
}
