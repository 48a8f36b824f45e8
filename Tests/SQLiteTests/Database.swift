import Foundation
import SQLite
import Testing

/// The path of a database in a directory of its own, gone with its owner.
final class Database {
  let directory: URL

  var path: String { directory.appending(path: "test.db").path(percentEncoded: false) }

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appending(path: "regctl-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func connect(
    _ access: Connection.Access = .create, busyTimeout: Duration = .zero
  ) throws -> Connection {
    try Connection(path: path, access: access, busyTimeout: busyTimeout)
  }
}
