import Glibc
import TestSupport
import Testing

@testable import System

@Suite("ResolvedPath") struct ResolvedPathTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func link(_ name: String, to target: String) throws {
    try #require(symlink(target, "\(directory.path)/\(name)") == 0)
  }

  private func resolve(_ path: String) throws -> ResolvedPath {
    try ResolvedPath("\(directory.path)/\(path)")
  }

  /// The places below the test's directory.
  private func places(_ path: String) throws -> [String] {
    try resolve(path).places.map(\.path).filter { $0.hasPrefix("\(directory.path)/") }
      .map { String($0.dropFirst(directory.path.utf8.count + 1)) }
  }

  @Test(arguments: ["file", "./file", "sub/../file", "sub//../file", "link", "chain"])
  func `one file has one path`(_ path: String) throws {
    try directory.write("file", "")
    try FileSystem.makeDirectories("\(directory.path)/sub")
    try link("link", to: "file")
    try link("chain", to: "\(directory.path)/sub/../link")
    let resolved = try resolve(path)
    #expect(resolved.path == "\(directory.path)/file")
    #expect(resolved.status?.isRegularFile == true)
  }

  @Test func `the path equals that of realpath`() throws {
    try FileSystem.makeDirectories("\(directory.path)/a/b")
    try directory.write("a/b/file", "")
    try link("down", to: "a/b")
    try link("a/up", to: "../down/..")
    for path in ["down/file", "a/up/b/file", "down/../b/./file", "a/up/up/b/file"] {
      let expected = try #require(realpath("\(directory.path)/\(path)", nil))
      defer { free(expected) }
      #expect(try resolve(path).path == String(cString: expected))
    }
  }

  @Test func `every link and directory in the path is reported`() throws {
    try FileSystem.makeDirectories("\(directory.path)/a/b")
    try directory.write("a/b/file", "")
    try link("first", to: "second/b")
    try link("second", to: "a")
    #expect(try places("first/file") == ["first", "second", "a", "a/b", "a/b/file"])
  }

  @Test(arguments: ["none", "none/deeper", "file/", "file/.", "file/below", "dangling"])
  func `a missing file has no status`(_ path: String) throws {
    try directory.write("file", "")
    try link("dangling", to: "nowhere")
    #expect(try resolve(path).status == nil)
  }

  @Test func `a missing file has the path it would have`() throws {
    try FileSystem.makeDirectories("\(directory.path)/a")
    try link("link", to: "a")
    #expect(try resolve("link/x/y").path == "\(directory.path)/a/x/y")
  }

  @Test func `a loop of links is an error`() throws {
    try link("a", to: "b")
    try link("b", to: "a")
    #expect(
      throws: FileError(operation: "examine", path: "\(directory.path)/a", code: ELOOP)
    ) { try resolve("a") }
  }

  @Test func `a relative path begins in the working directory`() throws {
    let buffer = try #require(getcwd(nil, 0))
    defer { free(buffer) }
    #expect(try ResolvedPath("none.db").path == "\(String(cString: buffer))/none.db")
  }

  @Test(arguments: [("/", "/"), ("", ""), ("/..", "/"), ("//tmp/.", "/tmp")])
  func `the root and nothing`(_ given: String, path: String) throws {
    #expect(try ResolvedPath(given).path == path)
  }
}
