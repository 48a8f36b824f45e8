import Glibc
import SQLite
import Testing

@testable import RegctlCore

@Suite("Store") struct StoreTests {
  private func open(_ path: String, for access: Store.Access = .reading) throws -> Store {
    try Store.open(path, for: access, busyTimeout: .zero)
  }

  /// A directory with a database, `foreign.db`, that somebody else has made.
  private func foreign(_ sql: StaticString) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let connection = try Connection(
      path: "\(directory.path)/foreign.db", access: .create, busyTimeout: .zero)
    try connection.execute(sql)
    return directory
  }

  // MARK: Opening

  @Test func `a commit is on the disk when it returns`() throws {
    let site = try Site()
    let level = try site.store.connection.first("PRAGMA synchronous") { $0.integer(0) }
    #expect(level == 3)
  }

  @Test func `a writer finds damaged pages`() throws {
    let site = try Site()
    let isOn = try site.store.connection.first("PRAGMA cell_size_check") { $0.integer(0) }
    #expect(isOn == 1)
  }

  @Test(arguments: [Store.Access.reading, .strictlyReadOnly])
  func `a reader changes nothing`(_ access: Store.Access) throws {
    let site = try Site()
    let reader = try open(site.path, for: access)
    #expect(throws: SQLiteError.self) { try reader.connection.run("DELETE FROM users") }
  }

  @Test func `a database that is missing is not made`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/none.db"
    #expect(throws: RegctlError.store(.missing(path: path))) { try open(path, for: .writing) }
    #expect(try FileSystem.names(in: directory.path).isEmpty)
  }

  @Test(arguments: ["short", String(repeating: "this is no database\n", count: 100)])
  func `a file that is no database is named`(_ content: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("file", content)
    #expect(throws: RegctlError.store(.notADatabase(path: path))) { try open(path) }
  }

  @Test func `a directory is no database`() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: RegctlError.store(.notADatabase(path: directory.path))) {
      try open(directory.path)
    }
  }

  @Test func `an empty file has no schema`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("empty.db", "")
    #expect(throws: RegctlError.store(.schemaMissing(path: path, hasUsers: false))) {
      try open(path)
    }
  }

  @Test func `an application's database asks to be adopted`() throws {
    let directory = try foreign("CREATE TABLE users (id)")
    let path = "\(directory.path)/foreign.db"
    #expect(throws: RegctlError.store(.schemaMissing(path: path, hasUsers: true))) {
      try open(path)
    }
  }

  @Test func `a newer schema is left alone`() throws {
    let site = try Site()
    try site.store.connection.execute("INSERT INTO regctl_schema VALUES (2, 0)")
    #expect(throws: RegctlError.store(.schemaTooNew(found: 2, supported: 1))) {
      try open(site.path, for: .writing)
    }
  }

  @Test func `a schema table of another shape is damage`() throws {
    let directory = try foreign("CREATE TABLE regctl_schema (other)")
    let error = try refusal { _ = try open("\(directory.path)/foreign.db") }
    guard case .store(.corrupt) = error else { throw error }
  }

  @Test func `a database without its end is damage`() throws {
    let site = try Site()
    for number in 0..<200 { try site.register("ann\(number)@example.org") }
    try site.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let copy = try site.directory.write("copy.db", "")
    let content = try FileSystem.read(site.path, atMost: 10_000_000)
    try FileSystem.replace(
      copy, throughTemporary: "\(copy).new", content: Array(content.prefix(content.count / 2)))
    let error = try refusal { _ = try open(copy).administrators() }
    guard case .store(.corrupt) = error else { throw error }
  }

  @Test func `a lock that is not given up in time is busy`() throws {
    let site = try Site()
    let other = try open(site.path, for: .writing)
    try site.store.connection.execute("BEGIN IMMEDIATE")
    #expect(throws: RegctlError.store(.busy)) {
      try other.transaction { () throws(RegctlError) in }
    }
  }

  @Test func `a reader does not wait for a writer`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.connection.execute("BEGIN IMMEDIATE")
    #expect(try open(site.path).account("ann@example.org").id.rawValue == 1)
  }

  // MARK: Transactions

  @Test func `what fails leaves nothing`() throws {
    let site = try Site()
    let account = NewAccount(
      address: try EmailAddress("ann@example.org"), passwordHash: .unusable, isAdmin: false,
      isConfirmed: false)
    #expect(throws: RegctlError.account(.wrongPassword)) {
      try site.store.transaction { () throws(RegctlError) in
        _ = try site.store.add(account, at: site.now)
        throw .account(.wrongPassword)
      }
    }
    #expect(try site.store.accountIfAny("ann@example.org") == nil)
  }
}
