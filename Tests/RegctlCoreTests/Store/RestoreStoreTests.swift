import Glibc
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("RestoreStore") struct RestoreStoreTests {
  private let site: Site
  private let copy: String

  /// A site with a copy of a database with one account, to which another one was added later.
  init() throws {
    site = try Site(on: .sqlite)
    copy = "\(site.directory.path)/copy.db"
    try site.register("ann@x.org")
    try site.store.backUp(to: copy, at: site.now)
    try site.register("late@x.org")
  }

  private func restore(
    _ path: String, into address: String? = nil
  ) throws -> RestoreStore.Present {
    let restoration = try RestoreStore(
      into: site.configuration(["db": address ?? site.path]))
    let copy = try restoration.open(path)
    let present = try restoration.present()
    try restoration.perform(copy, at: site.now, by: Site.actor)
    return present
  }

  private func emails(_ location: DatabaseLocation) throws -> [String] {
    try Store.open(location, for: .writing, busyTimeout: .zero)
      .rows("SELECT email FROM users ORDER BY id") { $0.text(0) }
  }

  @Test func `a database that others have open gets the content of the copy`() throws {
    let reader = try site.open(for: .reading)
    #expect(try reader.accountCount() == 2)
    #expect(try restore(copy) == .accounts(2))
    #expect(try reader.accountCount() == 1)
    #expect(try site.store.accountCount() == 1)
    try site.register("bob@x.org")
    #expect(try emails(site.location) == ["ann@x.org", "bob@x.org"])
    #expect(try reader.firstFault() == nil)
    #expect(try FileSystem.read(site.path, atMost: 20)[18] == 2)
    #expect(
      try FileSystem.names(in: site.directory.path).sorted()
        == [
          "copy.db", "regctl.db", "regctl.db-shm", "regctl.db-wal", "regctl.db.deliver.lock",
          "secret.key",
        ])
  }

  @Test func `the audit goes on with the restoration`() throws {
    _ = try restore(copy)
    let entries = try site.store.auditEntries(after: nil, matching: AuditFilter(), limit: 9).map(
      \.entry)
    #expect(entries.map(\.act) == [.createDatabase, .register, .restoreDatabase])
    #expect(entries.last?.detail == "from \(copy)")
    #expect(try site.store.verifyAudit(including: nil).count == 3)
  }

  @Test func `without a database there is a new one with a log`() throws {
    let path = "\(site.directory.path)/new/regctl.db"
    #expect(try restore(copy, into: path) == .nothing)
    #expect(try emails(.file(path)) == ["ann@x.org"])
    #expect(try FileSystem.read(path, atMost: 20)[18] == 2)
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
    #expect(try FileSystem.names(in: "\(site.directory.path)/new") == ["regctl.db"])
  }

  @Test func `a log without its database is not played back into a copy`() throws {
    let path = "\(site.directory.path)/gone.db"
    try site.directory.write("gone.db-wal", "old")
    #expect(throws: RegctlError.store(.orphanedLog(path: path + "-wal"))) {
      _ = try restore(copy, into: path)
    }
    #expect(try FileSystem.status(of: path) == nil)
  }

  @Test func `a database without accounts is empty, a damaged one is not replaced`() throws {
    let path = "\(site.directory.path)/other.db"
    try Store.createFile(path, journalMode: .truncate, at: site.now, by: Site.actor)
    #expect(try restore(copy, into: path) == .empty)
    #expect(try FileSystem.read(path, atMost: 20)[18] == 1)
    let file = Glibc.open(path, O_WRONLY)
    for page in 1..<40 {
      pwrite(file, [UInt8](repeating: 0xff, count: 4096), 4096, off_t(page * 4096))
    }
    close(file)
    #expect(throws: RegctlError.store(.irreplaceable(path: path))) {
      _ = try restore(copy, into: path)
    }
  }

  @Test func `a writer keeps the database`() throws {
    try site.store.database.begin()
    let error = try refusal { _ = try restore(copy) }
    #expect(error == .store(.busy))
    site.store.database.rollBack()
    #expect(try site.store.accountCount() == 2)
  }

  // MARK: Copies that are refused

  @Test func `a missing copy is not taken for a missing database`() throws {
    let path = "\(site.directory.path)/none.db"
    #expect(
      throws: RegctlError.file(FileError(operation: "open", path: path, code: FileError.missing))
    ) { _ = try restore(path) }
  }

  @Test func `a copy whose audit was changed is refused`() throws {
    let database = try SQLiteDatabase(path: copy, access: .readWrite, busyTimeout: .zero)
    try database.execute("UPDATE regctl_audit SET actor = 'nobody' WHERE id = 1")
    #expect(throws: RegctlError.store(.auditChanged(number: 1))) { _ = try restore(copy) }
    #expect(try site.store.accountCount() == 2)
  }

  @Test func `a damaged copy, and one of a newer schema, are refused`() throws {
    let database = try SQLiteDatabase(path: copy, access: .readWrite, busyTimeout: .zero)
    try database.execute("INSERT INTO regctl_schema VALUES (99, 0)")
    #expect(throws: RegctlError.store(.schemaTooNew(found: 99, supported: Schema.version))) {
      _ = try restore(copy)
    }
    try database.execute("DELETE FROM regctl_schema WHERE version = 99")
    let file = Glibc.open(copy, O_WRONLY)
    pwrite(file, [UInt8](repeating: 0xff, count: 4096), 4096, 6 * 4096)
    close(file)
    let error = try refusal { _ = try restore(copy) }
    guard case .store(.corrupt) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(try site.store.accountCount() == 2)
  }

  // MARK: On a server

  @Test func `an empty database on a server gets the content of the copy`() throws {
    let server = try TemporaryDatabase()
    #expect(try restore(copy, into: server.address) == .nothing)
    let location = try DatabaseLocation(server.address)
    #expect(try emails(location) == ["ann@x.org"])
    let store = try Store.open(location, for: .reading, busyTimeout: .zero)
    #expect(try store.verifyAudit(including: nil).count == 3)
    #expect(throws: RegctlError.store(.exists(path: location.text))) {
      _ = try restore(copy, into: server.address)
    }
  }

  @Test func `a copy of a server goes back to a server`() throws {
    let site = try Site(on: .postgresql)
    try site.register("ann@x.org")
    let path = "\(site.directory.path)/copy.db"
    try site.store.backUp(to: path, at: site.now)
    let server = try TemporaryDatabase()
    _ = try restore(path, into: server.address)
    #expect(try emails(DatabaseLocation(server.address)) == ["ann@x.org"])
  }
}
