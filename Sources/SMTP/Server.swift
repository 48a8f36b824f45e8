/// The mail server to use, with its security and time limits.
package struct Server: Sendable {
  /// A host name or a numeric address.
  package let name: String
  package let port: Int
  package let security: Session.Security

  /// A PEM file of the trusted certificate authorities; `nil` for the system's.
  package let authorities: String?

  /// The time limit of each step: name lookup, connecting, the TLS handshake, each reply, and
  /// sending the content of a mail.
  package let timeLimit: Duration

  /// The time limit of a whole mail until its final dot is sent.
  ///
  /// The reply to the final dot has the time limit of a step in addition: giving up earlier would
  /// leave it unknown whether the mail was accepted.
  package let mailTimeLimit: Duration

  /// Creates a server; `mailTimeLimit` defaults to three times `timeLimit`.
  package init(
    name: String, port: Int, security: Session.Security, authorities: String?,
    timeLimit: Duration, mailTimeLimit: Duration? = nil
  ) {
    self.name = name
    self.port = port
    self.security = security
    self.authorities = authorities
    self.timeLimit = timeLimit
    self.mailTimeLimit = mailTimeLimit ?? timeLimit * 3
  }

  /// Whether the name is a numeric address that is not a loopback address.
  package var isRemoteAddress: Bool {
    SocketAddress.isAddress(name) && !SocketAddress.isLoopback(name)
  }

  /// The server as `host:port`, with an IPv6 address in brackets.
  package var text: String {
    name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]:\(port)" : "\(name):\(port)"
  }
}

extension SessionFault {
  /// The same fault of a named server.
  func naming(_ server: Server) -> SessionFault {
    SessionFault(blame, "\(server.text): \(reason)", remedy: remedy)
  }
}
