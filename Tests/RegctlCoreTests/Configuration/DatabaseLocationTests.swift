import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DatabaseLocation") struct DatabaseLocationTests {
  @Test func `a path is the location of a file`() throws {
    let location = try DatabaseLocation("dev/regctl.db")
    #expect(location == .file("dev/regctl.db"))
    #expect(location.text == "dev/regctl.db")
  }

  @Test(arguments: [
    ("sqlite:////srv/app/app.db", "/srv/app/app.db"), ("sqlite:///app.db", "app.db"),
    ("sqlite+pysqlite:///dev/app.db?timeout=20", "dev/app.db"),
    ("sqlite:///./app%20.db", "./app%20.db"), ("./mysql://app", "./mysql://app"),
    ("C:/app.db", "C:/app.db"), ("://app.db", "://app.db"), ("1://x", "1://x"),
  ])
  func `a URL of SQLAlchemy is the location of its file`(_ text: String, path: String) throws {
    #expect(try DatabaseLocation(text) == .file(path))
  }

  @Test(
    arguments: [
      ("postgresqlx://db.example/app", .foreignDatabase(scheme: "postgresqlx")),
      ("mysql+pymysql://app@db.example/app", .foreignDatabase(scheme: "mysql+pymysql")),
      ("sqlitex:///app.db", .foreignDatabase(scheme: "sqlitex")),
      ("sqlite://", .databaseWithoutFile), ("sqlite:///", .databaseWithoutFile),
      ("sqlite:///:memory:", .databaseWithoutFile), ("sqlite://host/app.db", .databaseWithoutFile),
      ("sqlite:///file:app.db?mode=ro&uri=true", .databaseWithoutFile),
      ("sqlite:///?timeout=20", .databaseWithoutFile), ("", .empty), ("a\0b", .controlByte),
    ] as [(String, ConfigurationError.ValueFault)])
  func `another URL is rejected`(_ text: String, fault: ConfigurationError.ValueFault) {
    #expect(throws: fault) { try DatabaseLocation(text) }
  }

  @Test(arguments: [
    ("/srv/app/regctl.db", "/srv/app/secret.key"), ("regctl.db", "./secret.key"),
    ("/regctl.db", "/secret.key"),
  ])
  func `the key is beside the file`(_ path: String, expected: String) {
    #expect(
      DatabaseLocation.file(path).secretKeyFile(besideDefault: "/var/lib/regctl/regctl.db")
        == expected)
  }

  @Test func `the key for a server is beside the default file`() throws {
    let location = try DatabaseLocation("postgresql://db.example/app")
    #expect(
      location.secretKeyFile(besideDefault: "/var/lib/regctl/regctl.db")
        == "/var/lib/regctl/secret.key")
  }

  @Test(arguments: [
    "postgresql:///app", "postgres://app@db.example/app", "postgresql+psycopg2://db.example/app",
    "service=app",
  ])
  func `an address is the location of a database on a server`(_ text: String) throws {
    let location = try DatabaseLocation(text)
    guard case .server = location else {
      Issue.record("\(location)")
      return
    }
    #expect(try location.owner() == nil)
    #expect(try !location.isTaken())
    #expect(location.isWritable)
    #expect(location.user == nil)
  }

  @Test func `anything in its place takes the location`() throws {
    let directory = try TemporaryDirectory()
    #expect(try DatabaseLocation.file(directory.path).isTaken())
    #expect(try !DatabaseLocation.file("\(directory.path)/regctl.db").isTaken())
  }

  @Test func `the location belongs to the owner of the file`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("regctl.db", "")
    #expect(DatabaseLocation.file("\(directory.path)/regctl.db").user?.uid == geteuid())
    #expect(DatabaseLocation.file("\(directory.path)/missing.db").user == nil)
  }
}
