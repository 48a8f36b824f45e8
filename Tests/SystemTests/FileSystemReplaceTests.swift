import Glibc
import TestSupport
import Testing

@testable import System

@Suite("FileSystem+Replace") struct FileSystemReplaceTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/file"
  }

  private func content() throws -> [UInt8] { try FileSystem.read(path, atMost: 100) }

  @Test(arguments: [UInt32(0o600), 0o400, 0o640])
  func `the new file has the mode of the old one`(_ mode: UInt32) throws {
    try FileSystem.create(path, content: [1])
    #expect(chmod(path, mode) == 0)
    try FileSystem.replace(path, content: [2, 3])
    #expect(try content() == [2, 3])
    #expect(try FileSystem.status(of: path)?.permissions == mode)
    #expect(try FileSystem.names(in: directory.path) == ["file"])
  }

  @Test func `the new file has the owner of the old one`() throws {
    guard geteuid() == 0 else { return }
    try FileSystem.create(path, content: [1])
    #expect(chown(path, 65_534, 65_534) == 0)
    try FileSystem.replace(path, content: [2])
    let status = try #require(try FileSystem.status(of: path))
    #expect((status.user, status.group) == (65_534, 65_534))
  }

  @Test func `a link to the file stays a link`() throws {
    try FileSystem.create("\(directory.path)/target", content: [1])
    #expect(symlink("target", path) == 0)
    try FileSystem.replace(path, content: [2])
    #expect(try FileSystem.read("\(directory.path)/target", atMost: 9) == [2])
    #expect(try FileSystem.names(in: directory.path) == ["file", "target"])
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func `a file that is missing is not created`() throws {
    #expect(throws: FileError(operation: "open", path: path, code: ENOENT)) {
      try FileSystem.replace(path, content: [2])
    }
    #expect(try FileSystem.names(in: directory.path) == [])
  }
}
