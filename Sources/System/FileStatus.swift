internal import Glibc

/// The status of a file.
package struct FileStatus: Equatable, Sendable {
  package let user: UInt32
  package let group: UInt32
  package let permissions: UInt32
  package let isRegularFile: Bool
  package let isDirectory: Bool
  package let isSymbolicLink: Bool
  package let byteCount: Int64

  /// The second since 1970 of the last change of content, owner, mode or name (`st_ctim`).
  package let changed: Int64

  /// The numbers that identify the file while it exists.
  private let device: UInt
  private let node: UInt

  @safe init(_ status: stat) {
    user = status.st_uid
    group = status.st_gid
    permissions = status.st_mode & 0o7777
    isRegularFile = status.st_mode & S_IFMT == S_IFREG
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    isSymbolicLink = status.st_mode & S_IFMT == S_IFLNK
    byteCount = Int64(status.st_size)
    changed = Int64(status.st_ctim.tv_sec)
    device = status.st_dev
    node = status.st_ino
  }

  /// Whether both are the same file.
  package func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && node == other.node
  }

  /// Whether group or others can write to the file.
  package var isWritableByOthers: Bool { permissions & 0o022 != 0 }

  /// Whether users who can write to the directory can rename or remove only their own files.
  package var isSticky: Bool { permissions & 0o1000 != 0 }
}
