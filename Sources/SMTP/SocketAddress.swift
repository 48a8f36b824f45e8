internal import Glibc

/// An Internet address and a port.
struct SocketAddress: Equatable, Sendable {
  let family: Int32
  private let bytes: [UInt8]

  /// Copies the bytes of a `sockaddr`.
  init(_ pointer: UnsafePointer<sockaddr>, length: socklen_t) {
    family = unsafe Int32(pointer.pointee.sa_family)
    bytes = unsafe Array(UnsafeRawBufferPointer(start: pointer, count: Int(length)))
  }

  /// The local address of a connected socket.
  init?(localEndOf descriptor: Int32) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let found = unsafe withUnsafeMutablePointer(to: &storage) { storage in
      unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe getsockname(descriptor, pointer, &length) == 0
          ? SocketAddress(pointer, length: length) : nil
      }
    }
    guard let found else { return nil }
    self = found
  }

  /// Starts connecting a socket. The corresponding C function is `connect`.
  func connect(_ descriptor: Int32) -> Int32 {
    unsafe bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return -1 }
      return unsafe Glibc.connect(
        descriptor, start.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  /// The four or sixteen bytes of the address itself.
  private var address: ArraySlice<UInt8> { family == AF_INET6 ? bytes[8..<24] : bytes[4..<8] }

  /// Whether this is a loopback address: 127.0.0.0/8, also IPv4-mapped, or ::1.
  var isLoopback: Bool {
    let address = Array(address)
    if family == AF_INET { return address[0] == 127 }
    if address.dropLast().allSatisfy({ $0 == 0 }) { return address.last == 1 }
    return address.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] && address[12] == 127
  }

  /// The numeric address. The corresponding C function is `inet_ntop`.
  var text: String {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    return unsafe address.withUnsafeBytes { address in
      guard
        let text = unsafe inet_ntop(
          family, address.baseAddress, &buffer, socklen_t(INET6_ADDRSTRLEN))
      else { return "" }
      return unsafe String(cString: text)
    }
  }

  /// The address literal for EHLO (RFC 5321, section 4.1.3).
  var literal: String { family == AF_INET6 ? "[IPv6:\(text)]" : "[\(text)]" }

  /// Whether a numeric address is a loopback address.
  static func isLoopback(_ name: String) -> Bool {
    name.hasPrefix("127.") || name == "::1" || name.hasPrefix("::ffff:127.")
  }

  /// Whether a name is a numeric address.
  static func isAddress(_ name: String) -> Bool {
    var buffer = in6_addr()
    return unsafe inet_pton(AF_INET, name, &buffer) == 1 || inet_pton(AF_INET6, name, &buffer) == 1
  }
}
