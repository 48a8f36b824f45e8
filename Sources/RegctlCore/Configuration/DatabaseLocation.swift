internal import System

/// Where the database is: the value of the setting `db`.
///
/// Each kind of location has its own engine. Only this type and `Store` distinguish the kinds.
package enum DatabaseLocation: Equatable, Sendable {
  /// A file, by its path.
  case file(String)

  /// The location that a valid text of the setting names.
  package init(_ text: String) { self = .file(text) }

  /// The location as the setting has it; it contains no secret.
  package var text: String {
    switch self {
    case .file(let path): path
    }
  }

  /// The key file where no setting names one: `secret.key` beside the database.
  var defaultSecretKeyFile: String {
    switch self {
    case .file(let path):
      let directory = FileSystem.directory(of: path)
      return directory == "/" ? "/secret.key" : "\(directory)/secret.key"
    }
  }

  /// The user that root becomes to work on the database, or `nil` when everything on the way to it
  /// is root's.
  func owner() throws(RegctlError) -> DatabaseOwner? {
    switch self {
    case .file(let path): try DatabaseOwner(of: path)
    }
  }

  /// Whether there is a database, or something else in its place.
  func isTaken() throws(RegctlError) -> Bool {
    switch self {
    case .file(let path): try fileAccess(FileSystem.status(of: path)) != nil
    }
  }

  /// Whether the process may write to the database, as far as that is known before it is opened.
  var isWritable: Bool {
    switch self {
    case .file(let path): FileSystem.isWritable(path)
    }
  }

  /// The user that the database belongs to, if that can be determined.
  var user: User? {
    switch self {
    case .file(let path):
      // An error here would hide the one that is being reported.
      (try? FileSystem.status(of: path)).flatMap { $0.map { User(uid: $0.user) } }
    }
  }
}
