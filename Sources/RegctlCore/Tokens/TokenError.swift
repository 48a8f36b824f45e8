/// The reason why a token is not valid.
package enum TokenError: Error, Equatable, Sendable {
  /// No key signed it.
  case invalid(Fault)
  /// It was signed for another purpose.
  case purpose(TokenPurpose, expected: TokenPurpose)
  case expired(
    email: String, issued: Instant, expired: Instant, purpose: TokenPurpose = .confirm)
  case revoked(email: String, purpose: TokenPurpose = .confirm)
  /// The password was replaced after it was issued, with this token or otherwise.
  case used(email: String)
  /// The application's link for a new password, while no reset is pending.
  case noResetPending(email: String)
  case predatesAccount(email: String)
  case inFuture(seconds: Int64)
  /// It was counted from another epoch than the configured one.
  case otherEpoch(TokenEpoch)

  package enum Fault: Equatable, Sendable {
    case empty, tooLong, incomplete, signature, payload
    /// It does not say which password or request it is for.
    case unbound
  }
}
