import RegctlCore
import Testing

@testable import regctl

@Suite("Config") struct ConfigTests {
  @Test(arguments: [
    ("config bcrypt_cost", UsageError.Fault.unexpectedOperand("bcrypt_cost")),
    (
      "config --fields keys",
      .invalidValue(
        option: "--fields", value: "keys",
        expected: .fields(["key", "value", "origin"], suggestion: "key"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// What is printed about one setting.
  private func line(_ key: String, in world: World, _ options: String = "") -> String? {
    world.printed("config --format tsv --no-header \(options)").split(separator: "\n")
      .first { $0.hasPrefix("\(key)\t") }.map { String($0.dropFirst(key.count + 1)) }
  }

  @Test func `every setting is shown once, in the order of the manual`() throws {
    let world = try World(hasDatabase: false)
    #expect(
      world.printed("config --format tsv --no-header --fields key").split(separator: "\n")
        .map(String.init) == Setting.all.map(\.key))
  }

  @Test func `a setting is shown with its origin`() throws {
    let world = try World(hasDatabase: false)
    let file = "\(world.directory)/regctl.conf"
    #expect(line("bcrypt_cost", in: world) == "4\t\(file) line 6")
    #expect(line("prune_max", in: world) == "1000\tdefault")
    world.environment["REGCTL_PRUNE_MAX"] = "7"
    #expect(line("prune_max", in: world) == "7\tREGCTL_PRUNE_MAX")
    #expect(line("busy_timeout", in: world, "--busy-timeout 9s") == "9s\t--busy-timeout")
    #expect(line("bcrypt_cost", in: world, "--config none") == "13\tdefault")
  }

  @Test func `the text format is a table`() throws {
    let world = try World(hasDatabase: false)
    let lines = world.printed("config --config none --db x.db --fields key,value")
      .split(separator: "\n")
    #expect(lines.count == Setting.all.count + 1)
    #expect(
      lines.prefix(2) == [
        "KEY                          VALUE", "db                           x.db",
      ])
  }

  @Test func `the object contains the user that regctl runs as`() throws {
    let world = try World(hasDatabase: false)
    let json = world.printed("config --json")
    #expect(json.hasPrefix("{\"schema\":1,\"runs_as\":\""))
    #expect(json.contains("{\"key\":\"reset_url\",\"value\":null,\"origin\":\"default\"}"))
  }

  @Test func `a value that may be a secret is not shown`() throws {
    let world = try World(hasDatabase: false)
    world.environment["REGCTL_SECRET_KEY_FILE"] = "0123456789abcdef0123456789abcdef"
    #expect(
      line("secret_key_file", in: world) == "(not shown: a secret)\tREGCTL_SECRET_KEY_FILE")
  }

  @Test func `no database is opened or created`() throws {
    let world = try World(hasDatabase: false)
    #expect(world.run("config -q") == .ok)
    #expect(try !world.exists("regctl.db"))
  }

  @Test func `an unknown setting is rejected with its line`() throws {
    let world = try World(hasDatabase: false, settings: "bcrypt_csot = 5")
    #expect(world.printed("config", endingWith: .configuration) == "")
    #expect(
      world.errorOutput.text.hasPrefix(
        "regctl: error: config: \(world.directory)/regctl.conf line 7: "))
  }
}
