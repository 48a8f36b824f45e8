import RegctlCore
import System
import TestSupport
import Testing

@testable import regctl

@Suite("Backup") struct BackupTests {
  @Test(arguments: [
    ("backup", UsageError.Fault.missingOperand("FILE")),
    ("backup a b", .unexpectedOperand("b")),
    ("backup a --force", .unknownOption("--force", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is registered, and a path for the copy.
  private func world() throws -> (World, copy: String) {
    let world = try World()
    world.register("ann")
    return (world, "\(world.directory)/copy.db")
  }

  @Test func `the copy holds the same accounts, and its owner alone can read it`() throws {
    let (world, copy) = try world()
    #expect(
      try world.printed("backup \(copy)") == "Copied \(world.databaseName) to \(copy).\n")
    #expect(world.printed("export --db \(copy)") == world.printed("export"))
    #expect(try FileSystem.status(of: copy)?.permissions == 0o600)
  }

  @Test func `the copy does not change with the database`() throws {
    let (world, copy) = try world()
    world.run("backup \(copy) -q")
    world.register("bob")
    #expect(world.printed("list-unconfirmed --count --db \(copy)") == "1\n")
  }

  @Test(arguments: ["json", "tsv"])
  func `JSON and TSV have the path of the copy`(_ format: String) throws {
    let (world, copy) = try world()
    #expect(
      world.printed("backup \(copy) --format \(format)")
        == (format == "json"
          ? "{\"schema\":1,\"result\":\"copied\",\"path\":\"\(copy)\"}\n"
          : "result\tpath\ncopied\t\(copy)\n"))
  }

  @Test func `a terminal shows how much is copied, and that the copy is checked`() throws {
    let (world, copy) = try world()
    let lines = world.progress(of: "backup \(copy)")
    let copied = lines.filter { $0.hasPrefix("backup: copying, ") }
    #expect(
      copied.last?.contains(TestEngine.choose(sqlite: " pages, 100 %", postgresql: " rows, 100 %"))
        == true)
    #expect(
      lines.contains { $0.hasPrefix("backup: comparing, ") }
        == TestEngine.choose(sqlite: false, postgresql: true))
    #expect(lines.last?.hasPrefix("backup: checking") == true)
  }

  @Test func `an existing file is not replaced`() throws {
    let (world, copy) = try world()
    try FileSystem.create(copy, content: Array("mine".utf8))
    #expect(
      try world.refusal(of: "backup \(copy)", endingWith: .cannotCreate) == """
        regctl: error: backup: '\(copy)' already exists
        hint: name another file, or use the existing database

        """)
    #expect(try FileSystem.read(copy, atMost: 100) == Array("mine".utf8))
  }

  @Test func `an unwritable directory is rejected and no file is left`() throws {
    let (world, copy) = try world()
    _ = try world.refusal(of: "backup \(copy)/copy.db", endingWith: .cannotCreate)
    #expect(
      try FileSystem.names(in: world.directory).sorted()
        == TestEngine.choose(
          sqlite: ["regctl.conf", "regctl.db", "secret.key"],
          postgresql: ["regctl.conf", "secret.key"]))
  }

  @Test(.only(.sqlite, "a database on a server is there before it has tables"))
  func `without a database there is nothing to copy`() throws {
    let world = try World(hasDatabase: false)
    #expect(world.printed("backup \(world.directory)/copy.db", endingWith: .noInput) == "")
    #expect(try FileSystem.names(in: world.directory) == ["regctl.conf"])
  }
}
