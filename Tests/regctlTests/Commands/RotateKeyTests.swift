import RegctlCore
import System
import Testing

@testable import regctl

@Suite("RotateKey") struct RotateKeyTests {
  @Test(arguments: [
    ("rotate-key x", UsageError.Fault.unexpectedOperand("x")),
    ("rotate-key --drop-expired=1", .unexpectedValue(option: "--drop-expired")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `a key is added, and the old one dropped when its links have expired`() throws {
    let world = try World()
    let path = "\(world.directory)/secret.key"
    #expect(
      world.printed("rotate-key") == """
        Added key 2 to \(path); it signs from now on.
        1 older key is needed until 2026-11-23 10:00 UTC.

        """)
    #expect(
      world.printed("rotate-key --drop-expired")
        == "1 older key is needed until 2026-11-23 10:00 UTC.\n")
    world.now = world.now + .seconds(3601)
    #expect(world.printed("rotate-key --drop-expired") == "Dropped 1 key from \(path).\n")
    #expect(
      world.printed("rotate-key --drop-expired") == "\(path) has only the key that signs.\n")
    #expect(world.printed("rotate-key --drop-expired --quiet") == "")
  }

  @Test func `the object says what was done`() throws {
    let world = try World()
    let path = "\(world.directory)/secret.key"
    #expect(
      world.printed("rotate-key --json") == """
        {"schema":1,"result":"added","path":"\(path)","keys":2,"dropped":0,\
        "needed_until":"2026-11-23T10:00:00Z"}

        """)
    #expect(
      world.printed("rotate-key --drop-expired --json") == """
        {"schema":1,"result":"unchanged","path":"\(path)","keys":2,"dropped":0,\
        "needed_until":"2026-11-23T10:00:00Z"}

        """)
    world.now = world.now + .seconds(3601)
    #expect(
      world.printed("rotate-key --drop-expired --json") == """
        {"schema":1,"result":"dropped","path":"\(path)","keys":1,"dropped":1,"needed_until":null}

        """)
  }

  @Test func `the key of a credential is not replaced`() throws {
    let world = try World()
    world.environment["CREDENTIALS_DIRECTORY"] = world.directory
    try FileSystem.create(
      "\(world.directory)/secret_key_file", content: Array("a key of at least 16 bytes\n".utf8))
    let refused = try world.refusal(of: "rotate-key", endingWith: .configuration)
    #expect(refused.contains("the key file is a credential"))
  }
}
