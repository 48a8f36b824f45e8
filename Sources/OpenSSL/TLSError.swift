/// Why a TLS connection cannot be had or used.
package enum TLSError: Error, Equatable, Sendable {
  /// No certificate authorities could be read from a file.
  case authorities(path: String)
  /// The server's certificate is not to be trusted, and why.
  case certificate(reason: String)
  /// The connection failed below or beside the certificate.
  case failure(reason: String)
}
