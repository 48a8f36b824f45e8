internal import Glibc
package import System

/// Decides which files are trusted as configurations, keys, templates and programs.
///
/// A trusted file, and every directory and link in its path, belongs to root or to the user who
/// runs regctl, and other users may not write to it. Sticky directories such as `/tmp` are allowed,
/// because other users cannot replace files there.
package struct FileTrust: Sendable {
  /// The reason why a file is not trusted.
  package enum Fault: Equatable, Sendable {
    case owner(User)
    case writableByOthers(permissions: UInt32)
  }

  private let uid: UInt32

  /// The rule for a user.
  package init(uid: UInt32) { self.uid = uid }

  /// Opens a trusted file for reading; returns `nil` when it does not exist.
  func open(_ path: String) throws(RegctlError) -> File? {
    let way = try check(path)
    guard way.status != nil else { return nil }
    // The resolved path that was checked, without waiting for a writer if it is a FIFO.
    let file = try fileAccess(
      File(
        path: way.path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, shownAs: path))
    try judge(try fileAccess(file.status()), at: path, of: path)
    return file
  }

  /// Rejects an untrusted file or directory; a missing one has no status.
  ///
  /// No other user can replace what is trusted later.
  @discardableResult
  package func check(_ path: String) throws(RegctlError) -> ResolvedPath {
    let way = try fileAccess(ResolvedPath(path))
    try judgeWay(way, to: path)
    // Errors name the path as given.
    if let status = way.status { try judge(status, at: path, of: path) }
    return way
  }

  /// Checks only the path to a file whose own owner and mode are checked elsewhere.
  func checkWay(to path: String) throws(RegctlError) -> ResolvedPath {
    let way = try fileAccess(ResolvedPath(path))
    try judgeWay(way, to: path)
    return way
  }

  private func judgeWay(_ way: ResolvedPath, to path: String) throws(RegctlError) {
    for place in way.status == nil ? way.places[...] : way.places.dropLast() {
      try judge(place.status, at: place.path, of: path)
    }
  }

  private func judge(
    _ status: FileStatus, at place: String, of path: String
  ) throws(RegctlError) {
    func refuse(_ fault: Fault) -> RegctlError {
      .configuration(
        ConfigurationError(
          origin: .file(path: path, line: 0),
          fault: .untrusted(path: path, at: place, fault)))
    }
    guard status.user == 0 || status.user == uid else {
      throw refuse(.owner(User(uid: status.user)))
    }
    // The mode of a link has no meaning; in a sticky directory only the owner can replace a file.
    if status.isSymbolicLink || (status.isDirectory && status.isSticky) { return }
    guard !status.isWritableByOthers else {
      throw refuse(.writableByOthers(permissions: status.permissions))
    }
  }
}
