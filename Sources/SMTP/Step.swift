internal import OpenSSL

/// A step of a connection to a server, reported for diagnosis.
package enum Step: Equatable, Sendable {
  /// The server's name was found, with these addresses.
  case resolved([String])
  case connected(String)
  /// TLS is in use, and the certificate was verified.
  case secured(version: String, subject: String, issuer: String, validUntil: Int64)
  /// The server answered.
  case replied(Verb, Reply)
}
