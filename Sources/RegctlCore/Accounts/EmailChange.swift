/// A confirmed account's wish for another address, which a link sent there has to confirm.
package struct EmailChange: Equatable, Sendable {
  /// The number of the request; a later one of the same account supersedes it.
  let request: Int64
  package let account: AccountID
  package let oldEmail: String
  package let newEmail: String
  let isConfirmed: Bool

  /// Whether no link may carry it out: a later one was asked for, or trust in the account renewed.
  let isVoid: Bool
}
