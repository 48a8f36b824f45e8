internal import COpenSSL

/// The version of libcrypto in use.
package enum LibraryVersion {
  /// The version of the library at run time, such as `OpenSSL 3.0.19 27 Jan 2026`.
  package static var text: String {
    unsafe String(cString: regctl_OpenSSL_version(OPENSSL_VERSION))
  }
}
