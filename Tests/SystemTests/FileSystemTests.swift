import Glibc
import TestSupport
import Testing

@testable import System

@Suite("FileSystem") struct FileSystemTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/file"
  }

  private func content() throws -> [UInt8] { try FileSystem.read(path, atMost: 100) }

  private func names() throws -> [String] { try FileSystem.names(in: directory.path) }

  // MARK: Creating files

  @Test func `a new file is complete, private and the only file`() throws {
    try FileSystem.create(path, content: [1, 2, 3])
    #expect(try content() == [1, 2, 3])
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
    #expect(try names() == ["file"])
  }

  @Test func `a file that exists is not replaced`() throws {
    try FileSystem.create(path, content: [1])
    #expect(
      throws: FileError(operation: "create", path: path, code: EEXIST)
    ) { try FileSystem.create(path, content: [2]) }
    #expect(try content() == [1])
    #expect(try names() == ["file"])
  }

  @Test func `a dangling link counts as an existing file`() throws {
    try #require(symlink("\(directory.path)/elsewhere", path) == 0)
    #expect(throws: FileError.self) { try FileSystem.create(path, content: [1]) }
    #expect(try names() == ["file"])
  }

  @Test func `a file in a directory that is missing names the file`() throws {
    let error = try #require(throws: FileError.self) {
      try FileSystem.create("\(path)/x", content: [])
    }
    #expect(error.isMissing)
  }

  // MARK: Owners

  @Test func `the owner of a file that is missing is that of its directory`() throws {
    try FileSystem.create(path, content: [])
    #expect(FileSystem.visibleOwner(of: path)?.uid == geteuid())
    #expect(FileSystem.visibleOwner(of: "\(path)x/y/z")?.uid == geteuid())
    #expect(FileSystem.visibleOwner(of: "/nonexistent/x")?.uid == 0)
    #expect(FileSystem.visibleOwner(of: "nonexistent") != nil)
  }

  // MARK: Reading

  @Test func `reading stops at the first byte beyond the limit`() throws {
    try FileSystem.create(path, content: [1, 2, 3, 4])
    #expect(try FileSystem.read(path, atMost: 2) == [1, 2, 3])
  }

  @Test func `a missing file is reported`() throws {
    #expect(throws: FileError(operation: "open", path: path, code: ENOENT)) {
      try content()
    }
    #expect(try FileSystem.status(of: path) == nil)
  }

  @Test func `a path below a file is missing`() throws {
    try FileSystem.create(path, content: [])
    #expect(try FileSystem.status(of: "\(path)/x") == nil)
  }

  // MARK: Directories

  @Test func `directories are created for their owner only`() throws {
    let deep = "\(directory.path)/a/b/c"
    try FileSystem.makeDirectories(deep)
    try FileSystem.makeDirectories(deep)
    for path in ["a", "a/b", "a/b/c"] {
      #expect(try FileSystem.status(of: "\(directory.path)/\(path)")?.permissions == 0o700)
    }
  }

  @Test(arguments: [
    ("/var/lib/regctl.db", "/var/lib"), ("/regctl.db", "/"), ("regctl.db", "."), ("a/b", "a"),
    ("./a", "."), ("", "."),
  ])
  func `the directory of a path`(_ path: String, directory: String) {
    #expect(FileSystem.directory(of: path) == directory)
  }

  @Test func `a tree is removed without following links`() throws {
    let other = try TemporaryDirectory()
    let kept = try other.write("kept", "x")
    try FileSystem.makeDirectories("\(directory.path)/tree/a")
    try FileSystem.create("\(directory.path)/tree/a/file", content: [])
    try #require(symlink(other.path, "\(directory.path)/tree/link") == 0)
    FileSystem.removeTree("\(directory.path)/tree")
    #expect(try names().isEmpty)
    #expect(try FileSystem.status(of: kept) != nil)
  }

  @Test func `the first file is the first by name`() throws {
    #expect(try FileSystem.firstFile(in: directory.path) == nil)
    for name in ["b", "a", "c"] { try directory.write(name, "") }
    #expect(try FileSystem.firstFile(in: directory.path) == "\(directory.path)/a")
  }
}
