import Glibc
import SQL
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("Store+File", .only(.sqlite, "these are files")) struct StoreFileTests {
  private let site: Site
  private let directory: String

  init() throws {
    site = try Site()
    directory = site.directory.path
  }

  private func create(_ path: String, journalMode: JournalMode = .wal) throws {
    try Store.createFile(path, journalMode: journalMode, at: site.now, by: Site.actor)
  }

  private func open(_ path: String, for access: Store.Access = .reading) throws -> Store {
    try Store.openFile(path, for: access, completing: false, busyTimeout: .zero)
  }

  // MARK: Creating

  @Test func `a new file has the current schema and is readable only by its owner`() throws {
    let path = "\(directory)/new/deep/regctl.db"
    try create(path)
    #expect(try open(path).schemaVersion() == Schema.version)
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
    #expect(try FileSystem.names(in: "\(directory)/new/deep") == ["regctl.db"])
  }

  @Test(arguments: [(JournalMode.wal, 2), (.truncate, 1)] as [(JournalMode, UInt8)])
  func `the header has the journal mode`(_ mode: JournalMode, version: UInt8) throws {
    let path = "\(directory)/new.db"
    try create(path, journalMode: mode)
    #expect(try FileSystem.read(path, atMost: 20)[18] == version)
  }

  @Test func `an existing file is not replaced`() throws {
    let path = try site.directory.write("file", "mine")
    #expect(throws: RegctlError.store(.exists(path: path))) { try create(path) }
    #expect(throws: RegctlError.store(.exists(path: path))) {
      try site.store.backUp(to: path, at: site.now)
    }
    #expect(try FileSystem.read(path, atMost: 10) == Array("mine".utf8))
  }

  // MARK: Opening

  @Test func `a reader of a file without a log creates no file`() throws {
    let path = "\(directory)/new.db"
    try create(path, journalMode: .truncate)
    let names = try FileSystem.names(in: directory).sorted()
    for access in [Store.Access.reading, .strictlyReadOnly] {
      let store = try open(path, for: access)
      #expect(try store.accountCount() == 0)
      #expect(try FileSystem.names(in: directory).sorted() == names)
    }
  }

  @Test func `a strictly read-only store reads a log and keeps it`() throws {
    try site.register("ann@example.org")
    do {
      let store = try open(site.path, for: .strictlyReadOnly)
      #expect(try store.accountCount() == 1)
    }
    #expect(try FileSystem.status(of: site.path + "-wal")?.byteCount ?? 0 > 0)
  }

  // MARK: Backup

  @Test func `a backup has the state of its moment`() throws {
    let path = "\(directory)/copy.db"
    try site.register("ann@example.org")
    try site.store.backUp(to: path, at: site.now)
    try site.register("bob@example.org")
    let emails = try open(path).rows("SELECT email FROM users") { $0.text(0) }
    #expect(emails == ["ann@example.org"])
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
  }

  @Test func `a backup into a missing directory is an error`() throws {
    let path = "\(directory)/none/copy.db"
    #expect(
      throws: RegctlError.file(
        FileError(operation: "create", path: path, code: FileError.missing))
    ) { try site.store.backUp(to: path, at: site.now) }
  }

  @Test func `a backup of a damaged database is an error and leaves no file`() throws {
    try site.store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let file = Glibc.open(site.path, O_WRONLY)
    pwrite(file, [UInt8](repeating: 0xff, count: 4096), 4096, 8 * 4096)
    close(file)
    let store = try open(site.path)
    let names = try FileSystem.names(in: directory).sorted()
    #expect(throws: RegctlError.self) { try store.backUp(to: "\(directory)/copy.db", at: site.now) }
    #expect(try FileSystem.names(in: directory).sorted() == names)
  }

  // MARK: Temporary stores

  @Test func `a scratch store has the accounts table and one account for all spellings`() throws {
    let store = try Store.scratch()
    #expect(try store.accountCount() == 0)
    let insertion: Statement = """
      INSERT INTO users (email, password, registered_on, admin, confirmed)
      VALUES ($1, '!', '2026-01-01', 0, 0)
      """
    try store.run(insertion, .text("ann@example.org"))
    #expect(throws: RegctlError.self) { try store.run(insertion, .text("ANN@example.org")) }
    #expect(try site.store.accountCount() == 0)
  }
}
