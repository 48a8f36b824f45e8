import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("DeliveryLock") struct DeliveryLockTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private var database: String { "\(directory.path)/regctl.db" }
  private var path: String { "\(database).deliver.lock" }

  private func code() throws -> Int32 {
    let error = try refusal { _ = try DeliveryLock(beside: database) }
    guard case .file(let failure) = error, failure.operation == "lock" else { throw error }
    return failure.code
  }

  @Test func `the file is created for its owner only`() throws {
    let lock = try DeliveryLock(beside: database)
    #expect(try FileSystem.status(of: path)?.permissions == 0o600)
    #expect(throws: RegctlError.delivery(.running(lock: path))) {
      _ = try DeliveryLock(beside: database)
    }
    lock.release()
  }

  @Test(arguments: [true, false])
  func `a link in its place is not followed`(_ exists: Bool) throws {
    let elsewhere = try TemporaryDirectory()
    if exists { try elsewhere.write("file", "") }
    try #require(symlink("\(elsewhere.path)/file", path) == 0)
    #expect(try code() == ELOOP)
    #expect(try FileSystem.names(in: elsewhere.path) == (exists ? ["file"] : []))
  }

  @Test func `a directory in its place is an error`() throws {
    try FileSystem.makeDirectories(path)
    #expect(try code() == EISDIR)
  }

  @Test func `a pipe in its place is an error, without waiting`() throws {
    try #require(mkfifo(path, 0o600) == 0)
    #expect(try code() == EINVAL)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make a file of another user"))
  func `a lock created by another user keeps its owner`() throws {
    try directory.write("regctl.db.deliver.lock", "")
    try #require(chown(path, 12_345, 54_321) == 0)
    let lock = try DeliveryLock(beside: database)
    #expect(try FileSystem.status(of: path)?.user == 12_345)
    lock.release()
  }
}
