import Glibc
import RegctlCore
import SQL
import TestSupport
import Testing

@testable import regctl

@Suite("DoctorOnServer", .once) struct DoctorOnServerTests {
  private let world: World
  private let database: TemporaryDatabase

  /// A world with a database on a server, and the clock of this machine, which is the server's.
  init() throws {
    world = try World(hasDatabase: false)
    database = try TemporaryDatabase()
    world.environment["REGCTL_DB"] = database.address
    world.environment["STATE_DIRECTORY"] = world.directory
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    world.now = Instant(seconds: Int64(time.tv_sec))
    #expect(world.run("create-db -q") == .ok)
  }

  /// The rows of `doctor` before the database itself is checked.
  private func rows() -> [String] {
    // The server of the tests does without fsync.
    let printed = world.printed("doctor --format tsv --no-header", endingWith: .refused)
    let rows = printed.split(separator: "\n").map(String.init)
    return Array(rows.prefix { !$0.hasPrefix("database\t") }.dropFirst())
  }

  @Test func `the checks of a server come before those of the database`() throws {
    let rows = rows()
    let name = try DatabaseLocation(database.address).text
    #expect(rows.first?.hasPrefix("server\tok\t\(name) is on PostgreSQL ") == true)
    #expect(
      rows.dropFirst() == [
        "replication\tok\tno standby is connected\t",
        "durability\tfailed\tfsync is off: a crash of the machine can damage the database\t"
          + "set fsync = on on the server",
        "privileges\tok\t'postgres' is a superuser, who can rewrite the audit\t"
          + "create a role that owns nothing, and as the owner: regctl migrate-db --grant ROLE",
        "collation\tok\tUTF8, in the order of its rules\t",
        "numbers\tok\ta new account gets a number that no account has\t",
        "server clock\tok\tagrees with this machine's\t",
      ])
  }

  @Test func `a clock that differs is named`() throws {
    world.now = world.now + .seconds(5400)
    #expect(
      rows().last
        == "server clock\tfailed\tthe clock of the server is 1 hour behind this machine's\t"
        + "set both clocks: ages and links are compared with times of both")
  }

  @Test func `without the server nothing else is asked of the database`() throws {
    world.environment["REGCTL_DB"] = "postgresql://postgres@127.0.0.1:1/none"
    let names = world.printed(
      "doctor --format tsv --no-header --fields check", endingWith: .refused)
    #expect(names == "configuration\nserver\nkeys\nmail\nmail server\n")
  }
}
