import TestSupport
import Testing

@testable import PostgreSQL

@Suite("ServerProduct") struct ServerProductTests {
  @Test func `the server of the tests is PostgreSQL`() throws {
    guard case .postgreSQL(let version) = try PostgreSQLServer.shared().connect().product else {
      Issue.record("another product")
      return
    }
    #expect((130_000..<1_000_000).contains(version))
  }

  // The texts are those that CockroachDB 25.4 and YugabyteDB 2.25 report.
  @Test func `other products are known by what they report`() {
    #expect(
      ServerProduct(version: 130_000, versionText: "13.0.0", isCockroach: true)
        == .other("CockroachDB"))
    #expect(
      ServerProduct(version: 150_012, versionText: "15.12-YB-2.25.2.0-b0", isCockroach: false)
        == .other("YugabyteDB"))
    #expect(
      ServerProduct(
        version: 150_018, versionText: "15.18 (Debian 15.18-0+deb12u1)", isCockroach: false)
        == .postgreSQL(150_018))
  }
}
