import Foundation
import SQL
import SQLite
import TestSupport
import Testing

@Suite("VirtualFileSystem") struct VirtualFileSystemTests {
  private let database: DatabaseFile
  private var canary: String { database.directory.appending(path: "canary").path() }

  init() throws {
    database = try DatabaseFile()
    let connection = try database.connect()
    try connection.execute(
      "PRAGMA journal_mode=DELETE; CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    try Data("secret".utf8).write(to: URL(filePath: canary))
  }

  private func number(_ value: Int, bytes count: Int = 4) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A journal that restores no page and names the canary as its super-journal.
  ///
  /// See <https://www.sqlite.org/fileformat.html#the_rollback_journal>, and `readSuperJournal` in
  /// pager.c of SQLite.
  private func writeJournal() throws {
    let magic: [UInt8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]
    let pages = try Data(contentsOf: URL(filePath: database.path)).count / 4096
    let header = magic + number(0) + number(7) + number(pages) + number(512) + number(4096)
    let name = Array(canary.utf8)
    let sum = name.reduce(0) { $0 + Int($1) }
    let trailer =
      number(0x4000_0000 / 4096 + 1) + name + number(name.count) + number(sum) + magic
    let padding = [UInt8](repeating: 0, count: 512 - header.count)
    try Data(header + padding + trailer).write(to: URL(filePath: "\(database.path)-journal"))
  }

  private var hasCanary: Bool { FileManager.default.fileExists(atPath: canary) }

  private func count() throws -> Int64? {
    try database.connect(.readWrite).first("SELECT count(*) FROM t") { $0.integer(0) }
  }

  @Test func `a file that a journal names as its super-journal is not deleted`() throws {
    try writeJournal()
    let error = #expect(throws: DatabaseError.self) { try count() }
    #expect(error == .cannotOpen(detail: "unable to open database file"))
    #expect(hasCanary)
    // The journal was already played back, and the next one succeeds.
    #expect(try count() == 1)
    #expect(hasCanary)
    #expect(!FileManager.default.fileExists(atPath: "\(database.path)-journal"))
  }

  @Test func `SQLite's own file system would delete it`() throws {
    try writeJournal()
    let shell = Process()
    shell.executableURL = URL(filePath: "/usr/bin/sqlite3")
    shell.arguments = [database.path, "SELECT count(*) FROM t"]
    shell.standardOutput = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
    #expect(!hasCanary)
  }

  @Test func `a link in place of a database is not opened`() throws {
    let link = "\(database.path).link"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: database.path)
    let error = #expect(throws: DatabaseError.self) {
      try SQLiteDatabase(path: link, access: .readWrite, busyTimeout: .zero)
        .execute("SELECT * FROM t")
    }
    #expect(error == .cannotOpen(detail: "unable to open database file"))
  }
}
