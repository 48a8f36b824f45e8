internal import COpenSSL

/// The trust and protocol settings of a client, shared by its connections: TLS 1.2 or later, with
/// the certificate chain and the server's name verified.
@safe package final class TLSContext {
  let crypto: UnsafePointer<regctl_libcrypto>
  let ssl: UnsafePointer<regctl_libssl>
  let handle: OpaquePointer

  /// Throws if libcrypto or libssl cannot be loaded.
  package static func checkLibraries() throws(OpenSSLError) {
    _ = try unsafe OpenSSLLibrary.cryptoFunctions()
    _ = try unsafe OpenSSLLibrary.sslFunctions()
  }

  /// Trusts the authorities of a PEM file, or the system's.
  ///
  /// The corresponding C functions are `SSL_CTX_load_verify_file` and
  /// `SSL_CTX_set_default_verify_paths`.
  package init(authorities path: String?) throws(TLSError) {
    do throws(OpenSSLError) {
      unsafe crypto = try OpenSSLLibrary.cryptoFunctions()
      unsafe ssl = try OpenSSLLibrary.sslFunctions()
    } catch {
      throw .failure(reason: error.reason)
    }
    guard let handle = unsafe ssl.pointee.SSL_CTX_new(ssl.pointee.TLS_client_method()) else {
      throw .failure(reason: "libssl has no context")
    }
    unsafe self.handle = handle
    // SSL_CTX_set_mode: partial writes, which may be continued from another place in memory.
    unsafe _ = ssl.pointee.SSL_CTX_ctrl(
      handle, SSL_CTRL_MODE,
      Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
    // SSL_CTX_set_min_proto_version.
    guard
      unsafe ssl.pointee.SSL_CTX_ctrl(
        handle, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil) == 1
    else { throw .failure(reason: "libssl has no TLS 1.2") }
    unsafe ssl.pointee.SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
    if let path {
      guard unsafe ssl.pointee.SSL_CTX_load_verify_file(handle, path) == 1 else {
        unsafe crypto.pointee.ERR_clear_error()
        throw .authorities(path: path)
      }
    } else {
      unsafe _ = ssl.pointee.SSL_CTX_set_default_verify_paths(handle)
    }
  }

  deinit { unsafe ssl.pointee.SSL_CTX_free(handle) }
}
