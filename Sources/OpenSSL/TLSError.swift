/// The reason why a TLS connection failed.
package enum TLSError: Error, Equatable, Sendable {
  /// No certificate authorities could be read from a file.
  case authorities(path: String)
  /// The server's certificate is not trusted, with the reason.
  case certificate(reason: String)
  /// The connection failed for a reason other than the certificate.
  case failure(reason: String)
}
