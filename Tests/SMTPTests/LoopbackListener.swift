import Glibc
import Testing

/// A socket that listens on a free port of 127.0.0.1, or of another loopback address.
final class LoopbackListener: Sendable {
  let descriptor: Int32
  let port: Int

  init(on digits: String = "127.0.0.1", port: Int = 0, backlog: Int32 = 16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    // Inherited by accepted sockets: little is buffered for a test that does not read.
    var bufferSize: Int32 = 16_384
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bufferSize, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    inet_pton(AF_INET, digits, &address.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let port: Int? = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(descriptor, generic, length) == 0, listen(descriptor, backlog) == 0,
          getsockname(descriptor, generic, &length) == 0
        else { return nil }
        return Int(in_port_t(bigEndian: address.pointee.sin_port))
      }
    }
    self.port = try #require(port)
  }

  deinit { close(descriptor) }
}
