import Glibc
import TestSupport
import Testing

@testable import System

@Suite("Directory") struct DirectoryTests {
  private let directory: TemporaryDirectory
  private let elsewhere: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    elsewhere = try TemporaryDirectory()
  }

  private func names() throws -> [String] { try FileSystem.names(in: directory.path) }

  private func link(_ name: String, to target: String) throws {
    try #require(symlink(target, "\(directory.path)/\(name)") == 0)
  }

  /// The system error thrown by a body.
  private func code(_ body: () throws -> Void) throws -> Int32 {
    try #require(throws: FileError.self, performing: body).code
  }

  // MARK: Links

  @Test(arguments: [O_RDONLY, O_RDWR])
  func `a link is not opened`(_ flags: Int32) throws {
    try link("link", to: try elsewhere.write("file", "x"))
    let held = try Directory(path: directory.path)
    #expect(try code { _ = try held.open("link", flags: flags) } == ELOOP)
  }

  @Test func `a file is not created through a link`() throws {
    try link("link", to: "\(elsewhere.path)/file")
    let held = try Directory(path: directory.path)
    #expect(try code { _ = try held.create("link") } == EEXIST)
    #expect(try FileSystem.names(in: elsewhere.path).isEmpty)
  }

  @Test func `a link to a directory is not opened as a directory`() throws {
    try link("tmp", to: elsewhere.path)
    let held = try Directory(path: directory.path)
    #expect(try code { _ = try held.directory("tmp") } == ENOTDIR)
  }

  @Test func `a missing directory is created for its owner only`() throws {
    let held = try Directory(path: directory.path)
    for _ in 1...2 { _ = try held.directory("tmp") }
    #expect(try held.status(of: "tmp")?.permissions == 0o700)
  }

  @Test func `the directory is the same one under another name`() throws {
    let path = "\(directory.path)/state"
    try FileSystem.makeDirectories(path)
    let held = try Directory(path: path)
    try #require(rename(path, "\(directory.path)/moved") == 0)
    try link("state", to: elsewhere.path)
    _ = try held.create("file")
    #expect(try FileSystem.names(in: "\(directory.path)/moved") == ["file"])
    #expect(try FileSystem.names(in: elsewhere.path).isEmpty)
  }

  // MARK: Publishing

  @Test func `a file gets its name and loses the temporary one`() throws {
    let held = try Directory(path: directory.path)
    let file = try held.create("draft")
    try held.publish(file, from: "draft", as: "final")
    #expect(try names() == ["final"])
  }

  @Test(arguments: ["a file", "a link"])
  func `a file that another process put under the temporary name is not published`(
    _ kind: String
  ) throws {
    let held = try Directory(path: directory.path)
    let file = try held.create("draft")
    held.remove("draft")
    if kind == "a file" {
      try directory.write("draft", "theirs")
    } else {
      try link("draft", to: try elsewhere.write("file", "x"))
    }
    #expect(try code { try held.publish(file, from: "draft", as: "final") } == FileError.replaced)
    #expect(try names() == ["draft"])
  }

  @Test func `publishing does not replace an existing file`() throws {
    try directory.write("final", "first")
    let held = try Directory(path: directory.path)
    let file = try held.create("draft")
    #expect(try code { try held.publish(file, from: "draft", as: "final") } == EEXIST)
    #expect(try FileSystem.read("\(directory.path)/final", atMost: 10) == Array("first".utf8))
  }

  // MARK: Moving

  @Test func `a moved file replaces another`() throws {
    try elsewhere.write("name", "first")
    let held = try Directory(path: directory.path)
    let target = try Directory(path: elsewhere.path)
    let file = try held.create("draft")
    try file.write(Array("second".utf8))
    try held.move(file, from: "draft", to: target, as: "name")
    #expect(try FileSystem.read("\(elsewhere.path)/name", atMost: 10) == Array("second".utf8))
    #expect(try names().isEmpty)
  }

  @Test func `a file that another process put in place of a moved one does not stay`() throws {
    let held = try Directory(path: directory.path)
    let target = try Directory(path: elsewhere.path)
    let file = try held.create("draft")
    held.remove("draft")
    try directory.write("draft", "theirs")
    #expect(
      try code { try held.move(file, from: "draft", to: target, as: "name") }
        == FileError.replaced)
    #expect(try FileSystem.names(in: elsewhere.path).isEmpty)
  }

  @Test func `temporary names differ`() {
    let names = (1...100).map { _ in Directory.temporaryName(for: "/var/lib/regctl.db") }
    #expect(Set(names).count == 100)
    #expect(names.allSatisfy { $0.hasPrefix("regctl.db.") && $0.hasSuffix(".tmp") })
  }
}
