internal import Glibc

/// An open directory; its files are opened relative to it, even if the directory is renamed.
///
/// Symbolic links in it are not followed, and a file created in it did not exist before.
package struct Directory: ~Copyable {
  private let descriptor: Int32

  /// The path without symbolic links, for libraries that open files by name.
  package let path: String

  /// The directory's path in errors.
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

  /// The path of a name in the directory, for errors.
  package borrowing func shownPath(of name: String) -> String {
    shownPath == "/" ? "/\(name)" : "\(shownPath)/\(name)"
  }

  /// The path of a name in the directory, without symbolic links.
  package borrowing func path(of name: String) -> String {
    path == "/" ? "/\(name)" : "\(path)/\(name)"
  }

  // MARK: Opening

  /// Opens a subdirectory, and creates it with mode 0700 if it is missing.
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

  /// Opens an existing file. The corresponding C function is `openat`.
  package borrowing func open(_ name: String, flags: Int32) throws(FileError) -> File {
    let opened = unsafe openat(descriptor, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else { throw FileError("open", shownPath(of: name)) }
    return File(descriptor: opened, path: shownPath(of: name))
  }

  /// Creates an empty file with mode 0600, and opens it for reading and writing.
  ///
  /// Errors can use the file's final path.
  package borrowing func create(_ name: String, shownAs path: String? = nil) throws(FileError)
    -> File
  {
    let path = path ?? shownPath(of: name)
    let opened = unsafe openat(
      descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw FileError("create", path) }
    return File(descriptor: opened, path: path)
  }

  /// A random name for a file that is being created.
  package static func temporaryName(for path: String) -> String {
    "\(FileSystem.name(of: path)).\(RandomBytes.hexadecimal(8)).tmp"
  }

  // MARK: Names

  /// The status of a file or link in the directory; `nil` when it does not exist.
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
  /// The corresponding C function is `linkat`. A file that another process put under the temporary
  /// name is not published: `FileError.replaced` is thrown.
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

  /// Moves a file into a directory of the same file system, replacing any file of that name, and
  /// makes that durable.
  ///
  /// The corresponding C function is `renameat`. A file that another process put in its place is
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

  /// Removes the name and throws if it does not refer to the file.
  private borrowing func requireSame(
    _ file: borrowing File, as name: String
  ) throws(FileError) {
    let held = try file.status()
    if let named = try status(of: name), named.isSameFile(as: held) { return }
    remove(name)
    throw FileError(operation: "create", path: file.path, code: FileError.replaced)
  }

  /// Removes a file, if it exists. The corresponding C function is `unlinkat`.
  package borrowing func remove(_ name: String) { _ = unsafe unlinkat(descriptor, name, 0) }

  /// Makes changes of names in the directory durable. The corresponding C function is `fsync`.
  package borrowing func synchronize() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("write", shownPath) }
  }
}
