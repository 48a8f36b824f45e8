internal import Glibc
internal import System

/// The lock that allows one process at a time to deliver for a database.
///
/// The kernel releases it when the process ends, however it ends.
struct DeliveryLock: ~Copyable {
  private let file: File

  /// Takes the lock, or throws if another process has it.
  ///
  /// A symbolic link in its place is not followed; the file is owned by the first user to deliver.
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
      // Whether the file existed is irrelevant to the user.
      throw FileError(operation: "lock", path: error.path, code: error.code)
    }
  }

  /// Opens the lock file, and creates it if it is missing.
  private static func openOrMake(
    _ name: String, in directory: borrowing Directory
  ) throws(FileError) -> File {
    // Another process may create it between the two calls.
    for _ in 1...3 {
      do throws(FileError) {
        return try directory.open(name, flags: O_RDWR)
      } catch  where error.isMissing {
        // Created below.
      }
      do throws(FileError) {
        return try directory.create(name)
      } catch  where error.isExisting {
        // Opened in the next iteration.
      }
    }
    return try directory.open(name, flags: O_RDWR)
  }

  /// Releases the lock; the kernel also releases it when the process ends.
  consuming func release() { file.unlock() }
}
