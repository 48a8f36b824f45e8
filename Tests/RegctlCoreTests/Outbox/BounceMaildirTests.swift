import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("BounceMaildir") struct BounceMaildirTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["new", "cur", "tmp"] {
      try FileSystem.makeDirectories("\(directory.path)/\(name)")
    }
  }

  private func maildir() throws -> BounceMaildir { try BounceMaildir(path: directory.path) }

  @Test func `a mail that was read moves to cur with the flag of a seen one`() throws {
    try directory.write("new/2.b", "two")
    try directory.write("new/1.a:2,F", "one")
    try directory.write("new/.hidden", "x")
    let maildir = try maildir()
    #expect(try maildir.newMails() == ["1.a:2,F", "2.b"])
    #expect(try maildir.read("2.b") == Array("two".utf8))
    try maildir.markSeen("1.a:2,F")
    #expect(try maildir.newMails() == ["2.b"])
    #expect(try FileSystem.names(in: "\(directory.path)/cur") == ["1.a:2,S"])
  }

  @Test func `a file in cur is not replaced`() throws {
    try directory.write("new/1", "one")
    try directory.write("cur/1:2,S", "other")
    let maildir = try maildir()
    #expect(throws: RegctlError.self) { try maildir.markSeen("1") }
    #expect(try maildir.newMails() == ["1"])
  }

  @Test func `what is no file is not read`() throws {
    try FileSystem.makeDirectories("\(directory.path)/new/1")
    #expect(throws: RegctlError.self) { try maildir().read("1") }
    #expect(throws: RegctlError.self) { try maildir().read("2") }
  }

  @Test(.timeLimit(.minutes(10))) func `a pipe is not waited for`() throws {
    try #require(mkfifo("\(directory.path)/new/1", 0o600) == 0)
    let maildir = try maildir()
    #expect(throws: RegctlError.self) { try maildir.read("1") }
  }

  @Test func `a directory without new is no Maildir`() throws {
    #expect(throws: RegctlError.self) { try BounceMaildir(path: "\(directory.path)/new") }
  }
}
