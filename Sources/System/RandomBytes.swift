internal import Base
internal import Glibc

/// Bytes that cannot be predicted.
package enum RandomBytes {
  /// As many random bytes as asked for, at most 256. The corresponding C function is `getentropy`.
  package static func generate(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // It has no other failure on Linux since 3.17, by its manual page.
    precondition(unsafe getentropy(&bytes, count) == 0, "at most 256 bytes")
    return bytes
  }

  /// As many random bytes as asked for, each as two hexadecimal digits.
  package static func hexadecimal(_ count: Int) -> String {
    Hexadecimal.text(of: generate(count))
  }
}
