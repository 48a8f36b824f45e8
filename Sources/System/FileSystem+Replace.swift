internal import Glibc

extension FileSystem {
  /// Replaces the content of an existing file, completely or not at all, durable when this returns.
  ///
  /// The bytes are written under a temporary name in the same directory, which gets the owner and the
  /// mode of the file, and is then renamed. Symbolic links to the file stay.
  package static func replace(_ path: String, content: [UInt8]) throws(FileError) {
    let resolved = try ResolvedPath(path).path
    let directory = try Directory(of: resolved)
    let name = name(of: resolved)
    guard let status = try directory.status(of: name) else {
      throw FileError(operation: "open", path: path, code: FileError.missing)
    }
    let temporary = Directory.temporaryName(for: name)
    let file = try directory.create(temporary, shownAs: path)
    do throws(FileError) {
      try file.write(content)
      try file.take(ownerAndModeOf: status)
      try file.synchronize()
      try directory.move(file, from: temporary, to: directory, as: name)
    } catch {
      directory.remove(temporary)
      throw error
    }
  }
}
