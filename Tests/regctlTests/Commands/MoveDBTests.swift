import RegctlCore
import SQL
import System
import TestSupport
import Testing

@testable import regctl

@Suite("MoveDB") struct MoveDBTests {
  @Test(arguments: [
    ("move-db", UsageError.Fault.missingOperand("URI")),
    ("move-db a b", .unexpectedOperand("b")),
    ("move-db a --yes", .unknownOption("--yes", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  private let world: World

  /// An empty place of the other kind.
  private let destination: String

  /// The database on a server, of which one of the two is.
  private let server: TemporaryDatabase?

  init() throws {
    world = try World()
    world.register("ann")
    world.register("bob")
    server = world.server == nil ? try TemporaryDatabase() : nil
    destination = server?.address ?? "\(world.directory)/moved.db"
  }

  private func name(of address: String) throws -> String { try DatabaseLocation(address).text }

  @Test func `the other database has the same accounts and the same audit`() throws {
    let copied = world.printed("move-db \(destination)")
    let counts = "2 accounts, 0 mails, 0 pruned accounts, 3 audit entries"
    #expect(
      try copied
        == "Copied \(world.databaseName) to \(name(of: destination)) and compared every row: "
        + "\(counts).\n")
    for line in ["export", "audit --verify", "list-outbox"] {
      #expect(world.printed("\(line) --db \(destination)") == world.printed(line))
    }
    #expect(world.printed("list-unconfirmed --count") == "2\n")
  }

  @Test func `a terminal shows how many rows are copied and compared`() throws {
    let lines = world.progress(of: "move-db \(destination)")
    for step in ["copying", "comparing"] {
      let last = try #require(lines.last { $0.hasPrefix("move-db: \(step), ") })
      #expect(last.contains(" rows, 100 %"))
    }
  }

  @Test func `a note says what to set`() throws {
    world.run("move-db \(destination)")
    let source = try world.databaseName
    #expect(
      world.errorOutput.text.contains(
        "regctl: \(source) is still in use; set in regctl.conf: db = "))
  }

  @Test func `JSON has both places and the numbers`() throws {
    #expect(
      try world.printed("move-db \(destination) --json")
        == """
        {"schema":1,"result":"moved","path":"\(world.databaseName)","destination":"\
        \(name(of: destination))","accounts":2,"mails":0,"archived":0,"audit_entries":3,\
        "tables_left":[]}

        """)
  }

  @Test func `a second move is refused`() throws {
    world.run("move-db \(destination) -q")
    let refused = try world.refusal(of: "move-db \(destination)", endingWith: .cannotCreate)
    #expect(try refused.contains("'\(name(of: destination))' already exists"))
  }

  @Test(.only(.sqlite, "both are files")) func `for a second file there is backup`() throws {
    #expect(
      try world.refusal(of: "move-db other.db", endingWith: .usage) == """
        regctl: error: move-db: '\(world.database)' and 'other.db' are both files
        hint: regctl backup other.db

        """)
  }

  @Test(arguments: [
    ("mysql://db.example/app", "mysql"), ("postgresql://ann:secret@db.example/app", "password"),
  ])
  func `an address that cannot be used is an invalid value`(_ uri: String, words: String) throws {
    let refused = try world.refusal(of: "move-db \(uri)", endingWith: .usage)
    #expect(
      refused.contains("for URI: ") && refused.contains(words) && !refused.contains("secret@"))
  }

  @Test(.only(.sqlite, "the table is a file's"))
  func `a row that cannot be copied is named`() throws {
    try world.execute("UPDATE users SET registered_on = 'yesterday' WHERE id = 2")
    #expect(
      try world.refusal(of: "move-db \(destination)", endingWith: .data) == """
        regctl: error: move-db: cannot be copied: users row 2, registered_on: 'yesterday' is not a date \
        that both engines keep
        hint: correct the row; nothing was written

        """)
  }
}
