internal import COpenSSL

/// The version of libcrypto in use.
package enum LibraryVersion {
  /// The version of the library at run time, such as `OpenSSL 3.0.19 27 Jan 2026`; `nil` when it
  /// cannot be loaded.
  package static var text: String? {
    // The error is reported by the commands that need the library.
    guard let crypto = unsafe try? OpenSSLLibrary.cryptoFunctions() else { return nil }
    return unsafe crypto.pointee.OpenSSL_version(OPENSSL_VERSION).map { unsafe String(cString: $0) }
  }
}
