import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DatabaseLocation") struct DatabaseLocationTests {
  @Test func `a path is the location of a file`() {
    let location = DatabaseLocation("dev/regctl.db")
    #expect(location == .file("dev/regctl.db"))
    #expect(location.text == "dev/regctl.db")
  }

  @Test(arguments: [
    ("/srv/app/regctl.db", "/srv/app/secret.key"), ("regctl.db", "./secret.key"),
    ("/regctl.db", "/secret.key"),
  ])
  func `the key is beside the file`(_ path: String, expected: String) {
    #expect(DatabaseLocation.file(path).defaultSecretKeyFile == expected)
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
