internal import Glibc

/// A failed system call on a file.
package struct FileError: Error, Equatable, Sendable {
  /// The operation that failed, as a verb that fits "cannot … the file".
  package let operation: String
  package let path: String

  /// The value of `errno`, or `replaced`.
  package let code: Int32

  package init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// The error of the last system call; read it on the very next line.
  package init(_ operation: String, _ path: String) {
    self.init(operation: operation, path: path, code: errno)
  }

  /// The system's error message. The corresponding C function is `strerror`.
  package var reason: String {
    if code == Self.replaced { return "another process replaced it" }
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  /// The corresponding C error is `ENOENT`.
  package static let missing = ENOENT

  /// The corresponding C error is `EEXIST`.
  package static let existing = EEXIST

  /// Not an error of the system: the file's name refers to another file.
  package static let replaced: Int32 = -1

  /// The file does not exist. The corresponding C errors are `ENOENT` and `ENOTDIR`.
  package var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  /// The user lacks permission. The corresponding C errors are `EACCES`, `EPERM` and `EROFS`.
  package var isPermission: Bool { code == EACCES || code == EPERM || code == EROFS }

  /// Another user may do it. The corresponding C errors are `EACCES` and `EPERM`.
  package var isDenied: Bool { code == EACCES || code == EPERM }

  /// The reader of a pipe closed it. The corresponding C error is `EPIPE`.
  package var isClosedPipe: Bool { code == EPIPE }

  /// Whether an `errno` means that the disk is full. The C errors are `ENOSPC` and `EDQUOT`.
  package static func isDiskFull(_ code: Int32) -> Bool { code == ENOSPC || code == EDQUOT }

  /// The file already exists. The corresponding C error is `EEXIST`.
  package var isExisting: Bool { code == EEXIST }
}
