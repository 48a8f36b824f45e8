import RegctlCore
import SQL
import System
import TestSupport
import Testing

@testable import regctl

@Suite("CreateDB", .only(.sqlite, "files are created; see StoreServerTests")) struct CreateDBTests {
  @Test(arguments: [
    ("create-db x.db", UsageError.Fault.unexpectedOperand("x.db")),
    (
      "create-db --journal-mode delete",
      .invalidValue(
        option: "--journal-mode", value: "delete",
        expected: .choice(["wal", "truncate"], suggestion: nil))
    ),
    ("create-db --if-not-exists=no", .unexpectedValue(option: "--if-not-exists")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `the database and the key are readable only by their owner`() throws {
    let world = try World(hasDatabase: false)
    #expect(world.printed("create-db") == "Created \(world.database) (schema 7).\n")
    let key = "\(world.directory)/secret.key"
    #expect(world.errorOutput.text == "regctl: a new signing key is in \(key)\n")
    for path in [world.database, key] {
      #expect(try FileSystem.status(of: path)?.permissions == 0o600)
    }
    #expect(try world.rows("SELECT act || ' ' || actor FROM regctl_audit") == ["create-db tester"])
    #expect(world.printed("register ann@example.org --no-password -q") == "")
  }

  @Test(arguments: ["json", "tsv"])
  func `JSON and TSV have what was created`(_ format: String) throws {
    let world = try World(hasDatabase: false)
    let key = "\(world.directory)/secret.key"
    #expect(
      world.printed("create-db --format \(format)")
        == (format == "json"
          ? """
          {"schema":1,"result":"created","path":"\(world.database)","db_schema":7,\
          "secret_key_file":"\(key)"}

          """
          : """
          result\tpath\tdb_schema\tsecret_key_file
          created\t\(world.database)\t7\t\(key)

          """))
  }

  @Test(arguments: [
    ("", "wal"), ("--journal-mode wal", "wal"), ("--journal-mode truncate", "delete"),
  ])
  func `the journal mode is kept in the file`(_ options: String, mode: String) throws {
    let world = try World(hasDatabase: false)
    #expect(world.run("create-db -q \(options)") == .ok)
    // The file tells WAL from a rollback journal, and no two of those apart.
    #expect(try world.rows("PRAGMA journal_mode") == [mode])
  }

  @Test func `an existing database is rejected, or accepted unchanged`() throws {
    let world = try World()
    #expect(
      try world.refusal(of: "create-db", endingWith: .cannotCreate) == """
        regctl: error: create-db: '\(world.database)' already exists
        hint: name another file, or use the existing database

        """)
    let key = try FileSystem.read("\(world.directory)/secret.key", atMost: 1000)
    #expect(
      world.printed("create-db --if-not-exists") == "Found \(world.database) (schema 7).\n")
    #expect(world.printed("create-db --if-not-exists --json").contains("\"result\":\"exists\""))
    #expect(try FileSystem.read("\(world.directory)/secret.key", atMost: 1000) == key)
    #expect(try world.rows("SELECT act FROM regctl_audit") == ["create-db"])
  }

  @Test func `an existing key is kept`() throws {
    let world = try World(hasDatabase: false)
    let key = Array("0123456789abcdef0123456789abcdef\n".utf8)
    try FileSystem.create("\(world.directory)/secret.key", content: key)
    #expect(world.run("create-db") == .ok)
    #expect(world.errorOutput.text == "")
    #expect(try FileSystem.read("\(world.directory)/secret.key", atMost: 1000) == key)
  }

  @Test func `an unwritable directory is rejected and no file is left`() throws {
    let world = try World(hasDatabase: false)
    let file = "\(world.directory)/regctl.conf"
    #expect(world.printed("create-db --db \(file)/x.db", endingWith: .cannotCreate) == "")
    #expect(try FileSystem.names(in: world.directory) == ["regctl.conf"])
  }

  @Test(arguments: [
    "users_table = user", "users_columns = password=password_hash",
    "users_columns = language=locale",
  ])
  func `a new table cannot have an application's names`(_ line: String) throws {
    let world = try World(hasDatabase: false, settings: line)
    let key = line.split(separator: " ")[0]
    #expect(world.run("create-db") == .configuration)
    #expect(world.errorOutput.text.contains("\(key) is for an application's table"))
    #expect(try !world.exists("regctl.db") && !world.exists("secret.key"))
  }
}
