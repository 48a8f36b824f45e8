internal import Glibc

/// A path without symbolic links, and the directories and links it was resolved through.
///
/// The C function `realpath` returns only the path, but the owner of a directory or link along it
/// decides where it leads.
package struct ResolvedPath {
  /// A directory, a symbolic link or, at the end, the file itself.
  package struct Place {
    package let path: String
    package let status: FileStatus
  }

  /// The absolute path; for a missing file, its existing parent directories are resolved.
  package let path: String

  /// The places passed, in order, links before their targets.
  package let places: [Place]

  /// The status of the file, or `nil` when it does not exist.
  package let status: FileStatus?

  /// The maximum number of links that Linux follows; see path_resolution(7).
  private static let maximumLinkCount = 40

  /// Resolves a path. System errors use the path as given.
  package init(_ given: String) throws(FileError) {
    guard !given.isEmpty else {
      (path, places, status) = ("", [], nil)
      return
    }
    var rest = ArraySlice(try Self.components(of: given))
    var places: [Place] = []
    var path = ""
    var status = try Self.status(of: "/", given: given)
    if let status { places.append(Place(path: "/", status: status)) }
    var linkCount = 0
    while let component = rest.popFirst() {
      // `/file/`, `/file/.` and `/file/x` are all missing.
      if let known = status, !known.isDirectory { status = nil }
      if component == "." || component.isEmpty { continue }
      if component == ".." {
        path = FileSystem.directory(of: path)
        if path == "/" || path == "." { path = "" }
        if status != nil { status = try Self.status(of: path.isEmpty ? "/" : path, given: given) }
        continue
      }
      let next = "\(path)/\(component)"
      guard status != nil, let found = try Self.status(of: next, given: given) else {
        (path, status) = (next, nil)
        continue
      }
      places.append(Place(path: next, status: found))
      guard found.isSymbolicLink else {
        (path, status) = (next, found)
        continue
      }
      linkCount += 1
      guard linkCount <= Self.maximumLinkCount else {
        throw FileError(operation: "examine", path: given, code: ELOOP)
      }
      let target = try Self.target(of: next, given: given)
      rest = ArraySlice(Self.split(target)) + rest
      if target.utf8.first == UInt8(ascii: "/") {
        path = ""
        status = places.first?.status
      }
    }
    self.path = path.isEmpty ? "/" : path
    self.places = places
    self.status = status
  }

  /// The components from the root; a relative path is appended to the working directory.
  private static func components(of given: String) throws(FileError) -> [String] {
    if given.utf8.first == UInt8(ascii: "/") { return split(given) }
    guard let directory = unsafe getcwd(nil, 0) else { throw FileError("examine", given) }
    defer { unsafe free(directory) }
    return unsafe split(String(cString: directory)) + split(given)
  }

  private static func split(_ path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The status of a path, or of a link itself; `nil` when missing. The C function is `lstat`.
  private static func status(of path: String, given: String) throws(FileError) -> FileStatus? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      let error = FileError("examine", given)
      if error.isMissing { return nil }
      throw error
    }
    return FileStatus(status)
  }

  private static func target(of link: String, given: String) throws(FileError) -> String {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(link, &target, target.count)
    guard count >= 0 else { throw FileError("examine", given) }
    return String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
