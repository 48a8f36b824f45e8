package import Glibc
internal import System

/// A temporary directory, removed with its owner.
package final class TemporaryDirectory {
  /// The directory of temporary files: the value of `TMPDIR`, or `/tmp`.
  package static let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"

  /// The path of the directory.
  package let path: String

  /// Creates an empty directory.
  package init() throws {
    path = try FileSystem.makeTemporaryDirectory(in: Self.parent, prefix: "regctl-test")
  }

  deinit { FileSystem.removeTree(path) }

  /// Writes a file for the owner only and returns its path.
  @discardableResult
  package func write(_ name: String, _ content: String, mode: mode_t = 0o600) throws -> String {
    let file = "\(path)/\(name)"
    try FileSystem.create(file, content: Array(content.utf8))
    guard chmod(file, mode) == 0 else { throw FileError("chmod", file) }
    return file
  }
}
