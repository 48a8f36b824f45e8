/// How sure a connection is of the host at its other end.
package enum HostSecurity {
  /// What `sslmode` must be for a host that is not this machine.
  ///
  /// The default of libpq, `prefer`, sends a password to any host that answers.
  package static let required = "verify-full"

  /// The certificates of the system, which libpq knows by the word `system` since version 16.
  private static let systemCertificates = "/etc/ssl/certs/ca-certificates.crt"

  /// The settings, with `sslmode=verify-full` unless all hosts are this machine.
  ///
  /// Throws the first other host if the settings ask for less.
  package static func secured(
    _ settings: [ConnectionParameters.Setting]
  ) throws(UnverifiedHost) -> [ConnectionParameters.Setting] {
    var settings = settings
    if settings.value(of: "sslrootcert") == "system" {
      settings.append(.init("sslrootcert", systemCertificates))
    }
    let names = settings.list(of: "host")
    let addresses = settings.list(of: "hostaddr")
    // libpq connects to the name where the list of addresses has none.
    let hosts =
      addresses.isEmpty
      ? names
      : addresses.indices.map { index in
        addresses[index].isEmpty && index < names.count ? names[index] : addresses[index]
      }
    guard let host = hosts.first(where: { !isThisMachine($0) }) else { return settings }
    if let mode = settings.value(of: "sslmode"), mode != required {
      throw UnverifiedHost(name: host)
    }
    settings.append(.init("sslmode", required))
    return settings
  }

  /// Whether a host is the directory of a socket or a name or address of loopback; the default is
  /// such a directory.
  private static func isThisMachine(_ host: String) -> Bool {
    host.isEmpty || ["/", "@"].contains { host.hasPrefix($0) } || host == "localhost"
      || host == "::1" || isLoopback(host)
  }

  /// Whether a host is an IPv4 address in 127.0.0.0/8 (RFC 1122, section 3.2.1.3).
  private static func isLoopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

/// A host whose certificate would not be verified.
package struct UnverifiedHost: Error, Equatable, Sendable {
  package let name: String
}
