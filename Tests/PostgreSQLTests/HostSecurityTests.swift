import PostgreSQL
import Testing

@Suite("HostSecurity") struct HostSecurityTests {
  private typealias Setting = ConnectionParameters.Setting

  private func secured(_ settings: KeyValuePairs<String, String>) throws -> [String: String] {
    let settings = try HostSecurity.secured(settings.map { Setting($0.key, $0.value) })
    return Dictionary(settings.map { ($0.keyword, $0.value) }) { $1 }
  }

  @Test(
    arguments: [
      [:], ["host": "/run/postgresql"], ["host": "@abstract"], ["host": "localhost"],
      ["host": "127.0.0.1"], ["host": "127.9.9.9"], ["host": "::1"], ["host": "localhost,/run"],
      ["host": "db.example", "hostaddr": "127.0.0.1"],
      ["host": "localhost,db.example", "hostaddr": ",127.0.0.1"],
    ] as [KeyValuePairs<String, String>])
  func `this machine needs no certificate`(_ settings: KeyValuePairs<String, String>) throws {
    #expect(try secured(settings)["sslmode"] == nil)
  }

  @Test(arguments: [
    "db.example", "192.0.2.1", "127.0.0.1.example", "127.0.0.256", "localhost,db.example", "::2",
  ])
  func `the certificate of another host is verified`(_ host: String) throws {
    #expect(try secured(["host": host])["sslmode"] == "verify-full")
    #expect(try secured(["host": host, "sslmode": "verify-full"])["sslmode"] == "verify-full")
  }

  @Test func `a name without an address beside it is a host`() throws {
    let error = try #require(throws: UnverifiedHost.self) {
      try secured([
        "host": "localhost,db.example", "hostaddr": "127.0.0.1,", "sslmode": "require",
      ])
    }
    #expect(error.name == "db.example")
  }

  @Test(arguments: ["disable", "allow", "prefer", "require", "verify-ca"])
  func `less than that is refused`(_ mode: String) throws {
    #expect(throws: UnverifiedHost.self) {
      try secured(["host": "localhost,db.example", "sslmode": mode])
    }
    #expect(try secured(["host": "localhost", "sslmode": mode])["sslmode"] == mode)
  }

  @Test func `the certificates of the system are those of its file`() throws {
    let settings = try secured(["host": "db.example", "sslrootcert": "system"])
    #expect(settings["sslrootcert"] == "/etc/ssl/certs/ca-certificates.crt")
  }
}
