import Glibc
import RegctlCore
import System
import TestSupport
import Testing

@testable import regctl

@Suite("Restore", .only(.sqlite, "a server's database must be empty: RestoreStoreTests"))
struct RestoreTests {
  @Test(arguments: [
    ("restore", UsageError.Fault.missingOperand("FILE")),
    ("restore a b", .unexpectedOperand("b")),
    ("restore a --force", .unknownOption("--force", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is registered, with a copy, and Bob was registered later.
  private func world() throws -> (World, copy: String) {
    let world = try World()
    world.register("ann")
    let copy = "\(world.directory)/copy.db"
    world.run("backup \(copy) -q")
    world.register("bob")
    return (world, copy)
  }

  private func count(_ world: World) -> String { world.printed("list-unconfirmed --count") }

  @Test func `with yes the database is replaced`() throws {
    let (world, copy) = try world()
    #expect(
      world.printed("restore \(copy) --yes")
        == "Restored \(world.database) from \(copy): 1 account.\n")
    #expect(count(world) == "1\n")
    #expect(world.questions == [])
  }

  @Test(arguments: [("y", ExitCode.ok, "1\n"), ("n", .refused, "2\n")])
  func `otherwise it asks`(_ answer: String, exitCode: ExitCode, left: String) throws {
    let (world, copy) = try world()
    world.answers = [answer]
    #expect(world.run("restore \(copy)") == exitCode)
    #expect(
      world.questions == ["Replace \(world.database) (2 accounts) by \(copy) (1 account)?"])
    #expect(count(world) == left)
  }

  @Test func `a terminal shows the check, the copy and the replacement`() throws {
    let (world, copy) = try world()
    let lines = world.progress(of: "restore \(copy) --yes")
    var steps: [String] = []
    for line in lines {
      let step = String(line.prefix { $0 != "," })
      if steps.last != step { steps.append(step) }
    }
    #expect(
      steps == [
        "restore: checking", "restore: copying", "restore: checking", "restore: replacing",
      ])
    #expect(lines.last?.contains(" pages, 100 %") == true)
  }

  @Test func `without a terminal it needs yes`() throws {
    let (world, copy) = try world()
    let refused = try world.refusal(of: "restore \(copy)", endingWith: .usage)
    #expect(refused.contains("hint: use --yes"))
    #expect(count(world) == "2\n")
  }

  @Test func `a dry run checks the copy and changes nothing`() throws {
    let (world, copy) = try world()
    #expect(
      world.printed("restore \(copy) --dry-run --json")
        == """
        {"schema":1,"result":"restored","path":"\(world.database)","dry_run":true,"file":"\(copy)",\
        "accounts":1,"replaced_accounts":2}

        """)
    #expect(count(world) == "2\n")
  }

  @Test func `where there is no database it does not ask`() throws {
    let (world, copy) = try world()
    for suffix in ["", "-wal", "-shm"] { unlink(world.database + suffix) }
    #expect(world.run("restore \(copy)") == .ok)
    #expect(count(world) == "1\n")
  }

  @Test func `the audit says who restored what`() throws {
    let (world, copy) = try world()
    world.run("restore \(copy) --yes")
    let audit = world.printed("audit --format tsv --fields act,detail")
    #expect(audit.hasSuffix("restore\tfrom \(copy)\n"))
  }
}
