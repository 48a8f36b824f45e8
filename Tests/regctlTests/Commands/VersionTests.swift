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

  @Test func `with -v the versions of the libraries, the schema and the language follow`() throws {
    let lines = try world().printed("--version -v").split(separator: "\n")
    let names = lines.map { String($0.prefix { $0 != " " }) }
    #expect(
      names == [
        "regctl", "sqlite", "sqlite_options", "openssl", "libpq", "libidn2", "libcrypt", "zlib",
        "db_schema", "swift",
      ])
    let patterns = [
      /regctl \d+\.\d+\.\d+/, /sqlite 3\.\d+\.\d+/, /sqlite_options \S*THREADSAFE=[12]\S*/,
      /openssl OpenSSL 3\..+/, /libpq \d+\.\d+/, /libidn2 2\.\d+\.\d+/, /libcrypt 4\.\d+\.\d+/,
      /zlib 1\.\S+/, /db_schema \d+/, /swift 6\.\d+/,
    ]
    for (line, pattern) in zip(lines, patterns) {
      #expect(line.wholeMatch(of: pattern) != nil, "\(line)")
    }
  }

  @Test func `JSON and TSV have all versions`() throws {
    let json = try world().printed("--version --json")
    #expect(json.hasPrefix(#"{"schema":1,"version":"\#(Regctl.version)","sqlite":"3."#))
    #expect(json.contains(#""sqlite_options":[""#))
    #expect(json.contains(/"db_schema":\d+,"swift":"6\.\d+"\}\n$/))
    #expect(
      try world().printed("--version --format tsv").hasPrefix(
        "version\tsqlite\tsqlite_options\topenssl\tlibpq\tlibidn2\tlibcrypt\tzlib\tdb_schema\tswift\n"
          + "\(Regctl.version)\t3."))
  }

  @Test func `the option stands before a command too, which is not run`() throws {
    let world = try World()
    #expect(
      world.printed("--version register ann@example.org") == "regctl \(Regctl.version)\n")
    #expect(world.printed("list-unconfirmed --count") == "0\n")
  }
}
