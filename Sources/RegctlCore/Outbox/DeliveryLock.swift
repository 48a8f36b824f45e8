internal import Glibc
internal import System

/// The right to deliver, which one process at a time has for a database.
///
/// It is a lock of the kernel, so that it ends with its holder, however that dies.
struct DeliveryLock: ~Copyable {
  private let file: File

  /// Takes the lock, or throws that another process has it.
  ///
  /// A link in its place is not followed; the file belongs to the user that delivers first.
  init(beside database: String) throws(RegctlError) {
    let directory = try fileAccess(Directory(of: database))
    let name = "\(FileSystem.name(of: database)).deliver.lock"
    let path = directory.shownPath(of: name)
    let file = try fileAccess(Self.open(name, in: directory))
    guard try fileAccess(file.status()).isRegularFile else {
      throw .file(FileError(operation: "lock", path: path, code: EINVAL))
    }
    guard try fileAccess(file.tryLock()) else { throw .delivery(.running(lock: path)) }
    self.file = file
  }

  private static func open(
    _ name: String, in directory: borrowing Directory
  ) throws(FileError) -> File {
    do throws(FileError) {
      return try openOrMake(name, in: directory)
    } catch {
      // Whether the file existed does not matter to the user.
      throw FileError(operation: "lock", path: error.path, code: error.code)
    }
  }

  /// Opens the lock file, and makes it where there is none.
  private static func openOrMake(
    _ name: String, in directory: borrowing Directory
  ) throws(FileError) -> File {
    // Another deliverer may make it between the two calls.
    for _ in 1...3 {
      do throws(FileError) {
        return try directory.open(name, flags: O_RDWR)
      } catch  where error.isMissing {
        // It is made below.
      }
      do throws(FileError) {
        return try directory.create(name)
      } catch  where error.isExisting {
        // It is opened in the next round.
      }
    }
    return try directory.open(name, flags: O_RDWR)
  }

  /// Gives the lock up; the end of the process does the same.
  consuming func release() { file.unlock() }
}
