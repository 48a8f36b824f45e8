import Glibc
import TestSupport
import Testing

@testable import System

@Suite("File") struct FileTests {
  @Test func `a lock has one holder`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("lock", "")
    let first = try File(path: path, flags: O_RDWR)
    let second = try File(path: path, flags: O_RDWR)
    let locks = [try first.tryLock(), try second.tryLock()]
    #expect(locks == [true, false])
  }

  @Test func `a lock is released when its holder ends`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("lock", "")
    do {
      let holder = try File(path: path, flags: O_RDWR)
      let isHeld = try holder.tryLock()
      try #require(isHeld)
    }
    let next = try File(path: path, flags: O_RDWR)
    let isFree = try next.tryLock()
    #expect(isFree)
  }

  @Test func `a failed write reports operation and cause`() throws {
    #expect(throws: FileError(operation: "write", path: "x", code: EBADF)) {
      try File.write([1], to: -1, path: "x")
    }
  }

  @Test func `writing nothing is not an error`() throws {
    try File.write([], to: -1, path: "x")
  }

  @Test(arguments: [
    (ENOENT, true, false), (ENOTDIR, true, false), (EACCES, false, true), (EPERM, false, true),
    (EROFS, false, true), (EIO, false, false),
  ])
  func `errors are classified by their remedy`(
    _ code: Int32, isMissing: Bool, isPermission: Bool
  ) {
    let error = FileError(operation: "open", path: "x", code: code)
    #expect(error.isMissing == isMissing)
    #expect(error.isPermission == isPermission)
  }
}
