import RegctlCore
import Testing

@testable import regctl

@Suite("Version") struct VersionTests {
  @Test(arguments: [
    ("--version --format xml", "xml"), ("--version --color maybe", "maybe"),
  ])
  func `an invalid global option is rejected`(_ line: String, value: String) throws {
    guard case .invalidValue(_, value, _) = try fault(of: line) else {
      Issue.record("\(line) is not refused")
      return
    }
  }

  /// A world without a configuration, which the version does not need.
  private func world() throws -> World {
    let world = try World(hasDatabase: false)
    world.environment = ["REGCTL_CONFIG": "/nonexistent/regctl.conf"]
    return world
  }

  @Test func `the version is one line`() throws {
    #expect(try world().printed("--version") == "regctl \(Regctl.version)\n")
  }

  @Test func `with -v the versions of the libraries follow`() throws {
    #expect(
      try world().printed("--version -v").wholeMatch(
        of: /regctl \S+\nsqlite 3\.\d+\.\d+\nopenssl OpenSSL 3\..+\n/) != nil)
  }

  @Test func `JSON and TSV have all versions`() throws {
    #expect(
      try world().printed("--version --json").wholeMatch(
        of: /\{"schema":1,"version":"\d+\.\d+\.\d+","sqlite":"[^"]+","openssl":"[^"]+"\}\n/)
        != nil)
    #expect(
      try world().printed("--version --format tsv").hasPrefix(
        "version\tsqlite\topenssl\n\(Regctl.version)\t"))
  }

  @Test func `the option stands before a command too, which is not run`() throws {
    let world = try World()
    #expect(
      world.printed("--version register ann@example.org") == "regctl \(Regctl.version)\n")
    #expect(world.printed("list-unconfirmed --count") == "0\n")
  }
}
