internal import COpenSSL

/// Constant-time comparison: its duration does not reveal where two secrets differ.
@safe package struct ConstantTime {
  private let crypto: UnsafePointer<regctl_libcrypto>

  /// Throws if libcrypto cannot be loaded.
  package init() throws(OpenSSLError) {
    unsafe crypto = try OpenSSLLibrary.cryptoFunctions()
  }

  /// Whether two byte strings are equal. The corresponding C function is `CRYPTO_memcmp`.
  ///
  /// The duration reveals only their lengths.
  package func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    unsafe right.withUnsafeBytes { unsafe equal(left, $0) }
  }

  func equal(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Bool {
    guard let start = right.baseAddress else { return left.isEmpty }
    return unsafe left.count == right.count
      && crypto.pointee.CRYPTO_memcmp(left, start, left.count) == 0
  }
}
