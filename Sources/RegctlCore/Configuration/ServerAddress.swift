internal import Base

/// The address of a database on a server, without a password: `postgresql://[user@]host/name` or
/// `service=NAME`.
///
/// It is read by libpq when the database is opened, since most commands are for a file and do not
/// load it. What must not be in it is refused here. See
/// <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING>.
package struct ServerAddress: Equatable, Sendable {
  /// The address as libpq reads it.
  let text: String

  /// The database and the host, or the service, for messages.
  let name: String

  /// The file with the password, if the configuration names one.
  var passwordFile: PasswordFile?

  /// A file with the password of a user on the server.
  struct PasswordFile: Equatable, Sendable {
    let path: String

    /// Whether systemd provides and protects the file.
    let isCredential: Bool

    /// The user whose file it may be.
    let uid: UInt32
  }

  /// The schemes of libpq, and those of SQLAlchemy and its drivers.
  private static let schemes = ["postgresql", "postgres"]

  /// What an address may set. The other keywords of libpq change the session, contain secrets or
  /// write them to files.
  private static let allowedKeywords: Set<String> = [
    "application_name", "channel_binding", "connect_timeout", "dbname", "gssencmode", "host",
    "hostaddr", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval",
    "krbsrvname", "load_balance_hosts", "port", "require_auth", "service",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version", "sslcert", "sslcertmode", "sslcrl", "sslcrldir", "sslkey",
    "sslmode",
    "sslrootcert", "sslsni", "target_session_attrs", "tcp_user_timeout", "user",
  ]

  /// The address of a service, which a file of libpq defines.
  init(service: String) throws(ConfigurationError.ValueFault) {
    // Blanks would begin another keyword.
    guard !service.isEmpty, service.utf8.allSatisfy({ $0.isVisible && !"'\\".utf8.contains($0) })
    else { throw .serviceName }
    text = "service=\(service)"
    name = "service \(service)"
  }

  /// The address in a URL; `nil` if the scheme is another's.
  init?(scheme: String, rest: String) throws(ConfigurationError.ValueFault) {
    guard Self.schemes.contains(String(Substring(scheme.utf8.prefix { $0 != UInt8(ascii: "+") })))
    else { return nil }
    text = "postgresql://\(rest)"
    let authority = rest.utf8.prefix { !"/?#".utf8.contains($0) }
    let query = rest.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()
    let path = rest.utf8.dropFirst(authority.count).prefix { $0 != UInt8(ascii: "?") }.dropFirst()
    let user = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[..<$0] }
    if user?.contains(UInt8(ascii: ":")) == true { throw .databasePassword }
    var (database, hosts) = (
      Self.decoded(path),
      Self.decoded(user.map { authority[$0.endIndex...].dropFirst() } ?? authority)
    )
    for parameter in query.split(separator: UInt8(ascii: "&")) {
      let parts = parameter.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let keyword = Self.decoded(parts[0])
      if keyword == "password" { throw .databasePassword }
      guard Self.allowedKeywords.contains(keyword), parts.count == 2 else {
        throw .databaseParameter(SecretText.isName(keyword) ? keyword : nil)
      }
      switch keyword {
      case "dbname": database = Self.decoded(parts[1])
      case "host": hosts = Self.decoded(parts[1])
      case "service" where database.isEmpty: database = "service \(Self.decoded(parts[1]))"
      default: break
      }
    }
    name =
      (database.isEmpty ? "the default database" : database) + (hosts.isEmpty ? "" : " on \(hosts)")
  }

  /// Text without percent-encoding (RFC 3986 section 2.1); libpq refuses what is malformed.
  private static func decoded(_ text: some Sequence<UInt8>) -> String {
    var bytes: [UInt8] = []
    for byte in text {
      bytes.append(byte)
      let end = bytes.suffix(3)
      if end.count == 3, end.first == UInt8(ascii: "%"),
        let high = Hexadecimal.value(of: end.dropFirst().first ?? 0),
        let low = Hexadecimal.value(of: end.last ?? 0)
      {
        bytes.removeLast(3)
        bytes.append(high << 4 | low)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
