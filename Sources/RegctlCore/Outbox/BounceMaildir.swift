internal import Glibc
internal import System

/// A Maildir to which reports about mails are delivered. See <https://cr.yp.to/proto/maildir.html>.
///
/// Nothing is deleted from it: what was recorded goes from `new` to `cur`.
package final class BounceMaildir {
  private let new: Directory
  private let cur: Directory

  /// Opens a Maildir that exists.
  package init(path: String) throws(RegctlError) {
    let maildir = try fileAccess(Directory(path: path))
    for name in ["new", "cur"] {
      guard try fileAccess(maildir.status(of: name))?.isDirectory == true else {
        throw .file(
          FileError(operation: "open", path: maildir.shownPath(of: name), code: FileError.missing))
      }
    }
    new = try fileAccess(maildir.directory("new"))
    cur = try fileAccess(maildir.directory("cur"))
  }

  /// The names of the mails that are new, in the order of their names, which begin with a time.
  package func newMails() throws(RegctlError) -> [String] {
    try fileAccess(FileSystem.names(in: new.path)).filter { $0.utf8.first != UInt8(ascii: ".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Reads a new mail, or one byte more than the largest report has; a symbolic link is not followed,
  /// and a pipe is not waited for.
  package func read(_ name: String) throws(RegctlError) -> [UInt8] {
    let file = try fileAccess(new.open(name, flags: O_RDONLY | O_NONBLOCK))
    guard try fileAccess(file.status()).isRegularFile else {
      throw .file(FileError(operation: "read", path: new.shownPath(of: name), code: EINVAL))
    }
    return try fileAccess(file.read(atMost: Bounce.maximumByteCount))
  }

  /// Marks a new mail as seen.
  package func markSeen(_ name: String) throws(RegctlError) {
    let file = try fileAccess(new.open(name, flags: O_RDONLY))
    let plain = name.prefix(upTo: name.utf8.firstIndex(of: UInt8(ascii: ":")) ?? name.endIndex)
    let seen = "\(plain):2,S"
    guard try fileAccess(cur.status(of: seen)) == nil else {
      throw .file(FileError(operation: "create", path: cur.shownPath(of: seen), code: EEXIST))
    }
    try fileAccess(new.move(file, from: name, to: cur, as: seen))
  }
}
