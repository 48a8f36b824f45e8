internal import COpenSSL

/// Bytes that nobody can predict.
package enum RandomBytes {
  /// As many random bytes as asked for, each as two hexadecimal digits.
  package static func hexadecimal(_ count: Int) -> String {
    generate(count).hexadecimal
  }

  /// As many random bytes as asked for. The corresponding C function is `RAND_bytes`.
  package static func generate(_ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let code = unsafe regctl_RAND_bytes(buffer.baseAddress, Int32(count))
      precondition(code == 1, "the operating system gives no random bytes")
      initialized = count
    }
  }
}

extension [UInt8] {
  /// The bytes as two hexadecimal digits each.
  package var hexadecimal: String {
    map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
  }
}
