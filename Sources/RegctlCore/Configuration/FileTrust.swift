internal import Glibc
package import System

/// Decides which files may direct what regctl does: configurations, keys, templates, programs.
///
/// Such a file counts only if root or the user who runs regctl has written it: it, every directory and
/// every link on the way to it belong to one of the two, and others may write to none of them, but for
/// directories such as `/tmp`, in which they cannot replace what is not theirs.
package struct FileTrust: Sendable {
  /// Why a file does not count.
  package enum Fault: Equatable, Sendable {
    case owner(User)
    case writableByOthers(permissions: UInt32)
  }

  private let uid: UInt32

  /// The rule for a user.
  package init(uid: UInt32) { self.uid = uid }

  /// Opens a file that may be relied on, to read it, and returns `nil` when there is none.
  func open(_ path: String) throws(RegctlError) -> File? {
    let way = try check(path)
    guard way.status != nil else { return nil }
    // By the path that was looked at; without waiting for a writer, should it be a pipe.
    let file = try fileAccess(
      File(
        path: way.path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, shownAs: path))
    try judge(try fileAccess(file.status()), at: path, of: path)
    return file
  }

  /// Refuses a file or directory that may not be relied on; what is missing is none.
  ///
  /// What passes stays so: no other user can put something else in its place.
  @discardableResult
  package func check(_ path: String) throws(RegctlError) -> ResolvedPath {
    let way = try fileAccess(ResolvedPath(path))
    try judgeWay(way, to: path)
    // Called as it was given.
    if let status = way.status { try judge(status, at: path, of: path) }
    return way
  }

  /// Refuses only the way to a file, whose own owner and mode have another rule.
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
    // The mode of a link has no meaning; in a sticky directory only the owner replaces a file.
    if status.isSymbolicLink || (status.isDirectory && status.isSticky) { return }
    guard !status.isWritableByOthers else {
      throw refuse(.writableByOthers(permissions: status.permissions))
    }
  }
}
