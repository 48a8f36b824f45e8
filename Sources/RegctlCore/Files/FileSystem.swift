internal import Glibc
internal import OpenSSL

/// What regctl does to paths.
package enum FileSystem {
  /// What the system knows about a path, or `nil` when nothing is there.
  package static func status(of path: String) throws(RegctlError) -> FileStatus? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      let error = FileError("examine", path)
      if error.isMissing { return nil }
      throw .file(error)
    }
    return FileStatus(status)
  }

  /// Whether the running user may write a file. The corresponding C function is `access`.
  static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }

  /// Whether the running user may run a file. The corresponding C function is `access`.
  static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

  /// Reads a whole file of at most `limit` bytes.
  package static func read(_ path: String, atMost limit: Int) throws(RegctlError) -> [UInt8] {
    try File(path: path, flags: O_RDONLY).read(atMost: limit)
  }

  /// Makes a directory and those above it that are missing, each for the owner only (0700).
  package static func makeDirectories(_ path: String) throws(RegctlError) {
    if let status = try status(of: path) {
      guard status.isDirectory else {
        throw .file(FileError(operation: "create", path: path, code: ENOTDIR))
      }
      return
    }
    let parent = directory(of: path)
    if parent != path { try makeDirectories(parent) }
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .file(FileError("create", path))
    }
  }

  /// Makes an empty file that did not exist, for the owner of its directory only.
  ///
  /// What root makes in a service's directory is the service's: it could not work on it otherwise.
  static func createEmptyForDirectory(_ path: String) throws(RegctlError) {
    let file = try File(path: path, flags: O_WRONLY | O_CREAT | O_EXCL)
    try giveToOwnerOfDirectory(file)
  }

  private static func giveToOwnerOfDirectory(_ file: borrowing File) throws(RegctlError) {
    guard geteuid() == 0, let owner = try status(of: directory(of: file.path)), owner.user != 0
    else { return }
    try file.giveTo(user: owner.user, group: owner.group)
  }

  /// Makes an empty file that did not exist, for the owner only.
  static func createEmpty(_ path: String) throws(RegctlError) {
    _ = try File(path: path, flags: O_WRONLY | O_CREAT | O_EXCL)
  }

  /// Makes a file that did not exist, whole or not at all, durable when this returns.
  ///
  /// The bytes are written under a temporary name, synchronised, linked to the final name, and the
  /// directory is synchronised. An existing file is never replaced: `EEXIST` is thrown. What root
  /// makes is given to the owner of the directory.
  package static func create(_ path: String, content: [UInt8]) throws(RegctlError) {
    try create(path) { file throws(RegctlError) in try file.write(content) }
  }

  /// Makes a file that did not exist from what a body writes, whole or not at all.
  static func create(
    _ path: String, writing body: (borrowing File) throws(RegctlError) -> Void
  ) throws(RegctlError) {
    let temporary = temporaryPath(beside: path)
    do throws(RegctlError) {
      let file = try File(path: temporary, flags: O_WRONLY | O_CREAT | O_EXCL)
      try giveToOwnerOfDirectory(file)
      try body(file)
      try file.synchronize()
      try publish(temporary, as: path)
    } catch {
      _ = unsafe unlink(temporary)
      guard case .file(let failure) = error, failure.path == temporary else { throw error }
      // Nobody knows the other name.
      throw .file(FileError(operation: failure.operation, path: path, code: failure.code))
    }
  }

  /// Gives a complete file its final name, which must be free, and makes that durable.
  static func publish(_ temporary: String, as path: String) throws(RegctlError) {
    guard unsafe link(temporary, path) == 0 else { throw .file(FileError("create", path)) }
    _ = unsafe unlink(temporary)
    try synchronizeDirectory(of: path)
  }

  /// Writes a file under a temporary name and moves it to its place, replacing what was there.
  static func replace(
    _ path: String, throughTemporary temporary: String, content: [UInt8]
  ) throws(RegctlError) {
    do throws(RegctlError) {
      let file = try File(path: temporary, flags: O_WRONLY | O_CREAT | O_TRUNC)
      try file.write(content)
      try file.synchronize()
      guard unsafe rename(temporary, path) == 0 else { throw .file(FileError("create", path)) }
      try synchronizeDirectory(of: path)
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// Makes the names in a file's directory durable.
  static func synchronizeDirectory(of path: String) throws(RegctlError) {
    try File(path: directory(of: path), flags: O_RDONLY | O_DIRECTORY).synchronize()
  }

  /// Removes a file; that it is not there is as good.
  package static func remove(_ path: String) { _ = unsafe unlink(path) }

  /// Makes a directory of a new name for the owner only. The corresponding C function is `mkdtemp`.
  package static func makeTemporaryDirectory(
    in parent: String, prefix: String
  ) throws(RegctlError) -> String {
    var template = Array("\(parent)/\(prefix).XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw .file(FileError("create", "\(parent)/\(prefix)"))
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The names in a directory, without `.` and `..`, sorted.
  static func names(in directory: String) throws(RegctlError) -> [String] {
    guard let stream = unsafe opendir(directory) else {
      throw .file(FileError("open", directory))
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The path of the file whose name comes first in a directory.
  package static func firstFile(in directory: String) throws(RegctlError) -> String? {
    try names(in: directory).first.map { "\(directory)/\($0)" }
  }

  /// Removes a directory that regctl made, and all in it, without following links.
  package static func removeTree(_ path: String) {
    // What cannot be removed stays where a person finds it; there is nothing else to do about it.
    for name in (try? names(in: path)) ?? [] {
      let child = "\(path)/\(name)"
      if unsafe unlink(child) != 0 { removeTree(child) }
    }
    _ = unsafe rmdir(path)
  }

  /// The directory part of a path: `/var/lib` of `/var/lib/regctl.db`, `.` of `regctl.db`.
  package static func directory(of path: String) -> String {
    let bytes = Array(path.utf8)
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }

  /// A name in the same directory that nobody uses, nor has left behind.
  static func temporaryPath(beside path: String) -> String {
    "\(path).\(RandomBytes.hexadecimal(8)).tmp"
  }
}
