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
}
