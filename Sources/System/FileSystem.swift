internal import Glibc

/// What is done to files by their paths.
package enum FileSystem {
  /// What the system knows about a path, or `nil` when nothing is there.
  package static func status(of path: String) throws(FileError) -> FileStatus? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      let error = FileError("examine", path)
      if error.isMissing { return nil }
      throw error
    }
    return FileStatus(status)
  }

  /// Whether a name is free for a new file, and not even a link has it; why that cannot be found out
  /// is why the file cannot be made.
  package static func isFree(_ path: String) throws(FileError) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) != 0 else { return false }
    let error = FileError("create", path)
    guard error.isMissing else { throw error }
    return true
  }

  /// Whether the running user may write a file. The corresponding C function is `access`.
  package static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }

  /// Whether the running user may run a file. The corresponding C function is `access`.
  package static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

  /// Reads a whole file of at most `limit` bytes.
  package static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
    try File(path: path, flags: O_RDONLY).read(atMost: limit)
  }

  /// Makes a directory and those above it that are missing, each for the owner only (0700).
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

  /// Makes a file that did not exist, whole or not at all, durable when this returns.
  ///
  /// The bytes are written under a temporary name, synchronised, linked to the final name, and the
  /// directory is synchronised. An existing file is never replaced: `EEXIST` is thrown.
  package static func create(_ path: String, content: [UInt8]) throws(FileError) {
    var file = try NewFile(path)
    try file.write(content)
    try file.publish()
  }

  /// Makes a directory of a new name for the owner only. The corresponding C function is `mkdtemp`.
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

  /// The path of the file whose name comes first in a directory.
  package static func firstFile(in directory: String) throws(FileError) -> String? {
    try names(in: directory).first.map { "\(directory)/\($0)" }
  }

  /// Removes a directory and all in it, without following links.
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

  /// The last part of a path: `regctl.db` of `/var/lib/regctl.db`.
  package static func name(of path: String) -> String {
    let bytes = path.utf8
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[bytes.index(after: slash)...])
  }
}
