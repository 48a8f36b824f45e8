internal import Glibc

/// Finds out at which ports of a mail server a connection is accepted.
package enum PortProbe {
  /// The result for the ports of a server.
  package struct Answers: Equatable, Sendable {
    /// The ports that accept a connection, and those that do not within the time limit.
    package let open: [Int]
    package let silent: [Int]

    /// Whether the server is on this machine.
    package let isLoopback: Bool

    package init(open: [Int], silent: [Int], isLoopback: Bool) {
      self.open = open
      self.silent = silent
      self.isLoopback = isLoopback
    }
  }

  /// Connects to all ports at once, and hangs up; `nil` if the server cannot be found.
  ///
  /// `limit` is for the lookup and all connections together.
  package static func run(
    _ ports: [Int], of name: String, within limit: Duration
  ) -> Answers? {
    let deadline = ContinuousClock.now + limit
    var waiting: [(port: Int, descriptor: Int32)] = []
    defer { for (_, descriptor) in waiting { _ = close(descriptor) } }
    var isLoopback = true
    var isFound = false
    for port in ports {
      // That a name is not found is known since the connection to the configured port.
      guard
        let addresses = try? Resolver.addresses(
          of: name, port: port, within: max(.zero, deadline - .now))
      else { continue }
      isFound = true
      for address in addresses {
        isLoopback = isLoopback && address.isLoopback
        if let descriptor = begin(address) { waiting.append((port, descriptor)) }
      }
    }
    guard isFound else { return nil }
    let open = answering(&waiting, by: deadline)
    return Answers(
      open: ports.filter(open.contains), silent: ports.filter { !open.contains($0) },
      isLoopback: isLoopback)
  }

  /// Begins to connect, without waiting.
  private static func begin(_ address: SocketAddress) -> Int32? {
    let descriptor = socket(
      address.family,
      Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    if address.connect(descriptor) == 0 || errno == EINPROGRESS { return descriptor }
    _ = close(descriptor)
    return nil
  }

  /// Waits for the connections, and takes out those that were made or refused.
  private static func answering(
    _ waiting: inout [(port: Int, descriptor: Int32)], by deadline: ContinuousClock.Instant
  ) -> Set<Int> {
    var open: Set<Int> = []
    while !waiting.isEmpty {
      var polled = waiting.map { pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0) }
      let left = deadline - .now
      let count = unsafe poll(&polled, nfds_t(polled.count), left.milliseconds)
      for (index, descriptor) in polled.enumerated().reversed() where descriptor.revents != 0 {
        if isConnected(descriptor.fd) { open.insert(waiting[index].port) }
        _ = close(descriptor.fd)
        waiting.remove(at: index)
      }
      if count <= 0, left <= .zero { break }
    }
    return open
  }

  /// Whether a connection was made. The C function is `getsockopt`.
  private static func isConnected(_ descriptor: Int32) -> Bool {
    var code: Int32 = 0
    var size = socklen_t(4)
    return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0
  }
}
