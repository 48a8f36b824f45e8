import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("FileTrust") struct FileTrustTests {
  private let directory: TemporaryDirectory
  private let trust = FileTrust(uid: geteuid())

  init() throws {
    directory = try TemporaryDirectory()
    try FileSystem.makeDirectories("\(directory.path)/sub")
  }

  private var path: String { "\(directory.path)/sub/file" }

  private func setMode(_ name: String, _ mode: mode_t) throws {
    try #require(chmod("\(directory.path)/\(name)", mode) == 0)
  }

  /// The untrusted path and the reason.
  private func fault(_ path: String, _ trust: FileTrust) throws -> (String, FileTrust.Fault) {
    let error = try refusal { try trust.check(path) }
    guard case .configuration(let configuration) = error,
      case .untrusted(path, let place, let fault) = configuration.fault
    else { throw error }
    return (place, fault)
  }

  @Test(arguments: [mode_t(0o600), 0o644, 0o755, 0o444])
  func `a file of the user that others cannot write is trusted`(_ mode: mode_t) throws {
    try directory.write("sub/file", "x", mode: mode)
    #expect(try trust.check(path).status != nil)
    let content = try trust.open(path)?.read(atMost: 10)
    #expect(content == [0x78])
  }

  @Test(arguments: [mode_t(0o620), 0o602, 0o666, 0o777])
  func `a file that others can write is not trusted`(_ mode: mode_t) throws {
    try directory.write("sub/file", "x", mode: mode)
    let (place, fault) = try fault(path, trust)
    #expect(place == path)
    #expect(fault == .writableByOthers(permissions: mode))
    #expect(throws: RegctlError.self) { _ = try trust.open(path) }
  }

  @Test(arguments: [mode_t(0o770), 0o777, 0o702])
  func `a file in a directory that others can write is not trusted`(_ mode: mode_t) throws {
    try directory.write("sub/file", "x")
    try setMode("sub", mode)
    let (place, fault) = try fault(path, trust)
    #expect(place == "\(directory.path)/sub")
    #expect(fault == .writableByOthers(permissions: mode))
    try setMode("sub", 0o700)
    #expect(throws: Never.self) { try trust.check(path) }
  }

  @Test func `a file below such a directory is not trusted`() throws {
    try FileSystem.makeDirectories("\(directory.path)/sub/deep")
    try directory.write("sub/deep/file", "x")
    try setMode("sub", 0o777)
    #expect(try fault("\(directory.path)/sub/deep/file", trust).0 == "\(directory.path)/sub")
  }

  @Test(arguments: [mode_t(0o1777), 0o1770])
  func `a file in a sticky directory is trusted`(_ mode: mode_t) throws {
    try directory.write("sub/file", "x")
    try setMode("sub", mode)
    #expect(throws: Never.self) { try trust.check(path) }
  }

  @Test func `a link is trusted only with its directory and its target`() throws {
    try directory.write("target", "x")
    try #require(symlink("../target", path) == 0)
    #expect(try trust.check(path).path == "\(directory.path)/target")
    try setMode("target", 0o666)
    #expect(throws: RegctlError.self) { try trust.check(path) }
    try setMode("target", 0o600)
    try setMode("sub", 0o777)
    #expect(try fault(path, trust).0 == "\(directory.path)/sub")
  }

  @Test(.enabled(if: geteuid() == 0), arguments: ["file", "directory", "link"])
  func `a file of another user is not trusted, not even by root`(_ what: String) throws {
    let stranger: UInt32 = 12_345
    try directory.write("target", "x")
    if what == "link" {
      try #require(symlink("../target", path) == 0)
    } else {
      try directory.write("sub/file", "x")
    }
    let theirs = what == "directory" ? "\(directory.path)/sub" : path
    try #require(lchown(theirs, stranger, 0) == 0)
    for uid in [0, 1000] as [UInt32] {
      let (place, fault) = try fault(path, FileTrust(uid: uid))
      #expect(place == theirs)
      #expect(fault == .owner(User(uid: stranger)))
    }
    // It belongs to the user, below directories of root.
    #expect(throws: Never.self) { try FileTrust(uid: stranger).check(path) }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make a file of another user"))
  func `a file of root is trusted by every user`() throws {
    try directory.write("sub/file", "x", mode: 0o644)
    #expect(throws: Never.self) { try FileTrust(uid: 12_345).check(path) }
  }

  @Test func `a missing file is neither trusted nor rejected`() throws {
    #expect(try trust.check(path).status == nil)
    let file = try trust.open(path)
    let isMissing = file == nil
    #expect(isMissing)
  }

  @Test func `a pipe is opened without waiting for a writer`() throws {
    try #require(mkfifo(path, 0o600) == 0)
    let isRegularFile = try trust.open(path)?.status().isRegularFile
    #expect(isRegularFile == false)
  }

  @Test func `checking the path does not check the file`() throws {
    try directory.write("sub/file", "x", mode: 0o666)
    #expect(try trust.checkWay(to: path).status != nil)
    try setMode("sub", 0o777)
    #expect(throws: RegctlError.self) { _ = try trust.checkWay(to: path) }
  }
}
