import Glibc
import Testing

@testable import SMTP

@Suite("Connection") struct ConnectionTests {
  /// Starts connecting to addresses, and continues until the server accepts mail or the connection
  /// fails.
  private func open(
    _ addresses: [(digits: String, port: Int)], limit: Duration = .seconds(5)
  ) throws -> [String] {
    var steps: [String] = []
    let connection = try Connection(
      to: addresses.map { address in
        try #require(
          try Resolver.addresses(of: address.digits, port: address.port, within: .zero).first)
      },
      of: Server(
        name: "mx", port: addresses[0].port, security: .clear, authorities: nil, timeLimit: limit),
      context: nil, credentials: nil,
      observer: { if case .connected(let address) = $0 { steps.append(address) } })
    while connection.isOpening {
      var descriptor = pollfd(fd: connection.descriptor, events: connection.interest, revents: 0)
      poll(&descriptor, 1, (connection.deadline.map { $0 - .now } ?? .zero).milliseconds)
      _ = connection.move(descriptor.revents) + connection.checkDeadline(.now)
      if let failure = connection.failure { throw failure }
    }
    return steps
  }

  @Test func `after a refused connection the next address is tried`() throws {
    let server = try ScriptedServer()
    let steps = try open([("127.0.0.2", server.port), ("127.0.0.1", server.port)])
    #expect(steps == ["127.0.0.1 port \(server.port)"])
  }

  @Test func `after an unsupported address family the next address is tried`() throws {
    let server = try ScriptedServer()
    let steps = try open([("::1", server.port), ("127.0.0.1", server.port)])
    #expect(steps == ["127.0.0.1 port \(server.port)"])
  }

  @Test func `after a timeout the next address is tried`() throws {
    let server = try ScriptedServer()
    let silent = try SilentListener(port: server.port)
    let steps = try open(
      [(silent.digits, server.port), ("127.0.0.1", server.port)], limit: .milliseconds(300))
    #expect(steps == ["127.0.0.1 port \(server.port)"])
  }

  @Test func `the error is that of the last address`() throws {
    let port = try LoopbackListener().port
    let fault = #expect(throws: SessionFault.self) {
      try open([("127.0.0.2", port), ("127.0.0.1", port)])
    }
    #expect(fault == SessionFault(.server, "mx:\(port): cannot connect: Connection refused"))
  }

  @Test func `a server without addresses is unreachable`() throws {
    let fault = #expect(throws: SessionFault.self) {
      _ = try Connection(
        to: [],
        of: Server(name: "mx", port: 25, security: .clear, authorities: nil, timeLimit: .zero),
        context: nil, credentials: nil, observer: nil)
    }
    #expect(fault == SessionFault(.server, "cannot connect: it has no address"))
  }
}

/// A listener that accepts no connection: its queue is full.
private final class SilentListener {
  let digits = "127.0.0.3"
  private let listener: LoopbackListener
  private var clients: [Int32] = []

  init(port: Int) throws {
    listener = try LoopbackListener(on: digits, port: port, backlog: 0)
    let address = try #require(
      try Resolver.addresses(of: digits, port: port, within: .zero).first)
    for _ in 0..<3 {
      let client = socket(
        AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
      _ = address.connect(client)
      clients.append(client)
    }
  }

  deinit { for client in clients { close(client) } }
}
