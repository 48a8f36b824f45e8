internal import Glibc

/// The right to deliver, which one process at a time has for a database.
///
/// It is a lock of the kernel, so that it ends with its holder, however that dies.
struct DeliveryLock: ~Copyable {
  private let file: File

  /// Takes the lock, or throws that another process has it.
  init(beside database: String) throws(RegctlError) {
    let path = "\(database).deliver.lock"
    let file = try Self.open(path)
    if geteuid() == 0, let owner = try FileSystem.status(of: database) {
      // Root may have come first; the service's own user must be able to take the lock later.
      try file.giveTo(user: owner.user, group: owner.group)
    }
    guard try file.tryLock() else { throw .delivery(.running(lock: path)) }
    self.file = file
  }

  /// Opens the lock file, made by whoever delivers first.
  private static func open(_ path: String) throws(RegctlError) -> File {
    do throws(RegctlError) {
      return try File(path: path, flags: O_RDWR | O_CREAT)
    } catch .file(let error) {
      // That there is no file yet is no matter of the user's.
      throw .file(FileError(operation: "lock", path: path, code: error.code))
    }
  }

  /// Gives the lock up; the end of the process does the same.
  consuming func release() { file.unlock() }
}
