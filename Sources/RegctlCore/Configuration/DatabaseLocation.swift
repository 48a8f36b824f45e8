internal import Base
internal import System

/// Where the database is: the value of the setting `db`.
///
/// Each kind of location has its own engine. Only this type and `Store` distinguish the kinds.
package enum DatabaseLocation: Equatable, Sendable {
  /// A file, by its path.
  case file(String)

  /// The location that a value of the setting names: a path, or a URL of SQLAlchemy for a file.
  ///
  /// In a URL the path follows `sqlite:///`, so that an absolute path begins at the fourth slash;
  /// what follows a question mark is for the driver. See
  /// <https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#connect-strings>. A path that looks
  /// like a URL can be written with `./` before it.
  package init(_ text: String) throws(ConfigurationError.ValueFault) {
    guard !text.isEmpty else { throw .empty }
    guard !text.utf8.contains(0) else { throw .controlByte }
    guard let scheme = Self.scheme(of: text) else {
      self = .file(text)
      return
    }
    guard scheme == "sqlite" || scheme.utf8.starts(with: "sqlite+".utf8) else {
      throw .foreignDatabase(scheme: scheme)
    }
    let rest = text.utf8.dropFirst(scheme.utf8.count + "://".utf8.count)
    guard rest.first == UInt8(ascii: "/") else { throw .databaseWithoutFile }
    let path = String(rest.dropFirst().prefix { $0 != UInt8(ascii: "?") })
    guard let path, !path.isEmpty, path != ":memory:", !path.utf8.starts(with: "file:".utf8) else {
      throw .databaseWithoutFile
    }
    self = .file(path)
  }

  /// The scheme of a URL (RFC 3986 section 3.1), with what SQLAlchemy adds for the driver.
  private static func scheme(of text: String) -> String? {
    let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
    guard text.utf8.dropFirst(scheme.count).starts(with: "://".utf8),
      scheme.first?.isLetter == true,
      scheme.allSatisfy({ $0.isLetterOrDigit || "+.-_".utf8.contains($0) })
    else { return nil }
    return String(scheme)
  }

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
