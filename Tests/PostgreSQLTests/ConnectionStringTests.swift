import PostgreSQL
import SQL
import Testing

@Suite("ConnectionString") struct ConnectionStringTests {
  private func settings(in text: String) throws -> [String: String] {
    let settings = try ConnectionString.settings(in: text)
    return Dictionary(settings.map { ($0.keyword, $0.value) }) { _, last in last }
  }

  @Test func `a URL names settings, several hosts among them`() throws {
    #expect(
      try settings(in: "postgresql://ann@db1.example:5433,db2.example/my%20app?sslmode=require")
        == [
          "user": "ann", "host": "db1.example,db2.example", "port": "5433,", "dbname": "my app",
          "sslmode": "require",
        ])
  }

  @Test func `keywords have values, and a service is one`() throws {
    #expect(try settings(in: "service=app") == ["service": "app"])
    #expect(
      try settings(in: "host=/run/postgresql dbname='my app'") == [
        "host": "/run/postgresql", "dbname": "my app",
      ])
  }

  @Test(arguments: ["postgresql://db.example/app?colour=red", "host", "postgresql://[::1/app"])
  func `what libpq does not understand is refused`(_ text: String) throws {
    #expect {
      try ConnectionString.settings(in: text)
    } throws: { error in
      if case .refused(let detail) = error as? DatabaseError {
        return !detail.isEmpty && !detail.hasSuffix("\n")
      }
      return false
    }
  }
}
