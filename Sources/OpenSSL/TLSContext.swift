internal import COpenSSL

/// The trust and protocol settings of a client, shared by its connections: TLS 1.2 or later, with
/// the certificate chain and the server's name verified.
@safe package final class TLSContext {
  let handle: OpaquePointer

  /// Trusts the authorities of a PEM file, or the system's.
  ///
  /// The corresponding C functions are `SSL_CTX_load_verify_file` and
  /// `SSL_CTX_set_default_verify_paths`.
  package init(authorities path: String?) throws(TLSError) {
    guard let handle = unsafe regctl_SSL_CTX_new(regctl_TLS_client_method()) else {
      throw .failure(reason: "libssl has no context")
    }
    unsafe self.handle = handle
    precondition(unsafe regctl_SSL_CTX_require_tls12(handle) == 1, "libssl has no TLS 1.2")
    unsafe regctl_SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
    if let path {
      guard unsafe regctl_SSL_CTX_load_verify_file(handle, path) == 1 else {
        regctl_ERR_clear_error()
        throw .authorities(path: path)
      }
    } else {
      unsafe _ = regctl_SSL_CTX_set_default_verify_paths(handle)
    }
  }

  deinit { unsafe regctl_SSL_CTX_free(handle) }
}
