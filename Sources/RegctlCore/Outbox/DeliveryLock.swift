internal import Glibc

/// The right to deliver, which one process at a time has for a database.
///
/// It is a lock of the kernel, so that it ends with its holder, however that dies.
struct DeliveryLock: ~Copyable {
  private let file: File

  /// Takes the lock, or throws that another process has it.
  init(beside database: String) throws(RegctlError) {
    let path = "\(database).deliver.lock"
    let file = try File(path: path, flags: O_RDWR | O_CREAT)
    if geteuid() == 0, let owner = try FileSystem.status(of: database) {
      // Root may have come first; the service's own user must be able to take the lock later.
      try file.giveTo(user: owner.user, group: owner.group)
    }
    guard try file.tryLock() else { throw .delivery(.running(lock: path)) }
    self.file = file
  }

  /// Gives the lock up; the end of the process does the same.
  consuming func release() {}
}
