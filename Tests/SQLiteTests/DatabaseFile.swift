import Foundation
import SQL
import SQLite
import TestSupport
import Testing

/// The path of a database in its own directory, removed on deinitialization.
final class DatabaseFile {
  let directory: URL

  var path: String { directory.appending(path: "test.db").path(percentEncoded: false) }

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appending(path: "regctl-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func connect(
    _ access: SQLiteDatabase.Access = .create, busyTimeout: Duration = .zero
  ) throws -> SQLiteDatabase {
    try SQLiteDatabase(path: path, access: access, busyTimeout: busyTimeout)
  }
}
