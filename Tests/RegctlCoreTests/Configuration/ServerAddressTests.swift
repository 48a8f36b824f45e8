import Testing

@testable import RegctlCore

@Suite("ServerAddress") struct ServerAddressTests {
  private func address(_ text: String) throws -> ServerAddress {
    guard case .server(let address) = try DatabaseLocation(text) else {
      throw ConfigurationError.ValueFault.url
    }
    return address
  }

  @Test(arguments: [
    ("postgresql:///app", "app"), ("postgresql://db.example/app", "app on db.example"),
    ("postgresql://ann@db.example:5433/app", "app on db.example:5433"),
    ("postgresql://a.example,b.example/app", "app on a.example,b.example"),
    ("postgresql://[::1]:5433/app?sslmode=disable", "app on [::1]:5433"),
    ("postgresql://db.example", "the default database on db.example"),
    ("postgresql:///app?host=/run/postgresql", "app on /run/postgresql"),
    ("postgresql://%2Frun%2Fpostgresql/my%20app", "my app on /run/postgresql"),
    ("postgresql://?service=app", "service app"), ("service=app", "service app"),
    ("postgresql://db.example?dbname=app", "app on db.example"),
    ("postgresql://a%40b@db.example/app", "app on db.example"),
    ("postgresql:///100%25%", "100%%"),
  ])
  func `messages name the database and the host`(_ text: String, name: String) throws {
    #expect(try address(text).name == name)
    #expect(try DatabaseLocation(text).text == name)
  }

  @Test(arguments: [
    ("postgres://db.example/app", "postgresql://db.example/app"),
    (
      "postgresql+psycopg2://ann@db.example/app?sslmode=verify-full",
      "postgresql://ann@db.example/app?sslmode=verify-full"
    ),
    ("service=app", "service=app"),
  ])
  func `libpq gets the address with its own scheme`(_ text: String, expected: String) throws {
    #expect(try address(text).text == expected)
  }

  @Test(
    arguments: [
      ("postgresql://ann:secret@db.example/app", .databasePassword),
      ("postgresql://:@db.example/app", .databasePassword),
      ("postgresql://db.example/app?password=secret", .databasePassword),
      ("postgresql://db.example/app?pass%77ord=secret", .databasePassword),
      ("postgresql://db.example/app?options=-csearch_path%3Dx", .databaseParameter("options")),
      ("postgresql://db.example/app?replication=database", .databaseParameter("replication")),
      ("postgresql://db.example/app?client_encoding=LATIN1", .databaseParameter("client_encoding")),
      ("postgresql://db.example/app?passfile=/tmp/x", .databaseParameter("passfile")),
      ("postgresql://db.example/app?sslpassword=x", .databaseParameter("sslpassword")),
      ("postgresql://db.example/app?sslkeylogfile=x", .databaseParameter("sslkeylogfile")),
      ("postgresql://db.example/app?ssl=true", .databaseParameter("ssl")),
      ("postgresql://db.example/app?sslmode", .databaseParameter("sslmode")),
      ("postgresql://db.example/app?k9Z7", .databaseParameter(nil)),
      ("service=", .serviceName), ("service=app password=x", .serviceName),
      ("service='app", .serviceName),
    ] as [(String, ConfigurationError.ValueFault)])
  func `what must not be in an address is refused`(
    _ text: String, fault: ConfigurationError.ValueFault
  ) {
    #expect(throws: fault) { try DatabaseLocation(text) }
    #expect(fault.hidesValue)
  }
}
