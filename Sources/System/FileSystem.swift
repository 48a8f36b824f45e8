internal import Glibc

/// Operations on files by path.
package enum FileSystem {
  /// The status of a path, or `nil` when it does not exist.
  package static func status(of path: String) throws(FileError) -> FileStatus? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      let error = FileError("examine", path)
      if error.isMissing { return nil }
      throw error
    }
    return FileStatus(status)
  }

  /// Whether a name is free for a new file, with not even a dangling link in its place; an error is
  /// reported as a failure to create the file.
  package static func isFree(_ path: String) throws(FileError) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) != 0 else { return false }
    let error = FileError("create", path)
    guard error.isMissing else { throw error }
    return true
  }

  /// The owner of a file, or of the nearest directory above it that the current user can examine;
  /// `nil` where there is none.
  package static func visibleOwner(of path: String) -> User? {
    var path = path
    while true {
      // An error means that the user may not examine it.
      if let status = try? status(of: path) { return User(uid: status.user) }
      let parent = directory(of: path)
      if parent == path { return nil }
      path = parent
    }
  }

  /// Whether the current user can write a file. The corresponding C function is `access`.
  package static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }

  /// Whether the current user can execute a file. The corresponding C function is `access`.
  package static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

  /// Reads a file of at most `limit` bytes.
  package static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
    try File(path: path, flags: O_RDONLY).read(atMost: limit)
  }

  /// Creates a directory and its missing parents, each with mode 0700.
  package static func makeDirectories(_ path: String) throws(FileError) {
    if let status = try status(of: path) {
      guard status.isDirectory else {
        throw FileError(operation: "create", path: path, code: ENOTDIR)
      }
      return
    }
    let parent = directory(of: path)
    if parent != path { try makeDirectories(parent) }
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw FileError("create", path)
    }
  }

  /// Creates a file that did not exist, completely or not at all, durable when this returns.
  ///
  /// The bytes are written under a temporary name, synchronized, linked to the final name, and the
  /// directory is synchronized. An existing file is never replaced: `EEXIST` is thrown.
  package static func create(_ path: String, content: [UInt8]) throws(FileError) {
    var file = try NewFile(path)
    try file.write(content)
    try file.publish()
  }

  /// Creates a uniquely named directory, mode 0700. The corresponding C function is `mkdtemp`.
  package static func makeTemporaryDirectory(
    in parent: String, prefix: String
  ) throws(FileError) -> String {
    var template = Array("\(parent)/\(prefix).XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw FileError("create", "\(parent)/\(prefix)")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The names in a directory, without `.` and `..`, sorted.
  package static func names(in directory: String) throws(FileError) -> [String] {
    guard let stream = unsafe opendir(directory) else {
      throw FileError("open", directory)
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

  /// The path of the first file in a directory, by name.
  package static func firstFile(in directory: String) throws(FileError) -> String? {
    try names(in: directory).first.map { "\(directory)/\($0)" }
  }

  /// Removes a directory and its contents, without following links.
  package static func removeTree(_ path: String) {
    // What cannot be removed stays; nothing else can be done about it here.
    for name in (try? names(in: path)) ?? [] {
      let child = "\(path)/\(name)"
      if unsafe unlink(child) != 0 { removeTree(child) }
    }
    _ = unsafe rmdir(path)
  }

  /// The directory part of a path: `/var/lib` for `/var/lib/regctl.db`, `.` for `regctl.db`.
  package static func directory(of path: String) -> String {
    let bytes = Array(path.utf8)
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }

  /// The last component of a path: `regctl.db` for `/var/lib/regctl.db`.
  package static func name(of path: String) -> String {
    let bytes = path.utf8
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[bytes.index(after: slash)...])
  }
}
