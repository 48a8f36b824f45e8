/// The server that takes our mail, and how to speak to it.
package struct Server: Sendable {
  /// A name, or an address in digits.
  package let name: String
  package let port: Int
  package let security: Session.Security

  /// A PEM file of the only authorities to trust; `nil` for the system's.
  package let authorities: String?

  /// How long each step may take: to find the name, to connect, the handshake, each reply, and to
  /// send a mail's content.
  package let timeLimit: Duration

  /// How long a mail as a whole may take until its final dot is sent, however prompt each step is.
  ///
  /// The answer to the dot has the time of a step besides: to give up earlier would leave it open
  /// whether the mail was accepted.
  package let mailTimeLimit: Duration

  /// A server; a mail as a whole may take three steps' time unless told otherwise.
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

  /// Whether the server is named by an address of another machine.
  package var isRemoteAddress: Bool {
    SocketAddress.isAddress(name) && !SocketAddress.isLoopback(name)
  }

  /// The server as people write it.
  package var text: String {
    name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]:\(port)" : "\(name):\(port)"
  }
}
