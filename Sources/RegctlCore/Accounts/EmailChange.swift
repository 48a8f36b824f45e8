/// A pending change of a confirmed account's address, to be confirmed by a link sent to the new
/// one.
package struct EmailChange: Equatable, Sendable {
  /// The number of the request; a later request of the same account replaces it.
  let request: Int64
  package let account: AccountID
  package let oldEmail: String
  package let newEmail: String
  let isConfirmed: Bool

  /// Whether the request is no longer valid: it was replaced, or the account's links were revoked.
  let isVoid: Bool
}
