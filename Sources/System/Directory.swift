internal import Glibc

/// An open directory, whose files are named relative to it: whatever happens to its own name, they
/// are in this one.
///
/// No symbolic link is followed in it, and what is made in it did not exist.
package struct Directory: ~Copyable {
  private let descriptor: Int32

  /// The path without symbolic links, for libraries that open files by name.
  package let path: String

  /// What errors call the directory.
  private let shownPath: String

  private init(descriptor: Int32, path: String, shownAs shownPath: String) {
    self.descriptor = descriptor
    self.path = path
    self.shownPath = shownPath
  }

  /// Opens the directory of a file.
  package init(of file: String) throws(FileError) {
    let shownPath = FileSystem.directory(of: file)
    let path = try ResolvedPath(shownPath).path
    let opened = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard opened >= 0 else { throw FileError("create", file) }
    self.init(descriptor: opened, path: path, shownAs: shownPath)
  }

  /// Opens a directory.
  package init(path shownPath: String) throws(FileError) {
    let path = try ResolvedPath(shownPath).path
    let opened = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard opened >= 0 else { throw FileError("open", shownPath) }
    self.init(descriptor: opened, path: path, shownAs: shownPath)
  }

  deinit { _ = close(descriptor) }

  /// A path in the directory, as errors call it.
  package borrowing func shownPath(of name: String) -> String {
    shownPath == "/" ? "/\(name)" : "\(shownPath)/\(name)"
  }

  /// A path in the directory without symbolic links.
  package borrowing func path(of name: String) -> String {
    path == "/" ? "/\(name)" : "\(path)/\(name)"
  }

  // MARK: Opening

  /// Opens a directory in this one, which is made for its owner only when it is missing.
  ///
  /// The corresponding C functions are `mkdirat` and `openat`.
  package borrowing func directory(_ name: String) throws(FileError) -> Directory {
    guard unsafe mkdirat(descriptor, name, 0o700) == 0 || errno == EEXIST else {
      throw FileError("create", shownPath(of: name))
    }
    let opened = unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard opened >= 0 else { throw FileError("open", shownPath(of: name)) }
    return Directory(descriptor: opened, path: path(of: name), shownAs: shownPath(of: name))
  }

  /// Opens a file that exists. The corresponding C function is `openat`.
  package borrowing func open(_ name: String, flags: Int32) throws(FileError) -> File {
    let opened = unsafe openat(descriptor, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else { throw FileError("open", shownPath(of: name)) }
    return File(descriptor: opened, path: shownPath(of: name))
  }

  /// Makes an empty file for its owner only, and opens it to read and write.
  ///
  /// Errors may call it by the name that it is to get at last.
  package borrowing func create(_ name: String, shownAs path: String? = nil) throws(FileError)
    -> File
  {
    let path = path ?? shownPath(of: name)
    let opened = unsafe openat(
      descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw FileError("create", path) }
    return File(descriptor: opened, path: path)
  }

  /// A random name for a file that is being made.
  package static func temporaryName(for path: String) -> String {
    "\(FileSystem.name(of: path)).\(RandomBytes.hexadecimal(8)).tmp"
  }

  // MARK: Names

  /// What the system knows about a file or link in the directory; `nil` when nothing is there.
  ///
  /// The corresponding C function is `fstatat`.
  package borrowing func status(of name: String) throws(FileError) -> FileStatus? {
    var status = stat()
    guard unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      let error = FileError("examine", shownPath(of: name))
      if error.isMissing { return nil }
      throw error
    }
    return FileStatus(status)
  }

  /// Gives a file its final name, which must be free, and makes that durable.
  ///
  /// The corresponding C function is `linkat`. A file that another process has put under the
  /// temporary name is not published: `FileError.replaced` is thrown.
  package borrowing func publish(
    _ file: borrowing File, from temporary: String, as name: String
  ) throws(FileError) {
    guard unsafe linkat(descriptor, temporary, descriptor, name, 0) == 0 else {
      throw FileError("create", file.path)
    }
    try requireSame(file, as: name)
    remove(temporary)
    try synchronize()
  }

  /// Moves a file into a directory of the same file system, where it takes the place of one of that
  /// name, and makes that durable.
  ///
  /// The corresponding C function is `renameat`. A file that another process has put in its place is
  /// not left there: `FileError.replaced` is thrown.
  package borrowing func move(
    _ file: borrowing File, from temporary: String, to target: borrowing Directory,
    as name: String
  ) throws(FileError) {
    guard unsafe renameat(descriptor, temporary, target.descriptor, name) == 0 else {
      throw FileError("create", file.path)
    }
    try target.requireSame(file, as: name)
    try target.synchronize()
  }

  /// Takes a name away again that is not the file's.
  private borrowing func requireSame(
    _ file: borrowing File, as name: String
  ) throws(FileError) {
    let held = try file.status()
    if let named = try status(of: name), named.isSameFile(as: held) { return }
    remove(name)
    throw FileError(operation: "create", path: file.path, code: FileError.replaced)
  }

  /// Removes a file; that it is not there is as good. The corresponding C function is `unlinkat`.
  package borrowing func remove(_ name: String) { _ = unsafe unlinkat(descriptor, name, 0) }

  /// Makes the names in the directory durable. The corresponding C function is `fsync`.
  package borrowing func synchronize() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("write", shownPath) }
  }
}
