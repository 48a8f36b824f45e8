internal import SMTP

/// Which other ports of the mail server answer, where the configured one does not.
package struct PortReport: Equatable, Sendable {
  /// The ports that accept a connection, and those that do not.
  package let open: [Int]
  package let silent: [Int]

  /// Settings with which a port that answers is used.
  package struct Settings: Equatable, Sendable {
    package let security: Configuration.MailSecurity

    /// The port, unless it is the one that goes with `security`.
    package let port: Int?
  }

  /// The settings for the best of the open ports; `nil` if none is open.
  package let settings: Settings?

  /// The ports of submission and relay (RFC 6409, RFC 8314, RFC 5321), and the one that mail providers
  /// offer beside them, because hosts of machines often block the others; the best first.
  private static let ports = [587, 465, 2525, 25]

  /// Tries the other ports of the configured server; `nil` if there is none, or it cannot be found.
  package init?(for configuration: Configuration, within limit: Duration) {
    guard let server = configuration.server,
      let answers = PortProbe.run(
        Self.ports.filter { $0 != server.port }, of: server.name, within: limit)
    else { return nil }
    self.init(answers)
  }

  init(_ answers: PortProbe.Answers) {
    open = answers.open.sorted()
    silent = answers.silent.sorted()
    settings = Self.ports.first(where: answers.open.contains).map { port in
      switch port {
      case 465: Settings(security: .tls, port: nil)
      case 587: Settings(security: .starttls, port: nil)
      case 25 where answers.isLoopback: Settings(security: .none, port: nil)
      default: Settings(security: .starttls, port: port)
      }
    }
  }
}
