internal import COpenSSL

/// Comparison whose time tells nothing about where two secrets differ.
package enum ConstantTime {
  /// Whether two byte strings are equal. The corresponding C function is `CRYPTO_memcmp`.
  ///
  /// Only their lengths may be learnt from the time it takes.
  package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    unsafe right.withUnsafeBytes { unsafe equal(left, $0) }
  }

  static func equal(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Bool {
    guard let start = right.baseAddress else { return left.isEmpty }
    return unsafe left.count == right.count && regctl_CRYPTO_memcmp(left, start, left.count) == 0
  }
}
