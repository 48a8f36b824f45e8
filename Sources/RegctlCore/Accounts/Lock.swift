/// A lock of an account, or of every account of a domain.
package struct Lock: Equatable, Sendable {
  /// The locked domain in A-labels and lower case; `nil` for the lock of one account.
  package let domain: String?
  package let at: Instant

  /// The name of the operator.
  package let actor: String
  package let reason: String
}
