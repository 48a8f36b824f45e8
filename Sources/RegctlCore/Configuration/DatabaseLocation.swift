internal import Base
internal import System

/// Where the database is: the value of the setting `db`.
///
/// Each kind of location has its own engine. Only this type and `Store` distinguish the kinds.
package enum DatabaseLocation: Equatable, Sendable {
  /// A file, by its path.
  case file(String)
  /// A database on a server.
  case server(ServerAddress)

  /// The location that a value of the setting names: a path, a URL of SQLAlchemy for a file, or a
  /// server's address.
  ///
  /// In a URL for a file the path follows `sqlite:///`, so that an absolute path begins at the fourth
  /// slash; what follows a question mark is for the driver. See
  /// <https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#connect-strings>. A path that looks
  /// like an address can be written with `./` before it.
  package init(_ text: String) throws(ConfigurationError.ValueFault) {
    guard !text.isEmpty else { throw .empty }
    guard !text.utf8.contains(0) else { throw .controlByte }
    if text.utf8.starts(with: "service=".utf8) {
      self = .server(try ServerAddress(service: String(Substring(text.utf8.dropFirst(8)))))
      return
    }
    guard let scheme = Self.scheme(of: text) else {
      self = .file(text)
      return
    }
    let rest = text.utf8.dropFirst(scheme.utf8.count + "://".utf8.count)
    if let address = try ServerAddress(scheme: scheme, rest: String(Substring(rest))) {
      self = .server(address)
      return
    }
    guard scheme == "sqlite" || scheme.utf8.starts(with: "sqlite+".utf8) else {
      throw .foreignDatabase(scheme: scheme)
    }
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

  /// The file with the password for a server; a file needs none.
  var passwordFile: ServerAddress.PasswordFile? {
    get { if case .server(let address) = self { address.passwordFile } else { nil } }
    set {
      guard case .server(var address) = self else { return }
      address.passwordFile = newValue
      self = .server(address)
    }
  }

  /// What messages call the database: the path as the setting has it, or the database's name and
  /// the host.
  package var text: String {
    switch self {
    case .file(let path): path
    case .server(let address): address.name
    }
  }

  /// The key file where no setting names one: `secret.key` beside the database, or for a server
  /// beside the file that is the default.
  func secretKeyFile(besideDefault path: String) -> String {
    let path = if case .file(let path) = self { path } else { path }
    let directory = FileSystem.directory(of: path)
    return directory == "/" ? "/secret.key" : "\(directory)/secret.key"
  }

  /// The user that root becomes to work on the database, or `nil` when everything on the way to it
  /// is root's, or it is on a server.
  func owner() throws(RegctlError) -> DatabaseOwner? {
    switch self {
    case .file(let path): try DatabaseOwner(of: path)
    case .server: nil
    }
  }

  /// The user that root becomes to work on a copy in a file, unless it works as the owner of the
  /// database itself.
  func ownerOfCopy(at path: String) throws(RegctlError) -> DatabaseOwner? {
    switch self {
    case .file: nil
    case .server: try DatabaseOwner(of: path)
    }
  }

  /// Whether there is a file, or something else in its place. A server's database is there before
  /// regctl creates tables in it.
  func isTaken() throws(RegctlError) -> Bool {
    switch self {
    case .file(let path): try fileAccess(FileSystem.status(of: path)) != nil
    case .server: false
    }
  }

  /// The error of a database that is to be created where one is.
  var existing: StoreError {
    switch self {
    case .file(let path): .exists(path: path)
    case .server(let address): .taken(server: address.name)
    }
  }

  /// Whether the process may write to the database, as far as that is known before it is opened.
  var isWritable: Bool {
    switch self {
    case .file(let path): FileSystem.isWritable(path)
    case .server: true
    }
  }

  /// The user that the database belongs to, if that can be determined.
  var user: User? {
    switch self {
    case .file(let path):
      // An error here would hide the one that is being reported.
      (try? FileSystem.status(of: path)).flatMap { $0.map { User(uid: $0.user) } }
    case .server: nil
    }
  }
}
