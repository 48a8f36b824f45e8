internal import Glibc

/// Looks up a server's addresses, with a time limit.
enum Resolver {
  /// The result of a lookup: the addresses, or an error code for `gai_strerror`.
  enum Answer: Equatable, Sendable {
    case found([SocketAddress])
    case failed(Int32)
  }

  /// Looks up a name and a port, without a time limit.
  typealias Lookup = @Sendable (_ name: String, _ port: Int) -> Answer

  /// The addresses of a name, in the order in which to try them (RFC 6724).
  ///
  /// Throws when there are none, or no answer within the limit; the lookup cannot be stopped then
  /// and continues in its own thread.
  static func addresses(
    of name: String, port: Int, within limit: Duration, by lookUp: @escaping Lookup = system
  ) throws(SessionFault) -> [SocketAddress] {
    // A numeric address needs no lookup.
    let answer =
      SocketAddress.isAddress(name)
      ? lookUp(name, port) : LookupThread { lookUp(name, port) }.answer(within: limit)
    switch answer {
    case .found(let addresses):
      return addresses
    case .failed(let code):
      throw SessionFault(
        .server, "cannot find \(name): \(unsafe String(cString: gai_strerror(code)))")
    case nil:
      throw SessionFault(.server, "cannot find \(name): no answer within \(limit)")
    }
  }

  /// Uses the system's resolver. The C function is `getaddrinfo`, which has no time limit.
  @Sendable static func system(_ name: String, _ port: Int) -> Answer {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(name, String(port), &hints, &list)
    guard code == 0 else { return .failed(code) }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      if let address = unsafe entry.pointee.ai_addr {
        unsafe addresses.append(SocketAddress(address, length: entry.pointee.ai_addrlen))
      }
      unsafe next = entry.pointee.ai_next
    }
    return .found(addresses)
  }
}

extension Duration {
  /// Whole milliseconds, rounded up, for `poll`.
  var milliseconds: Int32 {
    let (seconds, attoseconds) = max(self, .zero).components
    let rounded = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(clamping: seconds * 1000 + rounded)
  }
}
