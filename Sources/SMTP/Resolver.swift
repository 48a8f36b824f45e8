internal import Glibc

/// Looks a server's addresses up, with a time limit.
enum Resolver {
  /// The addresses of a name, in the order in which they should be tried (RFC 6724).
  ///
  /// The corresponding C function is `getaddrinfo`, which waits as long as it likes: it has a thread
  /// of its own, which is left behind when the limit is over.
  static func addresses(
    of name: String, port: Int, within limit: Duration
  ) throws(SessionFault) -> [SocketAddress] {
    if SocketAddress.isAddress(name) { return try Search(name: name, port: port).run() }
    let search = Search(name: name, port: port)
    guard search.runBeside(within: limit) else {
      throw SessionFault(.server, "cannot find \(name): no answer within \(limit)")
    }
    return try search.found()
  }
}

/// One question to the resolver.
private final class Search {
  private let name: String
  private let port: Int
  private var code: Int32 = 0
  private var addresses: [SocketAddress] = []
  private let ends: (reading: Int32, writing: Int32)

  init(name: String, port: Int) {
    self.name = name
    self.port = port
    var ends: [Int32] = [-1, -1]
    unsafe _ = pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    self.ends = (ends[0], ends[1])
  }

  deinit {
    _ = close(ends.reading)
    _ = close(ends.writing)
  }

  func run() throws(SessionFault) -> [SocketAddress] {
    ask()
    return try found()
  }

  /// Asks in another thread; whether the answer came in time.
  func runBeside(within limit: Duration) -> Bool {
    var thread = pthread_t()
    // The thread owns the search too, and lets go of it when it has its answer.
    let owned = unsafe Unmanaged.passRetained(self).toOpaque()
    let started = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let search = unsafe Unmanaged<Search>.fromOpaque(argument).takeRetainedValue()
        search.ask()
        var done: UInt8 = 1
        unsafe _ = write(search.ends.writing, &done, 1)
        return nil
      }, owned)
    guard started == 0 else {
      unsafe Unmanaged<Search>.fromOpaque(owned).release()
      ask()
      return true
    }
    _ = pthread_detach(thread)
    let deadline = ContinuousClock.now + limit
    while true {
      var waiting = pollfd(fd: ends.reading, events: Int16(POLLIN), revents: 0)
      let left = deadline - ContinuousClock.now
      if unsafe poll(&waiting, 1, left.milliseconds) > 0 { return true }
      if left <= .zero { return false }
    }
  }

  private func ask() {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    code = unsafe getaddrinfo(name, String(port), &hints, &list)
    var next = unsafe list
    while let entry = unsafe next {
      if let address = unsafe entry.pointee.ai_addr {
        unsafe addresses.append(SocketAddress(address, length: entry.pointee.ai_addrlen))
      }
      unsafe next = entry.pointee.ai_next
    }
    if let list = unsafe list { unsafe freeaddrinfo(list) }
  }

  func found() throws(SessionFault) -> [SocketAddress] {
    guard code == 0 else {
      throw SessionFault(
        .server, "cannot find \(name): \(unsafe String(cString: gai_strerror(code)))")
    }
    return addresses
  }
}

extension Duration {
  /// Whole milliseconds, rounded up, as `poll` takes them.
  var milliseconds: Int32 {
    let (seconds, attoseconds) = max(self, .zero).components
    let rounded = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(clamping: seconds * 1000 + rounded)
  }
}
