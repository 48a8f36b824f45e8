/// Why a token does not do what it was given for.
package enum TokenError: Error, Equatable, Sendable {
  /// Nothing that one of our keys has signed.
  case invalid(Fault)
  /// Signed by us, but for something else.
  case purpose(TokenPurpose, expected: TokenPurpose)
  case expired(
    email: String, issued: Instant, expired: Instant, purpose: TokenPurpose = .confirm)
  case revoked(email: String, purpose: TokenPurpose = .confirm)
  /// The password was replaced since, by this token or otherwise.
  case used(email: String)
  case predatesAccount(email: String)
  case inFuture(seconds: Int64)

  package enum Fault: Equatable, Sendable {
    case empty, tooLong, incomplete, signature, payload
    /// It does not say which password or which request it is for.
    case unbound
  }
}
