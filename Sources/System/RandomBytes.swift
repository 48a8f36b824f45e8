internal import Base
internal import Glibc

/// Cryptographically secure random bytes.
package enum RandomBytes {
  /// Random bytes, at most 256. The corresponding C function is `getentropy`.
  package static func generate(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // According to its manual page, it has no other failure on Linux since 3.17.
    precondition(unsafe getentropy(&bytes, count) == 0, "at most 256 bytes")
    return bytes
  }

  /// Random bytes, each as two hexadecimal digits.
  package static func hexadecimal(_ count: Int) -> String {
    Hexadecimal.text(of: generate(count))
  }
}
