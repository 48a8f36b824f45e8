import Glibc
import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("Connection") struct ConnectionTests {
  private let server: PostgreSQLServer

  init() throws { server = try PostgreSQLServer.shared() }

  private func number(_ database: PostgreSQLDatabase) throws -> Int64? {
    try database.first("SELECT 1") { $0.integer(0) }
  }

  /// The error of a connection with some settings, which must not contain the password.
  private func refusal(_ settings: KeyValuePairs<String, String>) throws -> DatabaseError {
    let error = try #require(
      throws: DatabaseError.self, performing: { _ = try server.connect(settings) })
    #expect(!"\(error)".contains("sesame"))
    return error
  }

  @Test func `a server is reached by its socket and by TCP`() throws {
    #expect(try number(server.connect()) == 1)
    #expect(try number(server.connect(["host": "127.0.0.1"])) == 1)
  }

  @Test func `a password is sent`() throws {
    let settings: KeyValuePairs = [
      "host": "127.0.0.1", "user": "secretive", "password": "open sesame",
    ]
    #expect(try number(server.connect(settings)) == 1)
  }

  @Test func `a wrong password is refused`() throws {
    let error = try refusal([
      "host": "127.0.0.1", "user": "secretive", "password": "close sesame",
    ])
    #expect(
      error
        == .refused(
          detail: """
            connection to server at "127.0.0.1", port \(server.port) failed: \
            FATAL:  password authentication failed for user "secretive"
            """))
  }

  @Test func `a password that is missing is refused`() throws {
    let error = try refusal([
      "host": "127.0.0.1", "user": "secretive", "passfile": "/dev/null",
    ])
    guard case .refused(let detail) = error else { throw error }
    #expect(detail.hasSuffix("fe_sendauth: no password supplied"))
  }

  @Test func `a missing database and a missing user are refused`() throws {
    let database = try refusal(["dbname": "nowhere"])
    guard case .refused(let detail) = database else { throw database }
    #expect(detail.hasSuffix("FATAL:  database \"nowhere\" does not exist"))
    let user = try refusal(["user": "nobody"])
    guard case .refused(let detail) = user else { throw user }
    #expect(detail.hasSuffix("FATAL:  role \"nobody\" does not exist"))
  }

  @Test func `a database that the user may not enter is forbidden`() throws {
    let owner = try server.connect()
    try owner.execute("CREATE DATABASE closed")
    try owner.execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
    let error = try refusal(["dbname": "closed", "user": "secretive"])
    guard case .forbidden(let detail) = error else { throw error }
    #expect(detail.contains("permission denied for database \"closed\""))
  }

  @Test func `a database's name is not read as a list of settings`() throws {
    let error = try refusal(["dbname": "dbname=postgres"])
    guard case .refused(let detail) = error else { throw error }
    #expect(detail.hasSuffix("FATAL:  database \"dbname=postgres\" does not exist"))
  }

  @Test func `a server that does not run is unavailable`() throws {
    let port = try PostgreSQLServer.freePort()
    let error = try refusal(["host": "127.0.0.1", "port": "\(port)"])
    guard case .unavailable(let detail) = error else { throw error }
    #expect(detail.contains("Connection refused"))
    let local = try refusal(["host": "/nowhere"])
    guard case .unavailable(let detail) = local else { throw local }
    #expect(detail.contains("No such file or directory"))
  }

  @Test func `an unknown setting and a NUL byte are refused`() throws {
    let unknown = try refusal(["no_such_keyword": "1"])
    guard case .unavailable(let detail) = unknown else { throw unknown }
    #expect(detail == "invalid connection option \"no_such_keyword\"")
    #expect(
      try refusal(["dbname": "a\0b"])
        == .refused(detail: "a setting of the connection contains a NUL byte"))
  }

  /// A port whose listener accepts no connection, until the descriptor is closed.
  private func silentListener() -> (descriptor: Int32, port: String) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #expect(listen(listener, 1) == 0)
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(listener, $0, &size)
      }
    }
    return (listener, "\(UInt16(bigEndian: address.sin_port))")
  }

  @Test func `a listener that does not answer is given up in time`() throws {
    let (listener, port) = silentListener()
    defer { close(listener) }
    var parameters = server.parameters(["host": "127.0.0.1", "port": port])
    parameters.connectTimeout = .milliseconds(200)
    let start = ContinuousClock.now
    #expect(throws: DatabaseError.unavailable(detail: "no connection within 0.2 seconds")) {
      try PostgreSQLDatabase(parameters)
    }
    let duration = ContinuousClock.now - start
    #expect(duration >= .milliseconds(200))
    #expect(duration < .seconds(10))
  }

  // MARK: Several hosts

  @Test(arguments: ["any", "read-write", "primary", "prefer-standby"])
  func `the next host is tried when one does not answer`(_ wanted: String) throws {
    let (listener, silent) = silentListener()
    defer { close(listener) }
    let dead = try PostgreSQLServer.freePort()
    var parameters = server.parameters([
      "host": "127.0.0.1,127.0.0.1,127.0.0.1", "port": "\(dead),\(silent),\(server.port)",
      "target_session_attrs": wanted,
    ])
    parameters.connectTimeout = .seconds(3)
    #expect(try number(PostgreSQLDatabase(parameters)) == 1)
  }

  @Test func `a host that is not as wanted is passed over, and each says why`() throws {
    let (listener, silent) = silentListener()
    defer { close(listener) }
    var parameters = server.parameters([
      "host": "127.0.0.1,127.0.0.1", "port": "\(server.port),\(silent)",
      "target_session_attrs": "standby",
    ])
    parameters.connectTimeout = .milliseconds(500)
    let error = try #require(throws: DatabaseError.self) { try PostgreSQLDatabase(parameters) }
    guard case .unavailable(let detail) = error else { throw error }
    #expect(detail.contains("server is not in hot standby mode; no connection to 127.0.0.1 within"))
  }

  @Test func `a host that refuses the user is the last one`() throws {
    let error = try refusal([
      "host": "127.0.0.1,127.0.0.1", "port": "\(server.port),\(server.port)", "user": "nobody",
    ])
    guard case .refused(let detail) = error else { throw error }
    #expect(detail.hasSuffix("FATAL:  role \"nobody\" does not exist"))
  }

  @Test func `lists of different lengths are refused`() throws {
    let error = try refusal(["host": "127.0.0.1,127.0.0.1", "port": "1,2,3"])
    #expect("\(error)".contains("could not match 3 port numbers to 2 hosts"))
  }

  // MARK: Afterwards

  @Test func `a server that hangs is given up in time, and so is the connection`() throws {
    var parameters = server.parameters(busyTimeout: .zero)
    parameters.silenceTimeout = .milliseconds(300)
    let database = try PostgreSQLDatabase(parameters)
    let backend = try #require(
      try database.first("SELECT pg_backend_pid()") { pid_t($0.integer(0)) })
    #expect(kill(backend, SIGSTOP) == 0)
    defer { kill(backend, SIGCONT) }
    let silence = DatabaseError.unavailable(detail: "no answer within 0.3 seconds")
    let start = ContinuousClock.now
    #expect(throws: silence) { try number(database) }
    #expect(ContinuousClock.now - start < .seconds(10))
    // The answer to the first statement must not become that to the second.
    kill(backend, SIGCONT)
    #expect(throws: silence) { try database.first("SELECT 2") { $0.integer(0) } }
    #expect(throws: silence) { try database.execute("SELECT 2") }
    #expect(throws: silence) { try database.begin() }
  }

  @Test func `a server that hangs while it receives is given up in time`() throws {
    var parameters = server.parameters(busyTimeout: .zero)
    parameters.silenceTimeout = .milliseconds(300)
    let database = try PostgreSQLDatabase(parameters)
    let backend = try #require(
      try database.first("SELECT pg_backend_pid()") { pid_t($0.integer(0)) })
    #expect(kill(backend, SIGSTOP) == 0)
    defer { kill(backend, SIGCONT) }
    // More than the buffers of a socket hold.
    let text = Value.text(String(repeating: "x", count: 20_000_000))
    #expect(throws: DatabaseError.unavailable(detail: "no answer within 0.3 seconds")) {
      try database.first("SELECT length($1)", text) { $0.integer(0) }
    }
  }

  @Test func `each row may take as long as an answer`() throws {
    var parameters = server.parameters(busyTimeout: .zero)
    parameters.silenceTimeout = .milliseconds(2000)
    let database = try PostgreSQLDatabase(parameters)
    // The server sends a row when its buffer of 8 kB is full.
    let rows = try database.rows(
      "SELECT repeat('x', 20000), pg_sleep(0.7) FROM generate_series(1, 4)"
    ) { _ in true }
    #expect(rows.count == 4)
  }

  @Test func `a connection that an administrator ends is unavailable`() throws {
    let database = try server.connect()
    let backend = try #require(try database.first("SELECT pg_backend_pid()") { $0.integer(0) })
    try server.connect().run("SELECT pg_terminate_backend($1::int, 5000)", .integer(backend))
    let end = DatabaseError.unavailable(
      detail: "terminating connection due to administrator command")
    #expect(throws: end) { try number(database) }
    #expect(throws: end) { try number(database) }
  }

  @Test func `notices are collected`() throws {
    let database = try server.connect()
    try database.execute("DO 'BEGIN RAISE NOTICE ''one''; RAISE WARNING ''two''; END'")
    let notices = database.takeNotices()
    #expect(notices.map(\.severity) == ["NOTICE", "WARNING"])
    #expect(notices.map(\.message) == ["one", "two"])
    #expect(notices.map(\.isWarning) == [false, true])
    #expect(database.takeNotices().isEmpty)
    try database.execute("DO 'BEGIN FOR i IN 1..250 LOOP RAISE NOTICE ''%'', i; END LOOP; END'")
    let last = database.takeNotices()
    #expect(last.count == 100)
    #expect(last.last?.message == "250")
  }
}
