import Glibc
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store", .only(.sqlite, "files are opened here; see StoreServerTests"))
struct StoreTests {
  private func open(_ path: String, for access: Store.Access = .reading) throws -> Store {
    try Store.open(.file(path), for: access, busyTimeout: .zero)
  }

  /// A directory with a database, `foreign.db`, of another program.
  private func foreign(_ sql: Statement) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let connection = try SQLiteDatabase(
      path: "\(directory.path)/foreign.db", access: .create, busyTimeout: .zero)
    try connection.execute(sql)
    return directory
  }

  // MARK: Opening

  @Test func `a commit is durable when it returns`() throws {
    let site = try Site()
    let level = try site.store.first("PRAGMA synchronous") { $0.integer(0) }
    #expect(level == 3)
  }

  @Test func `a writer finds damaged pages`() throws {
    let site = try Site()
    let isOn = try site.store.first("PRAGMA cell_size_check") { $0.integer(0) }
    #expect(isOn == 1)
  }

  @Test(arguments: [Store.Access.reading, .strictlyReadOnly])
  func `a reader changes nothing`(_ access: Store.Access) throws {
    let site = try Site()
    let reader = try open(site.path, for: access)
    #expect(throws: RegctlError.self) { try reader.run("DELETE FROM users") }
  }

  @Test func `a missing database is not created`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/none.db"
    #expect(throws: RegctlError.store(.missing(path: path))) { try open(path, for: .writing) }
    #expect(try FileSystem.names(in: directory.path).isEmpty)
  }

  @Test(arguments: ["short", String(repeating: "this is no database\n", count: 100)])
  func `an error names a file that is not a database`(_ content: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("file", content)
    #expect(throws: RegctlError.store(.notADatabase(path: path))) { try open(path) }
  }

  @Test func `a directory is not a database`() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: RegctlError.store(.notADatabase(path: directory.path))) {
      try open(directory.path)
    }
  }

  @Test func `an empty file has no schema`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("empty.db", "")
    #expect(throws: RegctlError.store(.schemaMissing(path: path, table: "users", hasUsers: false)))
    {
      try open(path)
    }
  }

  @Test func `an application's database must be migrated first`() throws {
    let directory = try foreign("CREATE TABLE users (id)")
    let path = "\(directory.path)/foreign.db"
    #expect(throws: RegctlError.store(.schemaMissing(path: path, table: "users", hasUsers: true))) {
      try open(path)
    }
  }

  @Test func `a newer schema is rejected`() throws {
    let site = try Site()
    try site.store.execute("INSERT INTO regctl_schema VALUES (8, 0)")
    #expect(throws: RegctlError.store(.schemaTooNew(found: 8, supported: Schema.version))) {
      try open(site.path, for: .writing)
    }
  }

  @Test func `a schema table with other columns is reported as damage`() throws {
    let directory = try foreign("CREATE TABLE regctl_schema (other)")
    let error = try refusal { _ = try open("\(directory.path)/foreign.db") }
    guard case .store(.corrupt) = error else { throw error }
  }

  @Test func `a truncated database is reported as damage`() throws {
    let site = try Site()
    for number in 0..<200 { try site.register("ann\(number)@example.org") }
    try site.store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let copy = "\(site.directory.path)/copy.db"
    let content = try FileSystem.read(site.path, atMost: 10_000_000)
    try FileSystem.create(copy, content: Array(content.prefix(content.count / 2)))
    let error = try refusal { _ = try open(copy).administrators() }
    guard case .store(.corrupt) = error else { throw error }
  }

  @Test func `a lock not released in time is busy`() throws {
    let site = try Site()
    let other = try open(site.path, for: .writing)
    try site.store.execute("BEGIN IMMEDIATE")
    #expect(throws: RegctlError.store(.busy)) {
      try other.transaction { () throws(RegctlError) in }
    }
  }

  // MARK: Interrupted changes

  /// A database in a rollback journal mode, beside the journal of a change that was killed.
  private func interrupted(_ journalMode: Statement) throws -> TemporaryDirectory {
    let site = try Site()
    try site.register("ann@example.org")
    _ = try site.store.first(journalMode) { $0.text(0) }
    // Writes changed pages to the file before the commit.
    try site.store.execute(
      """
      PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN IMMEDIATE;
      UPDATE users SET email = 'torn@example.org'; CREATE TABLE x (y);
      INSERT INTO x SELECT randomblob(900) FROM
        (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
         SELECT i FROM n)
      """)
    // The state after a kill: copies of both files at this point.
    let copy = try TemporaryDirectory()
    for name in ["regctl.db", "regctl.db-journal"] {
      let content = try FileSystem.read("\(site.directory.path)/\(name)", atMost: 10_000_000)
      try FileSystem.create("\(copy.path)/\(name)", content: content)
    }
    try site.store.execute("ROLLBACK")
    return copy
  }

  private static let rollbackModes: [Statement] = [
    "PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=TRUNCATE", "PRAGMA journal_mode=PERSIST",
  ]

  @Test(arguments: Store.Access.writersAndReaders, 0..<3)
  func `a reader with write permission completes an interrupted change`(
    _ access: Store.Access, mode: Int
  ) throws {
    let directory = try interrupted(Self.rollbackModes[mode])
    let store = try open("\(directory.path)/regctl.db", for: access)
    #expect(try store.account("ann@example.org").email == "ann@example.org")
    #expect(try FileSystem.names(in: directory.path) == ["regctl.db"])
  }

  @Test(arguments: 0..<3)
  func `a read-only user cannot complete an interrupted change`(_ mode: Int) throws {
    let directory = try interrupted(Self.rollbackModes[mode])
    let path = "\(directory.path)/regctl.db"
    let before = try FileSystem.read(path, atMost: 10_000_000)
    let error = try refusal { _ = try open(path, for: .strictlyReadOnly) }
    guard case .store(.readOnly(let refusal)) = error else { throw error }
    #expect(refusal.cause == .interruptedChange)
    #expect(refusal.path == path)
    #expect(refusal.owner?.uid == geteuid())
    #expect(try FileSystem.read(path, atMost: 10_000_000) == before)
    #expect(try FileSystem.names(in: directory.path).count == 2)
  }

  // MARK: Names

  @Test(arguments: ["link.db", "sub/regctl.db", "./regctl.db"])
  func `every name of a database has one lock and one journal`(_ name: String) throws {
    let site = try Site()
    try #require(symlink("regctl.db", "\(site.directory.path)/link.db") == 0)
    try #require(symlink(".", "\(site.directory.path)/sub") == 0)
    let store = try open("\(site.directory.path)/\(name)", for: .writing)
    #expect(store.location == .file("\(site.directory.path)/\(name)"))
    #expect(store.resolvedLocation == .file(site.path))
    let lock = try store.deliveryRight()
    #expect(throws: RegctlError.delivery(.running(lock: "\(site.path).deliver.lock"))) {
      _ = try site.store.deliveryRight()
    }
    lock.release()
  }

  @Test func `a dangling link is a missing database`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/link.db"
    try #require(symlink("none.db", path) == 0)
    #expect(throws: RegctlError.store(.missing(path: path))) { try open(path) }
    #expect(throws: RegctlError.store(.exists(path: path))) {
      try Store.create(.file(path), journalMode: .wal, at: Instant(seconds: 0), by: Site.actor)
    }
    #expect(try FileSystem.names(in: directory.path) == ["link.db"])
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make a file of another user"))
  func `root does not open another user's database`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("regctl.db", "")
    try #require(chown(path, 12_345, 0) == 0)
    #expect(
      throws: RegctlError.file(FileError(operation: "open", path: path, code: EPERM))
    ) { try open(path) }
  }

  @Test func `a reader does not wait for a writer`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.execute("BEGIN IMMEDIATE")
    #expect(try open(site.path).account("ann@example.org").id.rawValue == 1)
  }

  // MARK: Transactions

  @Test func `a failure leaves nothing behind`() throws {
    let site = try Site()
    let address = try EmailAddress("ann@example.org")
    #expect(throws: RegctlError.account(.wrongPassword)) {
      try site.store.transaction { () throws(RegctlError) in
        _ = try site.store.add(address, .unusable, at: site.now)
        throw .account(.wrongPassword)
      }
    }
    #expect(try site.store.accountIfAny("ann@example.org") == nil)
  }
}

extension Store.Access {
  /// Those that complete an interrupted change.
  static let writersAndReaders: [Store.Access] = [.writing, .reading]
}
